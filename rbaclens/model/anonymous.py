"""Whom the API server lets in without credentials (ATTR-14)."""

from __future__ import annotations

import msgspec


class AnonymousAccess(msgspec.Struct, frozen=True):
    """Whether requests without credentials are taken as anonymous ones, and on which paths (none: on all of them).

    ``file`` is the configuration that says so, empty where a flag does.
    """

    enabled: bool
    paths: tuple[str, ...] = ()
    file: str = ""
