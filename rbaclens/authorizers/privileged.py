"""The privileged group, first in every chain of the API server (ATTR-25)."""

from __future__ import annotations

from rbaclens.model.decision import NOTHING, GroupGrant, Opinion, Verdict
from rbaclens.model.identity import MASTERS
from rbaclens.model.request import Request

NAME = "privileged group"
_ALLOW = Opinion(Verdict.ALLOW, NAME, evidence=GroupGrant(MASTERS))


class PrivilegedGroup:
    """Allows members of ``system:masters`` everything."""

    name = NAME

    def authorize(self, request: Request) -> Opinion:
        """Allow a member; no opinion on everybody else."""
        return _ALLOW if MASTERS in request.groups else NOTHING
