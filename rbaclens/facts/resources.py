"""The API resources that Kubernetes 1.36 serves, in the order of the server's own discovery."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from rbaclens.model.resources import ApiResource


@cache
def api_resources() -> tuple[ApiResource, ...]:
    """Every built-in resource in every served version, core group first; read once.

    The order matters: a name that several groups serve means the first of them, as in kubectl.
    """
    data = Path(__file__).with_name("api-resources.json").read_bytes()
    return msgspec.json.decode(data, type=tuple[ApiResource, ...])
