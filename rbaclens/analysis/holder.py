"""Who holds something, and where: the words that findings and graphs share."""

from __future__ import annotations

import msgspec

from rbaclens.authorizers.rbac import subject_user
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.identity import NODE_PREFIX, parse_service_account

Grant = RbacGrant | AbacGrant

EVERYWHERE = "*"
"""The scope of what holds in the whole cluster."""


class Principal(msgspec.Struct, frozen=True, order=True):
    """Somebody: ``kind`` is User, Group, ServiceAccount or Node; ``name`` is ``namespace/name`` for a service account."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{_SHORT[self.kind]}:{self.name}"

    @classmethod
    def of_user(cls, user: str) -> Principal:
        """The principal of a user name."""
        account = parse_service_account(user)
        if account:
            return cls("ServiceAccount", "/".join(account))
        return cls("Node", user.removeprefix(NODE_PREFIX)) if user.startswith(NODE_PREFIX) else cls("User", user)

    @classmethod
    def of_group(cls, group: str) -> Principal:
        """The principal that stands for any member of a group."""
        return cls("Group", group)


_SHORT = {"User": "user", "Group": "group", "ServiceAccount": "sa", "Node": "node"}


def principal_of(grant: Grant) -> Principal | None:
    """Whom a grant names."""
    if isinstance(grant, AbacGrant):
        line = grant.policy
        return Principal.of_user(line.user) if line.user else Principal.of_group(line.group)
    if grant.subject.kind == "Group":
        return Principal.of_group(grant.subject.name)
    user = subject_user(grant.subject, grant.binding.namespace)
    return Principal.of_user(user) if user else None
