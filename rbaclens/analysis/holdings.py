"""What everybody holds, as sets of atoms: by each grant, and together with the groups that somebody is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rbaclens.analysis.atom_table import AtomTable, counts_everywhere
from rbaclens.analysis.holder import EVERYWHERE, Grant
from rbaclens.analysis.shipped import Shipped
from rbaclens.authorizers.abac import policy_touches, subject_matches
from rbaclens.authorizers.matching import rule_touches
from rbaclens.index.compile import Bound, CompiledRole, Holdings
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.identity import AUTHENTICATED, MASTERS, SERVICE_ACCOUNTS, UNAUTHENTICATED, implied_groups
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern

Groups = tuple[str, ...]


class Held:
    """One grant: the atoms that it gives (``mask``), those of them that every cluster gives anyway (``base``), and its source."""

    __slots__ = ("_grants", "base", "bound", "line", "mask", "role")

    def __init__(self, mask: int, base: int, bound: Bound | None = None, line: AbacPolicy | None = None) -> None:
        self.mask = mask
        self.base = base
        self.bound = bound
        self.line = line
        self.role: Role | None = bound.role.role if bound is not None and bound.role is not None else None
        """The role that grants, ``None`` for an ABAC line."""
        self._grants: dict[int, Grant] | None = None

    @property
    def cause(self) -> tuple[str, ...]:
        """What tells one cause from another: the role, or the line as written."""
        if self.role is not None:
            return self.role.kind, self.role.namespace, self.role.name
        return "ABAC", "", self.line.written if self.line is not None else ""

    def parts(self, atoms: AtomTable, wanted: int) -> tuple[tuple[int, int], ...]:
        """The parts of this grant that give some of ``wanted``: what each gives, and its number; what every cluster has is last."""
        if self.bound is None or self.bound.role is None:
            return ((self.mask & wanted, 0),)
        return atoms.parts(self.bound.role.role, wanted, self.base)

    def grant(self, number: int) -> Grant:
        """One of the parts as evidence; the same object whenever it is asked for."""
        if self._grants is None:
            self._grants = {}
        found = self._grants.get(number)
        if found is None:
            if self.line is not None:
                found = AbacGrant(self.line)
            else:
                assert self.bound is not None and self.bound.role is not None  # noqa: S101
                found = RbacGrant(self.bound.binding, self.bound.subject, self.bound.role.role, number)
            self._grants[number] = found
        return found


Part = tuple[Held, int, int]
"""A grant, the number of one of its role's rules, and the atoms that this rule gives."""


def fewest(parts: list[Part], enough: Callable[[int], bool]) -> list[Part]:
    """Parts whose atoms are enough together, and none of which could be left out; the first ones are kept."""
    kept = parts
    for part in reversed(parts):
        rest = [one for one in kept if one is not part]
        together = 0
        for _, _, atoms in rest:
            together |= atoms
        if enough(together):
            kept = rest
    return kept


class Sum:
    """The atoms of several grants together: everywhere, and by namespace; ``base`` as in :class:`Held`."""

    __slots__ = ("base", "cluster", "held", "local", "local_base", "local_held")

    def __init__(self) -> None:
        self.cluster = 0
        self.base = 0
        self.held: list[Held] = []
        self.local: dict[str, int] = {}
        self.local_base: dict[str, int] = {}
        self.local_held: dict[str, list[Held]] = {}

    def add(self, scope: str, held: Held) -> None:
        """Add one grant."""
        if scope == EVERYWHERE:
            self.cluster |= held.mask
            self.base |= held.base
            self.held.append(held)
        else:
            self.local[scope] = self.local.get(scope, 0) | held.mask
            self.local_base[scope] = self.local_base.get(scope, 0) | held.base
            self.local_held.setdefault(scope, []).append(held)

    def extend(self, other: Sum) -> None:
        """Add everything of ``other``."""
        self.cluster |= other.cluster
        self.base |= other.base
        self.held += other.held
        for scope, mask in other.local.items():
            self.local[scope] = self.local.get(scope, 0) | mask
            self.local_base[scope] = self.local_base.get(scope, 0) | other.local_base[scope]
            self.local_held.setdefault(scope, []).extend(other.local_held[scope])

    @property
    def empty(self) -> bool:
        """Whether nothing that any rule asks for is in it."""
        return not self.cluster and not any(self.local.values())


NOTHING = Sum()


def member_groups(group: str) -> Groups:
    """The other groups that every member of a group is in (ATTR-14 to ATTR-16)."""
    if group in (UNAUTHENTICATED, AUTHENTICATED):
        return ()
    return (SERVICE_ACCOUNTS, AUTHENTICATED) if group.startswith(f"{SERVICE_ACCOUNTS}:") else (AUTHENTICATED,)


class Everybody:
    """The holdings of every user name and group that the policy names; members of ``system:masters`` need none.

    ``by_atoms``: what somebody may do, so far as it is an atom, is exactly what their atoms say. ``every_grant`` keeps also the
    grants that give none of the atoms, for who asks about more than these.
    """

    def __init__(
        self, engine: Engine, shipped: Shipped, atoms: AtomTable, identities: Mapping[str, Iterable[str]], *, every_grant: bool = False
    ) -> None:
        self._every_grant = every_grant
        self._index = index = engine.index
        self._shipped = shipped
        self._atoms = atoms
        self._identities = identities
        self._roles: dict[CompiledRole, tuple[int, Role | None]] = {}
        self._touched: dict[tuple[CompiledRole, Pattern], bool] = {}
        self._of_groups: dict[Groups, Sum] = {}
        types = {entry.type for entry in engine.config.authorizers}
        self.users: dict[str, Sum] = {}
        self.groups: dict[str, Sum] = {}
        self._rbac = "RBAC" in types
        self._lines = (engine.policy.abac or ()) if "ABAC" in types else ()
        # Of an ABAC line that names a user and a group the atoms know less than `may` does.
        self.by_atoms = not self._lines
        if self._rbac:
            self.users = {user: self._sum(holdings) for user, holdings in index.users.items()}
            self.groups = {group: self._sum(holdings) for group, holdings in index.groups.items() if group != MASTERS}
        for line in self._lines:
            self._add_line(line)
        # Somebody without a grant of their own may still hold by two groups what neither gives alone.
        for user in identities:
            self.users.setdefault(user, NOTHING)

    def groups_of(self, user: str) -> Groups:
        """The groups of a user: known ones and those that authentication adds."""
        return implied_groups(user, tuple(self._identities.get(user, ())))

    def of_groups(self, groups: Groups) -> Sum:
        """What members of all these groups hold by them."""
        found = self._of_groups.get(groups)
        if found is None:
            found = Sum()
            for group in groups:
                if group in self.groups:
                    found.extend(self.groups[group])
            self._of_groups[groups] = found
        return found

    def may(self, user: str, groups: Groups, scope: str, pattern: Pattern) -> bool:
        """Whether a user with exactly these groups may do what ``pattern`` says in ``scope`` (EVERYWHERE or a namespace)."""
        for holdings in self._index.holdings(user, groups) if self._rbac else ():
            for bound in holdings.within("" if scope == EVERYWHERE else scope):
                if bound.binding.namespace and (not pattern.is_resource or pattern.namespace not in (None, scope)):
                    continue
                if bound.role is not None and self._touches(bound.role, pattern):
                    return True
        for line in self._lines:
            here = line.namespace == scope or counts_everywhere(line, pattern)
            if here and subject_matches(line, user, groups) and policy_touches(line, pattern):
                return True
        return False

    def _touches(self, role: CompiledRole, pattern: Pattern) -> bool:
        found = self._touched.get((role, pattern))
        if found is None:
            found = self._touched[role, pattern] = any(rule_touches(rule, pattern) for rule in role.rules)
        return found

    def role_mask(self, role: CompiledRole) -> int:
        """The atoms of a role."""
        return self._role(role)[0]

    def _role(self, role: CompiledRole) -> tuple[int, Role | None]:
        """The atoms of a role, and the API server's own role of its name."""
        found = self._roles.get(role)
        if found is None:
            found = self._roles[role] = self._atoms.rules_mask(role.rules), self._shipped.role_like(role.role)
        return found

    def _sum(self, holdings: Holdings) -> Sum:
        found = Sum()
        for bound in holdings.cluster:
            self._add_bound(found, EVERYWHERE, bound)
        for namespace, bounds in holdings.local.items():
            for bound in bounds:
                self._add_bound(found, namespace, bound)
        return found

    def _add_bound(self, to: Sum, scope: str, bound: Bound) -> None:
        role = bound.role
        if role is None:
            return
        mask, shipped = self._role(role)
        if not (mask or self._every_grant):
            return
        base = 0
        if shipped is not None and self._shipped.is_pair(bound.binding, bound.position):
            same = set(shipped.rules)
            base = self._atoms.rules_mask([rule for rule in role.rules if rule in same])
        to.add(scope, Held(mask, base, bound))

    def _add_line(self, line: AbacPolicy) -> None:
        # Whether somebody is in the group that a line asks for besides is unknown without identities: then it may well be so.
        if line.user in self._identities and not subject_matches(line, line.user, self.groups_of(line.user)):
            return
        table, name = (self.users, line.user) if line.user else (self.groups, line.group)
        if not name or name == MASTERS:
            return
        for scope, mask in self._atoms.line_masks(line):
            table.setdefault(name, Sum()).add(scope, Held(mask, 0, line=line))
