"""The graph of attack paths: every technique, asked of everybody, in every scope where they hold something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from rbaclens.analysis.holder import Grant
from rbaclens.analysis.holdings import Everybody, Groups
from rbaclens.analysis.shipped import Shipped
from rbaclens.collector import paused_collector
from rbaclens.graph.attack.actors import Actor, actors
from rbaclens.graph.attack.asking import Asking
from rbaclens.graph.attack.evidence import Evidence
from rbaclens.graph.attack.frontier import Frontier
from rbaclens.graph.attack.hops import Hop, HopGraph, Move, Row
from rbaclens.graph.attack.registry import load_techniques
from rbaclens.graph.attack.technique import Fact, Technique
from rbaclens.graph.attack.units import Unit, without
from rbaclens.graph.attack.variants import Variants
from rbaclens.graph.attack.world import World
from rbaclens.index.engine import Engine


class AttackBuilder:
    """Builds the graph; keeps what it learned of the policy's rules, so that building again without some bindings is quick."""

    def __init__(
        self, engine: Engine, shipped: Shipped, version: tuple[int, int] = (1, 36), identities: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.world = World(engine, shipped, version, identities or {})
        techniques = load_techniques(version)
        self._facts = [one for one in techniques if isinstance(one, Fact)]
        self._member_of = Move(next(one for one in self._facts if one.id == "MEMBER_OF"))
        self._variants = Variants(one for one in techniques if isinstance(one, Technique))
        self._evidence = Evidence(self._variants)
        self.actors: dict[str, Actor] = {}
        self._grants: dict[tuple[str, str, str, str], tuple[Grant, ...]] = {}

    def without(self, units: frozenset[Unit]) -> AttackBuilder:
        """A builder for the same policy without ``units``."""
        world = self.world
        left = AttackBuilder(without(world.engine, units), world.shipped, world.version, world.identities)
        # What rules give does not hang on who is bound to them.
        left._variants, left._evidence = self._variants, self._evidence
        if all(unit.number < 0 for unit in units):
            left.world = world.with_bindings_of(left.world.engine)
        return left

    @cached_property
    def everybody(self) -> Everybody:
        """What everybody holds of the atoms that techniques ask about."""
        return Everybody(self.world.engine, self.world.shipped, self._variants.table, self.world.identities, every_grant=True)

    def graph(self) -> HopGraph:
        """The graph of the whole policy."""
        with paused_collector():
            graph = HopGraph()
            self._add_members(graph, *self._add_all(graph))
            return graph

    def grants(self, hop: Hop) -> tuple[Grant, ...]:
        """The grants that allow a hop, none of which could be left out; empty for a fact."""
        if isinstance(hop.technique, Fact):
            return ()
        key = (hop.source, hop.scope, hop.technique.id, hop.name)
        found = self._grants.get(key)
        if found is None:
            found = self._evidence.grants(self.actors[hop.source], hop.scope, hop.technique, hop.name)
            self._grants[key] = found
        return found

    def _add_all(self, graph: HopGraph) -> tuple[list[Actor], set[str]]:
        """Add what everybody can do, and whoever they become; says who was asked, and the nodes of those who can do anything."""
        frontier = Frontier(self.world, self.everybody, self._variants.table, self._facts)
        asking = Asking(self.world, self.everybody, self._variants, self._evidence, frontier, graph)
        for hop in frontier.facts():
            graph.add(*hop)
        waiting = list(actors(self.everybody, self.world))
        members = list(waiting)
        attackers: set[str] = set()
        while waiting:
            for actor in waiting:
                self.actors[actor.node] = actor
                if asking.ask(actor):
                    attackers.add(actor.node)
            for hop in frontier.following():
                graph.add(*hop)
            waiting = frontier.take()
            members += waiting
        return members, attackers

    def _add_members(self, graph: HopGraph, members: Iterable[Actor], attackers: set[str]) -> None:
        """Whoever is in a group that can do anything can do it too."""
        nodes = {node.removeprefix("group:"): node for node in attackers if node.startswith("group:")}
        rows: dict[Groups, Row] = {}
        for actor in members:
            if actor.before is None and actor.groups:
                row = rows.get(actor.groups)
                if row is not None:
                    graph.add_row(actor.node, row)
                    continue
                targets = [nodes[group] for group in actor.groups if group in nodes]
                for target in targets:
                    graph.add(actor.node, target, self._member_of)
                rows[actor.groups] = Row.of(graph, targets, self._member_of)
