"""PolicySet to an index by subject: who is bound to what, where.

The cost of a decision depends on the bindings that name the user or one of the groups, and on nothing else. Nothing is
interpreted here: whether a rule matches is asked of ``authorizers.matching``, and only the answer is kept.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable
from functools import cached_property

from rbaclens.authorizers.matching import group_matches, name_matches, resource_entries, rule_allows, verb_matches
from rbaclens.authorizers.rbac import RoleKey, role_key, subject_user
from rbaclens.index.sieve import EVERYTHING, NOTHING, rules_sieve
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.request import Request


class CompiledRole:
    """A role whose rules are found by what their ``resources`` list holds."""

    __slots__ = ("_by_entry", "role", "rules", "sieve")

    def __init__(self, role: Role) -> None:
        self.become(role)

    def become(self, role: Role) -> None:
        """Stand for ``role`` from now on, wherever this is held."""
        self.role = role
        self.rules = role.rules
        self.sieve = 0  # not made yet
        self._by_entry: dict[str, int] | None = None

    def make_sieve(self) -> int:
        """The sieve of the rules; kept in ``sieve``, which is zero before."""
        self.sieve = rules_sieve(self.rules)
        return self.sieve

    def allowing(self, request: Request) -> list[int]:
        """The rules that allow ``request``, in order."""
        rules = self.rules
        if request.path is not None:
            return [i for i, rule in enumerate(rules) if rule.non_resource_urls and rule_allows(rule, request)]
        by_entry = self._by_entry
        if by_entry is None:
            by_entry = self._by_entry = self._tabulate()
        left = 0  # a bit for each rule that is still to be looked at
        for entry in resource_entries(request.resource, request.subresource):
            if entry in by_entry:
                left |= by_entry[entry]
        found: list[int] = []
        while left:
            index = (left & -left).bit_length() - 1
            left &= left - 1
            rule = rules[index]
            if (
                verb_matches(rule.verbs, request.verb)
                and group_matches(rule.api_groups, request.api_group)
                and name_matches(rule.resource_names, request.name)
            ):
                found.append(index)
        return found

    def _tabulate(self) -> dict[str, int]:
        """Each entry of the ``resources`` lists with the rules that have it: bit i stands for rule number i."""
        by_entry: dict[str, int] = {}
        for index, rule in enumerate(self.rules):
            for entry in rule.resources:
                by_entry[entry] = by_entry.get(entry, 0) | 1 << index
        return by_entry


class Bound:
    """One subject of one binding, with the binding's role (``None``: not to be found)."""

    __slots__ = ("binding", "position", "role")

    def __init__(self, binding: Binding, position: int, role: CompiledRole | None) -> None:
        self.binding = binding
        self.position = position
        self.role = role

    @property
    def subject(self) -> Subject:
        """The subject, as written."""
        return self.binding.subjects[self.position]

    @property
    def order(self) -> tuple[bool, str, int]:
        """Our documented order (RBAC-27): ClusterRoleBindings first, each kind by name, then the first subject (RBAC-21)."""
        return self.binding.namespace != "", self.binding.name, self.position

    @property
    def sieve(self) -> int:
        """The sieve of the role; that a role is not to be found concerns every request."""
        role = self.role
        return EVERYTHING if role is None else role.sieve or role.make_sieve()


_NONE: list[Bound] = []  # of all who hold nothing everywhere: replaced, never changed


class Holdings:
    """What one user name or one group holds: everywhere, and namespace by namespace."""

    __slots__ = ("cluster", "local", "sieve")

    def __init__(self) -> None:
        self.cluster = _NONE
        self.local: dict[str, list[Bound]] = {}
        self.sieve = 0  # not made yet

    def make_sieve(self) -> int:
        """The sieve of all that is held everywhere; kept in ``sieve``, which is zero before, and again when something changes."""
        found = NOTHING
        for bound in self.cluster:
            found |= bound.sieve
        self.sieve = found
        return found

    def at(self, namespace: str) -> list[Bound]:
        """The list to add to for a binding in ``namespace`` (empty: a ClusterRoleBinding)."""
        found = self.local.get(namespace) if namespace else self.cluster
        if not found:
            found = []
            if namespace:
                self.local[namespace] = found
            else:
                self.cluster = found
        return found

    def within(self, namespace: str) -> list[Bound]:
        """The holdings that count for a request in ``namespace`` (RBAC-27); empty: the cluster scope."""
        local = self.local.get(namespace) if namespace else None
        return self.cluster + local if local else self.cluster


class SubjectIndex:
    """Every binding, under each user name and group that its subjects stand for, and under its role.

    Each form is made when it is first asked for: decisions need the one, "who can" the other.
    """

    def __init__(self, roles: Iterable[Role], bindings: Iterable[Binding]) -> None:
        self.roles: dict[RoleKey, CompiledRole] = {(role.kind, role.namespace, role.name): CompiledRole(role) for role in roles}
        self.bindings = tuple(bindings)

    def with_bindings(self, bindings: Iterable[Binding]) -> SubjectIndex:
        """The index of other bindings to the same roles, which are not compiled again."""
        found = SubjectIndex((), bindings)
        found.roles = self.roles
        return found

    @cached_property
    def users(self) -> dict[str, Holdings]:
        """User name to what it holds."""
        return self._by_subject[0]

    @cached_property
    def groups(self) -> dict[str, Holdings]:
        """Group to what it holds."""
        return self._by_subject[1]

    def prepare(self) -> None:
        """Make the form that decisions need."""
        self.users, self.groups  # noqa: B018
        for role in self.roles.values():
            role.make_sieve()

    def by_role(self) -> ItemsView[CompiledRole, list[Binding]]:
        """Every bound role with the bindings that grant it; bindings of roles that are not there are left out."""
        return self.bindings_by_role.items()

    @cached_property
    def bindings_by_role(self) -> dict[CompiledRole, list[Binding]]:
        """Every bound role with the bindings that grant it."""
        found: dict[CompiledRole, list[Binding]] = {}
        for binding in self.bindings:
            role = self.role_of(binding)
            if role is not None:
                found.setdefault(role, []).append(binding)
        return found

    def role_of(self, binding: Binding) -> CompiledRole | None:
        """The role that ``binding`` refers to, if it is there (RBAC-31)."""
        key = role_key(binding)
        return self.roles.get(key) if key else None

    def holdings(self, user: str, groups: tuple[str, ...]) -> list[Holdings]:
        """The holdings of a user and of all their groups; a group given twice counts once."""
        found = [self.users[user]] if user in self.users else []
        found.extend(self.groups[group] for group in dict.fromkeys(groups) if group in self.groups)
        return found

    @cached_property
    def _by_subject(self) -> tuple[dict[str, Holdings], dict[str, Holdings]]:
        users: dict[str, Holdings] = {}
        groups: dict[str, Holdings] = {}
        for binding in self.bindings:
            role = self.role_of(binding)
            namespace = binding.namespace
            for position, subject in enumerate(binding.subjects):
                if subject.kind == "Group":
                    table, name = groups, subject.name
                else:
                    user = subject_user(subject, namespace)
                    if user is None:
                        continue
                    table, name = users, user
                holdings = table.get(name)
                if holdings is None:
                    holdings = table[name] = Holdings()
                held = holdings.at(namespace)
                # INVARIANT: of one binding, a user name or group keeps the first subject only, as the server does (RBAC-21).
                if not held or held[-1].binding is not binding:
                    held.append(Bound(binding, position, role))
        return users, groups
