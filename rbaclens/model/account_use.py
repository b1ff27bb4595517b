"""Who uses a service account, besides the pods that there are."""

from __future__ import annotations

import msgspec

from rbaclens.model.location import Origin


class AccountUse(msgspec.Struct, frozen=True):
    """A workload whose pods run under a service account, or (``kind`` Secret) a token of one that does not expire."""

    namespace: str
    account: str
    kind: str
    name: str
    origin: Origin
