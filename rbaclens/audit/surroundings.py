"""What an audit may be told beside the policy and the authorizers."""

from __future__ import annotations

import msgspec

from rbaclens.analysis.usage import Usage
from rbaclens.model.anonymous import AnonymousAccess
from rbaclens.model.identities import Identities


class Surroundings(msgspec.Struct, frozen=True):
    """Who there is, whom the API server lets in without credentials, and what was used. Of what is ``None`` nothing is known."""

    identities: Identities | None = None
    anonymous: AnonymousAccess | None = None
    usage: Usage | None = None
