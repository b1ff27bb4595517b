"""The API server's own policy, told apart by what it says: a name alone tells nothing."""

from __future__ import annotations

from rbaclens.model.objects import Binding, Role
from rbaclens.model.policy import PolicySet


class Shipped:
    """What every cluster has: the roles and the grants of the bootstrap policy, and ``installed`` ones of the same kind."""

    def __init__(self, bootstrap: PolicySet, installed: tuple[Binding, ...] = ()) -> None:
        self._roles = {(role.kind, role.namespace, role.name): role for role in bootstrap.roles}
        self._pairs = frozenset(
            (binding.namespace, binding.role_ref, subject.kind, subject.name, subject.namespace)
            for binding in (*bootstrap.bindings, *installed)
            for subject in binding.subjects
        )
        self._accounts = frozenset(
            (subject.namespace, subject.name)
            for binding in bootstrap.bindings
            for subject in binding.subjects
            if subject.kind == "ServiceAccount"
        )
        self._idle = frozenset((one.kind, one.name, one.role_ref) for one in bootstrap.bindings if not one.subjects)

    def role_like(self, role: Role) -> Role | None:
        """The API server's own role of the same kind, namespace and name."""
        return self._roles.get((role.kind, role.namespace, role.name))

    def is_role(self, role: Role) -> bool:
        """Whether a role says what the API server's own of its name says."""
        shipped = self.role_like(role)
        if shipped is None:
            return False
        return shipped is role or set(shipped.rules) == set(role.rules)

    def is_binding(self, binding: Binding) -> bool:
        """Whether every subject of a binding has this role on every cluster."""
        return all(self.is_pair(binding, position) for position in range(len(binding.subjects)))

    def is_idle(self, binding: Binding) -> bool:
        """Whether it is one of the bindings without subjects that every cluster has."""
        return not binding.subjects and (binding.kind, binding.name, binding.role_ref) in self._idle

    def is_pair(self, binding: Binding, position: int) -> bool:
        """Whether the API server itself gives this role to this subject, in this place."""
        subject = binding.subjects[position]
        place = subject.namespace or (binding.namespace if subject.kind == "ServiceAccount" else "")
        return (binding.namespace, binding.role_ref, subject.kind, subject.name, place) in self._pairs

    def names_account(self, namespace: str, name: str) -> bool:
        """Whether the API server's own policy grants something to this service account."""
        return (namespace, name) in self._accounts
