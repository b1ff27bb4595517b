"""Every technique asked of one actor after another: where it leads in each scope where they hold what it needs."""

from __future__ import annotations

from collections.abc import Iterable

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Everybody
from rbaclens.graph.attack.actors import Actor, spoken_for, with_roles
from rbaclens.graph.attack.beyond import Beyond
from rbaclens.graph.attack.evidence import Evidence, May
from rbaclens.graph.attack.footholds import is_place
from rbaclens.graph.attack.frontier import Frontier
from rbaclens.graph.attack.hops import HopGraph, Move, Row
from rbaclens.graph.attack.kubelets import kept_by_node_restriction
from rbaclens.graph.attack.naming import with_name
from rbaclens.graph.attack.technique import Case, Target, Technique, Through, WithRole
from rbaclens.graph.attack.variants import Variant, Variants
from rbaclens.graph.attack.world import RoleKey, World

Judged = tuple[tuple[Target, ...], Move]
"""Where a technique leads, and what is done."""
_MOST_ADDED = 2
"""Who binds a role to bind another is followed so many steps."""


class Asking:
    """Adds the hops of actors to a graph. Where a technique leads hangs on the scope alone for most: that is asked once and kept."""

    def __init__(
        self, world: World, everybody: Everybody, variants: Variants, evidence: Evidence, frontier: Frontier, graph: HopGraph
    ) -> None:
        self._world = world
        self._everybody = everybody
        self._variants = variants
        self._evidence = evidence
        self._frontier = frontier
        self._graph = graph
        self._beyond = Beyond(world, everybody, variants)
        self._rows: dict[str, dict[int, Row]] = {}
        self._parts: dict[tuple[str, int], list[Row | Variant] | None] = {}
        self._of_scope: dict[tuple[str, str, str], Judged] = {}
        self._last: tuple[Case, May] | None = None

    def ask(self, actor: Actor) -> bool:
        """Add the hops of an actor; says whether there are any, closed ones too."""
        graph = self._graph
        before = len(graph.moves) + len(graph.closed)
        is_kubelet = actor.is_kubelet
        told: set[tuple[str, str]] = set()
        for scope, fired in self._beyond.of(actor):
            if is_kubelet:
                self._add(actor, scope, self._variants.of(fired), told)
                continue
            # Most actors do in a namespace what somebody before them did there: this is the path to keep short.
            parts = self._parts.get((scope, fired))
            if parts is None:
                parts = self._parts_of(scope, fired)
                # The first one finds out what leads everybody to the same; from the second on it is known.
                self._parts[scope, fired] = parts if (scope, fired) in self._parts else None
            self._add(actor, scope, parts, told)
        return len(graph.moves) + len(graph.closed) > before

    def _parts_of(self, scope: str, fired: int) -> list[Row | Variant]:
        """What somebody can do in a scope, in order: as rows, where it is known that it leads everybody there to the same."""
        known = self._rows.setdefault(scope, {})
        found: list[Row | Variant] = []
        rows: list[Row] = []
        for variant in self._variants.of(fired):
            row = known.get(variant.bit)
            if row is not None:
                rows.append(row)
                continue
            if rows:
                found.append(Row.joined(rows))
                rows = []
            found.append(variant)
        return [*found, Row.joined(rows)] if rows else found

    def _add(self, actor: Actor, scope: str, parts: Iterable[Row | Variant], told: set[tuple[str, str]]) -> None:
        """Add the hops of an actor in a scope; ``told`` are the names of objects that were told of everywhere."""
        for part in parts:
            if isinstance(part, Row):
                self._graph.add_row(actor.node, part)
            elif part.restricted:
                self._about_names(actor, scope, part.technique, told)
            else:
                self._about_any(actor, scope, part)

    def _about_any(self, actor: Actor, scope: str, variant: Variant) -> None:
        """Hops for any object."""
        technique = variant.technique
        targets, move = self._judged(actor, scope, technique, "")
        for target in targets:
            self._hop(actor, target, move)
        if (scope, technique.id, "") in self._of_scope and not actor.is_kubelet:
            places = [target for target in targets if isinstance(target, str) and is_place(target)]
            if len(places) == len(targets):
                self._rows[scope][variant.bit] = Row.of(self._graph, places, move)

    def _judged(self, actor: Actor, scope: str, technique: Technique, name: str) -> Judged:
        """Where a technique leads about an object (empty: any); remembered where nobody asked who the actor is."""
        key = scope, technique.id, name
        is_kubelet = actor.is_kubelet
        found = None if is_kubelet else self._of_scope.get(key)
        if found is None:
            case, may = self._case(actor, scope, name)
            closed = self._closed(technique, case)
            found = tuple(technique.leads_to(case)), Move(technique, scope, name, closed)
            if not (may.asked or technique.personal or is_kubelet):
                self._of_scope[key] = found
        return found

    def _case(self, actor: Actor, scope: str, name: str) -> tuple[Case, May]:
        """What a technique gets to see, and what answers it; the last one serves again, since many are asked of the same."""
        case, may = self._last or (None, None)
        if case is None or may is None or case.actor is not actor or case.scope != scope:
            may = May(actor, scope, self._variants, self._beyond.held, self._evidence)
            case = None
        if case is None or case.name != name:
            case = Case(world=self._world, actor=actor, scope=scope, name=name, may=may)
        may.asked = False
        self._last = case, may
        return case, may

    def _closed(self, technique: Technique, case: Case) -> str:
        """What is seen to prevent a technique."""
        closed = technique.closed(case) if technique.closed else ""
        if not closed and case.actor.is_kubelet and self._world.asks_nodes:
            closed = kept_by_node_restriction(with_name(technique, case.name), case.may)
        return closed

    def _about_names(self, actor: Actor, scope: str, technique: Technique, told: set[tuple[str, str]]) -> None:
        """Hops for each name; the roles of several names are bound together. ``told`` are the names that were told of everywhere."""
        names = [name for name in self._evidence.names(actor, scope, technique) if (technique.id, name) not in told]
        if scope == EVERYWHERE:
            told.update((technique.id, name) for name in names)
        roles: dict[tuple[str, str], list[RoleKey]] = {}
        for name in names:
            targets, move = self._judged(actor, scope, technique, name)
            for target in targets:
                if isinstance(target, WithRole):
                    roles.setdefault((target.scope, move.closed), []).extend(target.roles)
                else:
                    self._hop(actor, target, move)
        for (place, closed), found in roles.items():
            self._hop(actor, WithRole(tuple(found), place), Move(technique, scope, names[0], closed))

    def _hop(self, actor: Actor, target: Target, move: Move) -> None:
        node = target if isinstance(target, str) else self._become(actor, target)
        if node and node != actor.node:
            self._frontier.reach(node)
            self._graph.add(actor.node, node, move)

    def _become(self, actor: Actor, target: Through | WithRole) -> str:
        """The node of what somebody becomes; empty: nothing more than they are."""
        become: Actor | None = None
        if isinstance(target, Through):
            become = spoken_for(actor, target.user, target.mode, self._everybody, self._variants.table, self._evidence.may)
        elif _added(actor) < _MOST_ADDED and not actor.all_of:
            found = (self._world.engine.index.roles.get(key) for key in target.roles)
            become = with_roles(actor, [role for role in found if role is not None], target.scope, self._everybody)
        if become is None:
            return ""
        self._frontier.add(become)
        return become.node


def _added(actor: Actor) -> int:
    """How many times somebody has bound roles to themselves."""
    return 0 if actor.before is None else 1 + _added(actor.before)
