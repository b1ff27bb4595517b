"""The graph of attack paths: every technique, asked of everybody, in every scope where they hold something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.holder import EVERYWHERE, Grant
from rbaclens.analysis.holdings import Everybody
from rbaclens.analysis.shipped import Shipped
from rbaclens.collector import paused_collector
from rbaclens.graph.attack.actors import Actor, actors, spoken_for, with_roles
from rbaclens.graph.attack.beyond import Beyond
from rbaclens.graph.attack.evidence import Evidence, May
from rbaclens.graph.attack.frontier import Frontier
from rbaclens.graph.attack.hops import Hop, HopGraph
from rbaclens.graph.attack.kubelets import kept_by_node_restriction
from rbaclens.graph.attack.naming import Names
from rbaclens.graph.attack.registry import load_techniques
from rbaclens.graph.attack.technique import Case, Fact, Target, Technique, Through, WithRole
from rbaclens.graph.attack.units import Unit, without
from rbaclens.graph.attack.variants import Variants
from rbaclens.graph.attack.world import RoleKey, World
from rbaclens.index.engine import Engine

Judged = tuple[tuple[Target, ...], str]
"""Where a technique leads, and what is seen to prevent it."""
_NOTHING: Mapping[str, Judged] = {}
_MOST_ADDED = 2
"""Who binds a role to bind another is followed so many steps."""


class AttackBuilder:
    """Builds the graph; keeps what it learned of the policy's rules, so that building again without some bindings is quick."""

    def __init__(
        self, engine: Engine, shipped: Shipped, version: tuple[int, int] = (1, 36), identities: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.world = World(engine, shipped, version, identities or {})
        techniques = load_techniques(version)
        self._facts = [one for one in techniques if isinstance(one, Fact)]
        self._member_of = next(one for one in self._facts if one.id == "MEMBER_OF")
        self._table = AtomTable()
        self._variants = Variants((one for one in techniques if isinstance(one, Technique)), self._table)
        self._named_objects = Names()
        self._anybody: dict[str, dict[str, Judged]] = {}
        self.evidence = Evidence()
        self.actors: dict[str, Actor] = {}
        self._grants: dict[tuple[str, str, str, str], tuple[Grant, ...]] = {}

    def without(self, units: frozenset[Unit]) -> AttackBuilder:
        """A builder for the same policy without ``units``."""
        world = self.world
        left = AttackBuilder(without(world.engine, units), world.shipped, world.version, world.identities)
        # What rules give does not hang on who is bound to them.
        left._table, left._variants = self._table, self._variants
        left._named_objects, left.evidence = self._named_objects, self.evidence
        if all(unit.number < 0 for unit in units):
            left.world = world.with_bindings_of(left.world.engine)
        return left

    @cached_property
    def everybody(self) -> Everybody:
        """What everybody holds of the atoms that techniques ask about."""
        return Everybody(self.world.engine, self.world.shipped, self._table, self.world.identities, every_grant=True)

    @cached_property
    def _beyond(self) -> Beyond:
        return Beyond(self.world, self.everybody, self._variants, self._table)

    def graph(self) -> HopGraph:
        """The graph of the whole policy."""
        with paused_collector():
            return HopGraph(self._hops())

    def grants(self, hop: Hop) -> tuple[Grant, ...]:
        """The grants that allow a hop, none of which could be left out; empty for a fact."""
        if isinstance(hop.technique, Fact):
            return ()
        key = (hop.source, hop.scope, hop.technique.id, hop.name)
        found = self._grants.get(key)
        if found is None:
            found = self.evidence.grants(self.actors[hop.source], hop.scope, self._named_objects.needs(hop.technique, hop.name))
            self._grants[key] = found
        return found

    def _hops(self) -> Iterator[Hop]:
        frontier = Frontier(self.world, self.everybody, self._table, self._facts)
        yield from frontier.facts()
        members = list(actors(self.everybody, self.world))
        attackers: set[str] = set()
        waiting = list(members)
        while waiting:
            for actor in waiting:
                self.actors[actor.node] = actor
                hop = None
                for hop in self._of_actor(actor, frontier):
                    frontier.reach(hop.target)
                    yield hop
                if hop is not None:
                    attackers.add(actor.node)
            yield from frontier.following()
            waiting = frontier.take()
            members += waiting
        groups = {node.removeprefix("group:"): node for node in attackers if node.startswith("group:")}
        for actor in members:
            for group in actor.groups if actor.before is None else ():
                if group in groups:
                    yield Hop(actor.node, groups[group], self._member_of)

    def _of_actor(self, actor: Actor, frontier: Frontier) -> Iterator[Hop]:
        told: set[tuple[str, str]] = set()
        for scope, fired in self._beyond.of(actor):
            yield from self._told(actor, scope, fired, told, frontier)

    def _told(self, actor: Actor, scope: str, fired: int, told: set[tuple[str, str]], frontier: Frontier) -> Iterator[Hop]:
        """The hops of what fired in a scope; ``told`` are techniques and names that were told of everywhere."""
        source = actor.node
        remembered = _NOTHING if actor.is_kubelet else self._anybody.setdefault(scope, {})
        for variant in self._variants.of(fired):
            technique = variant.technique
            if not variant.restricted:
                targets, closed = remembered.get(technique.id) or self._unlimited(actor, scope, technique)
                for target in targets:
                    node = target if isinstance(target, str) else self._become(actor, target, frontier)
                    if node and node != source:
                        yield Hop(source, node, technique, scope, "", closed)
                continue
            names = list(self._names(actor, scope, technique, told))
            if scope == EVERYWHERE:
                told.update((technique.id, name) for name in names)
            if names:
                yield from self._named(actor, scope, technique, names, frontier)

    def _unlimited(self, actor: Actor, scope: str, technique: Technique) -> Judged:
        """Where a technique leads for any object; what hangs on nothing but the scope is remembered."""
        case, may = self._case(actor, scope, "")
        closed = self._closed(technique, case)
        found = tuple(technique.leads_to(case)), closed
        if not may.asked and not technique.personal and not actor.is_kubelet:
            self._anybody[scope][technique.id] = found
        return found

    def _names(self, actor: Actor, scope: str, technique: Technique, told: set[tuple[str, str]]) -> Iterator[str]:
        for name in self._named_objects.of(actor, scope, technique):
            if (technique.id, name) not in told and self.evidence.suffices(actor, scope, self._named_objects.needs(technique, name)):
                yield name

    def _named(self, actor: Actor, scope: str, technique: Technique, names: list[str], frontier: Frontier) -> Iterator[Hop]:
        """A hop for each name; the roles of several names are bound together."""
        roles: dict[tuple[str, str], list[RoleKey]] = {}
        for name in names:
            case, _ = self._case(actor, scope, name)
            closed = self._closed(technique, case)
            for target in technique.leads_to(case):
                if isinstance(target, WithRole):
                    roles.setdefault((target.scope, closed), []).extend(target.roles)
                else:
                    yield from self._hop(actor, target, technique, case, closed, frontier)
        for (place, closed), found in roles.items():
            case, _ = self._case(actor, scope, names[0])
            yield from self._hop(actor, WithRole(tuple(found), place), technique, case, closed, frontier)

    def _case(self, actor: Actor, scope: str, name: str) -> tuple[Case, May]:
        """What a technique gets to see, and what answers it."""
        may = May(actor, scope, self._table.bits, self._beyond.held, self.evidence)
        return Case(world=self.world, actor=actor, scope=scope, name=name, may=may), may

    def _closed(self, technique: Technique, case: Case) -> str:
        """What is seen to prevent a technique."""
        closed = technique.closed(case) if technique.closed else ""
        if not closed and case.actor.is_kubelet and self.world.asks_nodes:
            closed = kept_by_node_restriction(self._named_objects.needs(technique, case.name), case.may)
        return closed

    def _hop(self, actor: Actor, target: Target, technique: Technique, case: Case, closed: str, frontier: Frontier) -> Iterator[Hop]:
        node = target if isinstance(target, str) else self._become(actor, target, frontier)
        if node and node != actor.node:
            yield Hop(actor.node, node, technique, case.scope, case.name, closed)

    def _become(self, actor: Actor, target: Target, frontier: Frontier) -> str:
        """The node of what somebody becomes; empty: nothing more than they are."""
        become: Actor | None = None
        if isinstance(target, Through):
            become = spoken_for(actor, target.user, target.mode, self.everybody, self._table, self.evidence.may)
        elif isinstance(target, WithRole) and _added(actor) < _MOST_ADDED and not actor.all_of:
            found = (self.world.engine.index.roles.get(key) for key in target.roles)
            become = with_roles(actor, [role for role in found if role is not None], target.scope, self.everybody)
        if become is None:
            return ""
        frontier.add(become)
        return become.node


def _added(actor: Actor) -> int:
    """How many times somebody has bound roles to themselves."""
    return 0 if actor.before is None else 1 + _added(actor.before)
