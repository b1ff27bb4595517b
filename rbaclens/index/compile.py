"""PolicySet to an index by subject: who is bound to what, where.

The cost of a decision depends on the bindings that name the user or one of the groups, and on nothing else. Nothing is
interpreted here: whether a rule matches is asked of ``authorizers.matching``, and only the answer is kept.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Sequence
from functools import cached_property

from rbaclens.authorizers.matching import ALL, group_matches, name_matches, resource_entries, rule_allows, verb_matches
from rbaclens.authorizers.rbac import RoleKey, role_key, subject_user
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

REMEMBERED_WANTS = 10_000
"""A cluster knows a few thousand wants; beyond that somebody asks about anything at all, and memory must not grow with it."""


WantKey = tuple[str, str, str, str]
"""Verb, group, resource and subresource."""


class Want:
    """What a request wants, apart from the object's name. One instance for equal wants, so that it is a quick key."""

    __slots__ = ("entries", "group", "sieve", "verb")

    def __init__(self, verb: str, group: str, resource: str, subresource: str) -> None:
        self.verb = verb
        self.group = group
        self.entries = resource_entries(resource, subresource)
        # A role that names a star has every bit, so that the star need not be among these; who asks for a star itself meets all.
        self.sieve = _sieve(entry for entry in self.entries if entry != ALL) or -1


def _sieve(entries: Iterable[str]) -> int:
    """A set of 60 bits: entries whose sets have no bit in common have no entry in common.

    Most roles that somebody holds in a namespace say nothing about the resource asked for. One small number tells, where going
    through a role's rules would read many strings that lie far apart in memory.
    """
    found = 0
    for entry in entries:
        found |= 1 << (hash(entry) % 60)
    return found


def _wanted(rule: PolicyRule, want: Want) -> bool:
    return verb_matches(rule.verbs, want.verb) and group_matches(rule.api_groups, want.group)


def _among(resources: Sequence[str], want: Want) -> bool:
    return any(entry in resources for entry in want.entries)


class CompiledRole:
    """A role whose rules are found by what their ``resources`` list holds."""

    __slots__ = ("_asked", "_by_entry", "known_sieve", "role", "rules")

    def __init__(self, role: Role) -> None:
        self.become(role)

    def become(self, role: Role) -> None:
        """Stand for ``role`` from now on, wherever this is held."""
        self.role = role
        self.rules = role.rules
        self._by_entry: dict[str, list[int]] | None = None
        self.known_sieve = 0
        self._asked = False

    def sieve(self) -> int:
        """The sieve of all that the rules name, with every bit where one of them names a star; kept in ``known_sieve``."""
        entries = {entry for rule in self.rules for entry in rule.resources}
        # Without any resource the sieve would look as if it were not known yet.
        self.known_sieve = -1 if ALL in entries or not entries else _sieve(entries)
        return self.known_sieve

    def concerned(self, want: Want) -> Sequence[int]:
        """The rules that match but for the object's name, in order."""
        by_entry = self._by_entry
        if by_entry is None:
            if not self._asked:
                # Many roles are asked about once: looking through their rules costs less than a table of them.
                self._asked = True
                return [i for i, rule in enumerate(self.rules) if _among(rule.resources, want) and _wanted(rule, want)]
            by_entry = self._by_entry = self._tabulate()
        found: list[int] | None = None
        for entry in want.entries:
            if entry in by_entry:
                found = by_entry[entry] if found is None else sorted({*found, *by_entry[entry]})
        if found is None:
            return ()
        rules = self.rules
        return [i for i in found if _wanted(rules[i], want)]

    def _tabulate(self) -> dict[str, list[int]]:
        by_entry: dict[str, list[int]] = {}
        for index, rule in enumerate(self.rules):
            for entry in dict.fromkeys(rule.resources):
                by_entry.setdefault(entry, []).append(index)
        return by_entry

    def allowing(self, request: Request, want: Want) -> list[int]:
        """The rules that allow ``request``, whose want is ``want``, in order."""
        if request.path is not None:
            return self.allowing_path(request)
        rules = self.rules
        return [i for i in self.concerned(want) if name_matches(rules[i].resource_names, request.name)]

    def allowing_path(self, request: Request) -> list[int]:
        """The rules that allow a non-resource request, in order."""
        return [i for i, rule in enumerate(self.rules) if rule.non_resource_urls and rule_allows(rule, request)]


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


Hit = tuple[Bound, Sequence[int]]
"""A bound subject and the rules of its role that match but for the object's name; no rules: the role is not to be found."""


def hits(bounds: list[Bound], want: Want) -> list[Hit]:
    """Which of ``bounds`` concern ``want``, and those whose role is not to be found."""
    found: list[Hit] = []
    sieve = want.sieve
    for bound in bounds:
        role = bound.role
        if role is None:
            found.append((bound, ()))
        elif (role.known_sieve or role.sieve()) & sieve and (rules := role.concerned(want)):
            found.append((bound, rules))
    return found


class Holdings:
    """What one user name or one group holds: everywhere, and namespace by namespace."""

    __slots__ = ("cluster", "local", "memo")

    def __init__(self) -> None:
        self.cluster: list[Bound] = []
        self.local: dict[str, list[Bound]] = {}
        self.memo: dict[Want, tuple[Hit, ...]] = {}

    def everywhere(self, want: Want) -> tuple[Hit, ...]:
        """The cluster-wide holdings that concern ``want``; remembered."""
        found = self.memo[want] = tuple(hits(self.cluster, want))
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
        self.wants: dict[WantKey, Want] = {}

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

    def want(self, request: Request) -> Want:
        """The one instance for what ``request`` wants."""
        key = (request.verb, request.api_group, request.resource, request.subresource)
        return self.wants.get(key) or self.new_want(key)

    def new_want(self, key: WantKey) -> Want:
        """The instance for a want that is not known yet."""
        if len(self.wants) >= REMEMBERED_WANTS:
            self._forget()
        want = self.wants[key] = Want(*key)
        return want

    def holdings(self, user: str, groups: tuple[str, ...]) -> list[Holdings]:
        """The holdings of a user and of all their groups; a group given twice counts once."""
        found = [self.users[user]] if user in self.users else []
        found.extend(self.groups[group] for group in dict.fromkeys(groups) if group in self.groups)
        return found

    def _forget(self) -> None:
        self.wants.clear()
        for table in (self.users, self.groups):
            for holdings in table.values():
                holdings.memo.clear()

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
                held = holdings.local.setdefault(namespace, []) if namespace else holdings.cluster
                # INVARIANT: of one binding, a user name or group keeps the first subject only, as the server does (RBAC-21).
                if not held or held[-1].binding is not binding:
                    held.append(Bound(binding, position, role))
        return users, groups
