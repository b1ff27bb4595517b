"""Who holds what, grant by grant: what the graph of who can what is drawn from, whatever the level.

What a role gives in a scope is worked out once, as ready node ids and texts: tens of thousands of grants of it cost one look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.authorizers.matching import ALL
from rbaclens.graph.model import Node
from rbaclens.graph.permission import Permission, entries, escaped, in_order, verbs_of, where
from rbaclens.graph.view import View
from rbaclens.index.compile import Bound, CompiledRole, Holdings
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import HeldRule, PermissionIndex
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.identity import AUTHENTICATED, MASTERS, UNAUTHENTICATED, implied_groups
from rbaclens.model.objects import Role
from rbaclens.model.rules import PolicyRule


class Part(NamedTuple):
    """What a role (or line) gives on one resource or path: ``key`` tells it from its others, ``rules`` are those that say so."""

    key: str
    permission: Permission
    verbs: tuple[str, ...]
    verbs_text: str
    rules: str


class Given(NamedTuple):
    """All that a role or line gives, wherever it is held: the keys of it, and all its verbs."""

    parts: tuple[Part, ...]
    keys: frozenset[str]
    verbs: tuple[str, ...]


class Holding(NamedTuple):
    """One grant, as somebody holds it: by which binding or line (``by``), what is granted (``what``), where, and what that gives."""

    by: str
    what: Node
    scope: str
    given: Given


Cell = tuple[str, Part]
"""A part in one scope, behind the id of its node."""


class HoldingIndex:
    """Everybody whom policy names, with what each holds themselves.

    ``permissions`` are the nodes of all that was met; ``left_out`` counts the grants that every cluster has.
    """

    def __init__(self, engine: Engine, view: View) -> None:
        self._engine = engine
        self._view = view
        self._index = PermissionIndex(engine)
        self._of_role: dict[tuple[int, str], tuple[Node, Given]] = {}
        self._given: dict[tuple[int, bool], Given] = {}
        self._of_rule: dict[tuple[PolicyRule, bool], list[tuple[str, Permission, tuple[str, ...], str]]] = {}
        self._cells: dict[tuple[int, str], tuple[Cell, ...]] = {}
        self._always = any(entry.type == "AlwaysAllow" for entry in engine.config.authorizers)
        self._kept: list[Given] = []  # so that no id() above is given away again
        self.permissions: dict[str, Node] = {}
        self.left_out = 0

    def everybody(self) -> Iterator[tuple[Principal, tuple[str, ...], list[Holding]]]:
        """Everybody with something to hold, the groups that they are in, and what they hold by their own name."""
        lines = self._engine.policy.abac or ()
        named = (line.group for line in lines if line.group and not line.user)
        for group in sorted({*self._engine.index.groups, *named, *self._unasked()}):
            yield Principal.of_group(group), (), list(self._of_group(group))
        users = {*self._engine.index.users, *(line.user for line in lines if line.user), *self._view.identities}
        for user in sorted(users):
            groups = implied_groups(user, tuple(self._view.identities.get(user, ())))
            held = list(self._of_user(user, groups))
            # Everybody is in system:authenticated: who holds nothing besides, and is not known otherwise, is nobody special.
            if held or user in self._view.identities:
                yield Principal.of_user(user), groups, held

    def cells(self, given: Given, scope: str) -> tuple[Cell, ...]:
        """What is given in one scope, with the ids of its nodes; these become part of ``permissions``."""
        found = self._cells.get((id(given), scope))
        if found is None:
            place = f"may:{escaped(scope)}:"
            found = tuple((part[0] if part[1].path else place + part[0], part) for part in given.parts)
            self._cells[id(given), scope] = found
            self._kept.append(given)
            nodes, words = self.permissions, where(scope)
            for cell, part in found:
                if cell not in nodes:
                    nodes[cell] = part[1].node(cell, scope, words)
        return found

    def _unasked(self) -> tuple[str, ...]:
        """The groups that hold everything without any grant."""
        return (MASTERS, AUTHENTICATED, UNAUTHENTICATED) if self._always else (MASTERS,)

    def _of_group(self, group: str) -> Iterator[Holding]:
        if group == MASTERS and self._view.shipped is not None:
            self.left_out += 1
        elif group in self._unasked():
            yield from self._of_rules(self._index.unconditional((group,)))
        yield from self._of_holdings(self._index.of_groups((group,)))
        yield from self._of_rules(self._index.by_lines("", (group,)))

    def _of_user(self, user: str, groups: tuple[str, ...]) -> Iterator[Holding]:
        own = self._index.of_user(user)
        yield from self._of_holdings([own] if own else [])
        for rule in self._index.by_lines(user, groups):
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
            binding = bound.binding
            if shipped is not None and shipped.is_pair(binding, bound.position):
                self.left_out += 1
                continue
            what, given = self._of_role.get((id(bound.role), scope)) or self._of_bound(bound, bound.role, scope)
            if given.parts:
                place = f"{binding.namespace}/" if binding.namespace else ""
                yield Holding(f"{binding.kind} {place}{binding.name}", what, scope, given)

    def _of_bound(self, bound: Bound, compiled: CompiledRole, scope: str) -> tuple[Node, Given]:
        role = compiled.role
        label = f"{role.kind} {role.name}"
        what = Node(f"grant:{scope}:{role_id(role)}", "grant", f"{label} {where(scope)}", {"role": label, "scope": scope})
        # Paths count in ClusterRoleBindings only, so that there are two forms of a role at most.
        key = id(compiled), scope == EVERYWHERE
        if key not in self._given:
            full = f"{role.kind} {role.namespace}/{role.name}" if role.namespace else label
            self._given[key] = self._give(self._index.of_bound(bound), full)
        found = self._of_role[id(compiled), scope] = what, self._given[key]
        return found

    def _of_rules(self, rules: Iterable[HeldRule]) -> Iterator[Holding]:
        for rule in rules:
            given = self._give((rule,))
            if not given.parts or not self._view.wants_scope(rule.scope):
                continue
            line = _line(rule)
            if line is None:
                what = Node("grant:*:all", "grant", "everything, unasked", {"role": "", "scope": EVERYWHERE})
                yield Holding("the API server", what, rule.scope, given)
            else:
                yield Holding(f"{line.origin.file}:{line.line}", line_node(line), rule.scope, given)

    def _give(self, rules: Iterable[HeldRule], role: str = "") -> Given:
        """What several rules of one role (or one of a line) give."""
        found: dict[str, Part] = {}
        for rule in rules:
            number = f"{role} rule {_number(rule)}" if role else ""
            for key, permission, verbs, text in self._entries(rule):
                before = found.get(key)
                if before is None:
                    found[key] = Part(key, permission, verbs, text, number)
                else:
                    both = in_order((*before.verbs, *verbs))
                    numbers = before.rules if number == before.rules else f"{before.rules}, {_number(rule)}"
                    found[key] = Part(key, permission, both, ", ".join(both), numbers)
        return Given(tuple(found.values()), frozenset(found), in_order(chain.from_iterable([part.verbs for part in found.values()])))

    def _entries(self, rule: HeldRule) -> list[tuple[str, Permission, tuple[str, ...], str]]:
        """What one rule names, as far as it is wanted; roles say the same thing over and over."""
        known = rule.rule, rule.with_subresources
        found = self._of_rule.get(known)
        if found is None:
            found = self._of_rule[known] = []
            verbs = verbs_of(rule.rule)
            for permission in entries(*known):
                wanted = self._view.wanted_verbs(permission, verbs)
                if wanted:
                    found.append((permission.key, permission, wanted, ", ".join(wanted)))
        return found


def role_id(role: Role) -> str:
    """The id of a role's node."""
    return f"role:{role.namespace}/{role.name}" if role.namespace else f"clusterrole:{role.name}"


def line_node(line: AbacPolicy) -> Node:
    """The node of an ABAC line; its label says what the line is about."""
    about = []
    if line.resource:
        scope = where(EVERYWHERE if line.namespace == ALL else line.namespace)
        about.append(f"{Permission(line.api_group, line.resource).what} {scope}")
    if line.non_resource_path:
        about.append(line.non_resource_path)
    label = f"ABAC line {line.line}: {', '.join(about) or 'nothing'}"
    place = f"{line.origin.file}:{line.line}"
    return Node(f"abac:{place}", "abac-line", label, {"text": line.written, "file": line.origin.file, "line": line.line})


def _number(rule: HeldRule) -> str:
    """The number of a rule in its role, from 1, as answers of other commands have it."""
    evidence = rule.evidence[0]
    return str(evidence.rule_index + 1) if isinstance(evidence, RbacGrant) else ""


def _line(rule: HeldRule) -> AbacPolicy | None:
    evidence = rule.evidence[0]
    return evidence.policy if isinstance(evidence, AbacGrant) else None
