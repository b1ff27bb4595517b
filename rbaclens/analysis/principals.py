"""Whom to ask about: the user or group that a grant names, as the identity of a request."""

from __future__ import annotations

import msgspec

from rbaclens.authorizers.rbac import subject_user
from rbaclens.model.identity import ANONYMOUS, MASTERS, UNAUTHENTICATED, implied_groups
from rbaclens.model.objects import Binding, Subject

STAND_IN = "rbaclens-verify"
"""The user name for "somebody in this group": nobody's, so that it adds no rights."""


class Principal(msgspec.Struct, frozen=True, order=True):
    """A user name (service accounts and nodes included) or a group that policy names."""

    name: str
    is_group: bool = False

    def alone(self) -> tuple[str, tuple[str, ...]]:
        """User and groups for an access review that shows this principal's grants and nobody else's."""
        return ("", (self.name,)) if self.is_group else (self.name, ())

    def real(self) -> tuple[str, tuple[str, ...]]:
        """User and groups as authentication, or impersonation, completes them (ATTR-14 to ATTR-16, ESC-43)."""
        if self.name == UNAUTHENTICATED and self.is_group:
            return ANONYMOUS, (UNAUTHENTICATED,)
        if self.is_group:
            return STAND_IN, implied_groups(STAND_IN, (self.name,))
        return self.name, implied_groups(self.name)


def principal_of(subject: Subject, binding: Binding) -> Principal | None:
    """The principal that a binding's subject stands for; ``None``: nobody, or those who may do everything anyway (ATTR-25)."""
    if subject.kind == "Group":
        return Principal(subject.name, True) if subject.name and subject.name != MASTERS else None
    user = subject_user(subject, binding.namespace)
    return Principal(user) if user else None
