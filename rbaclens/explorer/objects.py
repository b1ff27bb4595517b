"""Roles, bindings, ABAC lines and names as rows of the document; every string in them is a number of its table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbaclens.analysis.shipped import Shipped
from rbaclens.authorizers.rbac import RoleKey, role_key
from rbaclens.explorer.table import Tables
from rbaclens.index.lookup import find_roles
from rbaclens.model.objects import Binding, Role
from rbaclens.model.policy import PolicySet
from rbaclens.model.resources import ApiResource

Row = list[object]


class Objects:
    """The roles and bindings of a policy in the order of the document, and the number of each in it."""

    def __init__(self, policy: PolicySet, tables: Tables, shipped: Shipped) -> None:
        self._policy = policy
        self._tables = tables
        self._shipped = shipped
        self._entries = find_roles(policy)
        self.roles: dict[RoleKey, int] = {_key(entry.role): number for number, entry in enumerate(self._entries)}
        # INVARIANT: the documented order of grants (RBAC-27), so that the page need not sort: ClusterRoleBindings first, then by name.
        self._bindings = sorted(policy.bindings, key=lambda one: (one.namespace != "", one.name, one.namespace))
        self.bindings: dict[tuple[str, str], int] = {(one.namespace, one.name): number for number, one in enumerate(self._bindings)}
        self.lines = {id(line): number for number, line in enumerate(policy.abac or ())}

    def data(self) -> dict[str, list[Row]]:
        """The rows by table."""
        return {
            "roles": [self._role(entry.role, entry.gathered_from) for entry in self._entries],
            "bindings": [self._binding(binding) for binding in self._bindings],
            "abac": list(self._abac()),
            "namespaces": list(self._namespaces()),
            "accounts": [
                [self._s(one.namespace), self._s(one.name), *self._tables.place(one.origin)] for one in self._policy.service_accounts
            ],
            "nodes": [[self._s(one.name), *self._tables.place(one.origin)] for one in self._policy.nodes],
        }

    def _s(self, text: str) -> int:
        return self._tables.strings(text)

    def _role(self, role: Role, gathered_from: tuple[str, ...]) -> Row:
        """Namespace, name, place, whether every cluster has it, rules, the place of each, roles that it is gathered from."""
        tables = self._tables
        rules = [tables.rule(rule) for rule in role.rules]
        places = [number for index in range(len(role.rules)) for number in tables.place(role.rule_origin(index))]
        sources = [self.roles["ClusterRole", "", name] for name in gathered_from]
        # A rule of an aggregated role was written in another one.
        written = [self.roles.get(_key(source.role), -1) for source in role.gathered]
        shipped = int(self._shipped.is_role(role))
        aggregates = int(role.aggregation is not None)
        where = tables.place(role.origin)
        return [self._s(role.namespace), self._s(role.name), *where, shipped, rules, places, sources, written, aggregates]

    def _binding(self, binding: Binding) -> Row:
        """Namespace, name, place, whether every cluster has it, kind and name of the role, its number or -1, subjects."""
        ref = binding.role_ref
        key = role_key(binding)
        number = self.roles.get(key, -1) if key else -1
        subjects = [self._s(text) for one in binding.subjects for text in (one.kind, one.name, one.namespace)]
        head = [self._s(binding.namespace), self._s(binding.name), *self._tables.place(binding.origin)]
        return [*head, int(self._shipped.is_binding(binding)), self._s(ref.kind), self._s(ref.name), number, subjects]

    def _abac(self) -> Iterator[Row]:
        for line in self._policy.abac or ():
            texts = (line.user, line.group, line.api_group, line.resource, line.namespace, line.non_resource_path, line.written)
            yield [int(line.readonly), *(self._s(text) for text in texts), *self._tables.place(line.origin)]

    def _namespaces(self) -> Iterator[Row]:
        """Every namespace that the policy has or names, with its place where it is an object."""
        policy = self._policy
        known = {one.name: one.origin for one in policy.namespaces}
        named = {role.namespace for role in policy.roles} | {binding.namespace for binding in policy.bindings}
        named |= {account.namespace for account in policy.service_accounts}
        named |= {line.namespace for line in policy.abac or () if line.namespace != "*"}
        for name in sorted((known.keys() | named) - {""}):
            yield [self._s(name), *self._tables.place(known.get(name))]


def _key(role: Role) -> RoleKey:
    return role.kind, role.namespace, role.name


def resource_rows(resources: Iterable[ApiResource], tables: Tables) -> list[Row]:
    """What the API serves: group, resource, whether it is in namespaces, verbs, short names, subresources with their verbs."""
    seen: set[tuple[str, str]] = set()
    rows: list[Row] = []
    for one in resources:
        if (one.group, one.resource) in seen:
            continue
        seen.add((one.group, one.resource))
        parts = [number for sub in one.subresources for number in (tables.strings(sub.name), tables.list(sub.verbs))]
        names = tables.list((*one.short_names, one.kind, one.singular))
        rows.append([tables.strings(one.group), tables.strings(one.resource), int(one.namespaced), tables.list(one.verbs), names, parts])
    return rows


def identity_rows(identities: Mapping[str, Iterable[str]], tables: Tables) -> list[Row]:
    """Users whose groups are known, with these groups."""
    return [[tables.strings(user), tables.list(groups)] for user, groups in identities.items()]
