"""Changes to a ``SubjectIndex`` in place: each costs what it touches, never the whole cluster.

``tests/index`` holds an index that was edited equal to one made afresh.
"""

from __future__ import annotations

from rbaclens.authorizers.rbac import RoleKey, role_key, subject_user
from rbaclens.index.compile import Bound, CompiledRole, Holdings, SubjectIndex
from rbaclens.model.objects import Binding, Role

Principal = tuple[bool, str]
"""Whether it is a group, and the group's or user's name."""


def principals(binding: Binding) -> dict[Principal, int]:
    """Each user name and group that the binding names, with the number of the first subject that does (RBAC-21)."""
    found: dict[Principal, int] = {}
    for position, subject in enumerate(binding.subjects):
        is_group = subject.kind == "Group"
        name = subject.name if is_group else subject_user(subject, binding.namespace)
        if name is not None:
            found.setdefault((is_group, name), position)
    return found


class IndexEditor:
    """Adds, replaces and removes roles and bindings of an index, whose ``bindings`` tuple is left to the caller."""

    def __init__(self, index: SubjectIndex) -> None:
        index.prepare()
        self._index = index
        self._by_role = index.bindings_by_role
        self._dangling: dict[RoleKey, list[Binding]] = {}
        for binding in index.bindings:
            key = role_key(binding)
            if key is not None and key not in index.roles:
                self._dangling.setdefault(key, []).append(binding)

    def bindings_of(self, key: RoleKey) -> list[Binding]:
        """The bindings that refer to a role, whether it is there or not."""
        role = self._index.roles.get(key)
        return self._dangling.get(key, []) if role is None else self._by_role.get(role, [])

    def put_role(self, role: Role) -> None:
        """Add a role, or replace the one of its name."""
        key = (role.kind, role.namespace, role.name)
        compiled = self._index.roles.get(key)
        if compiled is None:
            compiled = self._index.roles[key] = CompiledRole(role)
            if bindings := self._dangling.pop(key, None):
                self._by_role[compiled] = bindings
                self._refer(bindings, compiled)
        else:
            compiled.become(role)
            self._refer(self.bindings_of(key), compiled)

    def remove_role(self, key: RoleKey) -> None:
        """Remove a role; its bindings stay and lead nowhere (RBAC-31)."""
        compiled = self._index.roles.pop(key)
        if bindings := self._by_role.pop(compiled, None):
            self._dangling[key] = bindings
            self._refer(bindings, None)

    def add(self, binding: Binding) -> None:
        """Add a binding; there must be none of its name."""
        key = role_key(binding)
        role = self._index.roles.get(key) if key else None
        if role is not None:
            self._by_role.setdefault(role, []).append(binding)
        elif key is not None:
            self._dangling.setdefault(key, []).append(binding)
        for (is_group, name), position in principals(binding).items():
            table = self._table(is_group)
            holdings = table.get(name)
            if holdings is None:
                holdings = table[name] = Holdings()
            holdings.at(binding.namespace).append(Bound(binding, position, role))
            holdings.sieve = 0

    def remove(self, binding: Binding) -> None:
        """Remove a binding, which must be the very one that the index holds."""
        self._forget_reference(binding)
        for is_group, name in principals(binding):
            table = self._table(is_group)
            holdings = table[name]
            if binding.namespace:
                rest = [bound for bound in holdings.local[binding.namespace] if bound.binding is not binding]
                if rest:
                    holdings.local[binding.namespace] = rest
                else:
                    del holdings.local[binding.namespace]
            else:
                holdings.cluster = [bound for bound in holdings.cluster if bound.binding is not binding]
                holdings.sieve = 0
            if not holdings.cluster and not holdings.local:
                del table[name]

    def _forget_reference(self, binding: Binding) -> None:
        key = role_key(binding)
        if key is None:
            return
        bindings = self.bindings_of(key)
        del bindings[next(number for number, one in enumerate(bindings) if one is binding)]
        if not bindings:
            role = self._index.roles.get(key)
            if role is None:
                del self._dangling[key]
            else:
                del self._by_role[role]

    def _refer(self, bindings: list[Binding], role: CompiledRole | None) -> None:
        """Lead the bounds of ``bindings`` to another role, or to one that has changed."""
        for binding in bindings:
            for is_group, name in principals(binding):
                holdings = self._table(is_group)[name]
                holdings.sieve = 0
                for bound in holdings.local[binding.namespace] if binding.namespace else holdings.cluster:
                    if bound.binding is binding:
                        bound.role = role

    def _table(self, is_group: bool) -> dict[str, Holdings]:
        return self._index.groups if is_group else self._index.users
