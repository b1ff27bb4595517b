"""What an authorizer is."""

from __future__ import annotations

from typing import Protocol

from rbaclens.model.decision import Opinion
from rbaclens.model.request import Request


class Authorizer(Protocol):
    """One module of the chain. A plain method: request in, opinion out; it never raises on any request."""

    @property
    def name(self) -> str:
        """The name that a person knows it by: ``rbac``, ``node``, a webhook's name."""
        ...

    def authorize(self, request: Request) -> Opinion:
        """The module's opinion on ``request`` (ATTR-22)."""
        ...
