"""Who holds what, grant by grant: what the graph of who can what is drawn from, whatever the level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.graph.model import Node
from rbaclens.graph.permission import Permission, cells, verbs_of, where
from rbaclens.graph.view import View
from rbaclens.index.compile import Bound, Holdings
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import HeldRule, PermissionIndex
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.identity import MASTERS, implied_groups
from rbaclens.model.objects import Role

Cell = tuple[Permission, tuple[str, ...], str]
"""A permission, the verbs that a rule gives on it, and which rule of its role or file that is."""


class Holding(msgspec.Struct, frozen=True):
    """One grant, as somebody holds it: by which binding or line (``by``), what is granted (``what``), where, and what that gives."""

    by: str
    what: Node
    scope: str
    cells: tuple[Cell, ...]


class HoldingIndex:
    """Everybody whom policy names, with what each holds themselves; ``left_out`` counts grants that every cluster has."""

    def __init__(self, engine: Engine, view: View) -> None:
        self._engine = engine
        self._view = view
        self._index = PermissionIndex(engine)
        self._of_role: dict[tuple[int, str], tuple[Node, tuple[Cell, ...]]] = {}
        self.left_out = 0

    def everybody(self) -> Iterator[tuple[Principal, tuple[str, ...], list[Holding]]]:
        """Everybody with something to hold, the groups that they are in, and what they hold by their own name."""
        lines = self._engine.policy.abac or ()
        groups = {*self._engine.index.groups, *(line.group for line in lines if line.group and not line.user), MASTERS}
        for group in sorted(groups):
            yield Principal.of_group(group), (), list(self._of_group(group))
        users = {*self._engine.index.users, *(line.user for line in lines if line.user), *self._view.identities}
        for user in sorted(users):
            yield Principal.of_user(user), self._groups(user), list(self._of_user(user))

    def _groups(self, user: str) -> tuple[str, ...]:
        return implied_groups(user, tuple(self._view.identities.get(user, ())))

    def _of_group(self, group: str) -> Iterator[Holding]:
        yield from self._of_rules(self._index.unconditional((group,)))
        yield from self._of_holdings(self._index.of_groups((group,)))
        yield from self._of_rules(self._index.by_lines("", (group,)))

    def _of_user(self, user: str) -> Iterator[Holding]:
        own = self._index.of_user(user)
        yield from self._of_holdings([own] if own else [])
        for rule in self._index.by_lines(user, self._groups(user)):
            line = _line(rule)
            # A line for a group alone is the group's; one that names a user and a group is the user's, if known to be in it.
            if line is not None and line.user:
                yield from self._of_rules((rule,))

    def _of_holdings(self, holdings: Iterable[Holdings]) -> Iterator[Holding]:
        for one in holdings:
            for scope, bounds in ((EVERYWHERE, one.cluster), *one.local.items()):
                if self._view.wants_scope(scope):
                    yield from self._of_bounds(scope, bounds)

    def _of_bounds(self, scope: str, bounds: list[Bound]) -> Iterator[Holding]:
        shipped = self._view.shipped
        for bound in bounds:
            if bound.role is None:
                continue
            if shipped is not None and shipped.is_pair(bound.binding, bound.position):
                self.left_out += 1
                continue
            what, given = self._of_bound(bound, bound.role.role, scope)
            if given:
                binding = bound.binding
                yield Holding(f"{binding.kind} {binding.name}", what, scope, given)

    def _of_bound(self, bound: Bound, role: Role, scope: str) -> tuple[Node, tuple[Cell, ...]]:
        found = self._of_role.get((id(role), scope))
        if found is None:
            label = f"{role.kind} {role.name}"
            what = Node(f"grant:{scope}:{role_id(role)}", "grant", f"{label} {where(scope)}", {"role": label, "scope": scope})
            given = tuple(one for number, rule in enumerate(self._index.of_bound(bound)) for one in self._cells(rule, f"{label} {number}"))
            found = self._of_role[id(role), scope] = what, given
        return found

    def _of_rules(self, rules: Iterable[HeldRule]) -> Iterator[Holding]:
        for rule in rules:
            line = _line(rule)
            by = f"{line.origin.file}:{line.line}" if line is not None else "the API server"
            given = tuple(self._cells(rule, by))
            if given:
                if line is None:
                    what = Node("grant:*:all", "grant", "everything, without being asked", {"role": "", "scope": EVERYWHERE})
                else:
                    what = Node(f"abac:{by}", "abac-line", f"ABAC line {line.line}", {"text": line.written})
                yield Holding(by, what, rule.scope, given)

    def _cells(self, rule: HeldRule, by: str) -> Iterator[Cell]:
        if not self._view.wants_scope(rule.scope):
            return
        verbs = verbs_of(rule.rule)
        for permission in cells(rule):
            wanted = self._view.wanted_verbs(permission, verbs)
            if wanted:
                yield permission, wanted, by


def role_id(role: Role) -> str:
    """The id of a role's node."""
    return f"role:{role.namespace}/{role.name}" if role.namespace else f"clusterrole:{role.name}"


def _line(rule: HeldRule) -> AbacPolicy | None:
    evidence = rule.evidence[0]
    return evidence.policy if isinstance(evidence, AbacGrant) else None
