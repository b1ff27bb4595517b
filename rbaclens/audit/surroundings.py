"""What an audit may be told beside the policy and the authorizers."""

from __future__ import annotations

import msgspec

from rbaclens.model.anonymous import AnonymousAccess
from rbaclens.model.identities import Identities


class Surroundings(msgspec.Struct, frozen=True):
    """Who there is, and whom the API server lets in without credentials. Of what is ``None`` nothing is known."""

    identities: Identities | None = None
    anonymous: AnonymousAccess | None = None
