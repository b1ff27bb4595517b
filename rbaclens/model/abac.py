"""One line of an ABAC file, after conversion to the internal form (ABAC-12 to ABAC-15)."""

from __future__ import annotations

import msgspec

from rbaclens.model.location import Origin


class AbacPolicy(msgspec.Struct, frozen=True):
    """An ABAC policy. ``line`` is its line in the file, from 1; ``version`` the format that the line was read as.

    ``written`` is the line as it stands in the file, for evidence.
    """

    origin: Origin
    line: int
    user: str = ""
    group: str = ""
    readonly: bool = False
    api_group: str = ""
    resource: str = ""
    namespace: str = ""
    non_resource_path: str = ""
    version: str = "v1beta1"
    written: str = ""
