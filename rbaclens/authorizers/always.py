"""AlwaysAllow and AlwaysDeny (ATTR-26, ATTR-27)."""

from __future__ import annotations

from rbaclens.model.decision import AlwaysGrant, Opinion, Verdict
from rbaclens.model.request import Request

_ALLOW = Opinion(Verdict.ALLOW, "alwaysallow", evidence=AlwaysGrant())
_FORBIDDEN = Opinion(Verdict.NO_OPINION, "alwaysdeny", "Everything is forbidden.")


class AlwaysAllow:
    """Allows every request."""

    name = "alwaysallow"

    def authorize(self, request: Request) -> Opinion:
        """Allow."""
        return _ALLOW


class AlwaysDeny:
    """Despite its name it has no opinion: a later authorizer may still allow (ATTR-27)."""

    name = "alwaysdeny"

    def authorize(self, request: Request) -> Opinion:
        """No opinion, with the server's reason."""
        return _FORBIDDEN
