"""The graph of attack paths: every technique, asked of everybody, in every scope where they hold something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.capability import Test, atoms, compiled, form
from rbaclens.analysis.holder import EVERYWHERE, Grant
from rbaclens.analysis.holdings import NOTHING, Everybody, Groups, member_groups
from rbaclens.analysis.shipped import Shipped
from rbaclens.graph.attack.actors import Actor, actors, with_role
from rbaclens.graph.attack.evidence import Evidence
from rbaclens.graph.attack.footholds import NAMESPACE_ADMIN
from rbaclens.graph.attack.hops import Hop, HopGraph
from rbaclens.graph.attack.naming import names_for, with_name
from rbaclens.graph.attack.registry import load_techniques
from rbaclens.graph.attack.technique import Case, Fact, Technique, WithRole
from rbaclens.graph.attack.world import World
from rbaclens.index.engine import Engine
from rbaclens.model.pattern import Pattern

_MOST_ADDED = 2
"""Who binds a role to bind another is followed so many steps."""


class _Variant:
    """A technique for any object, or (``restricted``) for certain names only."""

    __slots__ = ("bit", "relevant", "restricted", "technique", "test")

    def __init__(self, technique: Technique, restricted: bool, number: int, table: AtomTable) -> None:
        self.technique = technique
        self.restricted = restricted
        self.bit = 1 << number
        self.relevant = 0

        def bit(pattern: Pattern) -> int:
            some_name = pattern.resource in technique.any_name or (restricted and pattern.resource in technique.named)
            return table.bit(form(pattern, some_name))

        self.test: Test = compiled(technique.needs, bit)
        for pattern in atoms(technique.needs):
            self.relevant |= bit(pattern)


class AttackBuilder:
    """Builds the graph; keeps what it learned of the policy's rules, so that building again without some bindings is quick."""

    def __init__(
        self, engine: Engine, shipped: Shipped, version: tuple[int, int] = (1, 36), identities: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.world = World(engine, shipped, version)
        self._engine = engine
        self._shipped = shipped
        self._identities = identities or {}
        techniques = load_techniques(version)
        self._facts = [one for one in techniques if isinstance(one, Fact)]
        self._member_of = next(one for one in self._facts if one.id == "MEMBER_OF")
        self._table = AtomTable()
        self._variants: list[_Variant] = []
        for technique in techniques:
            if isinstance(technique, Technique):
                for restricted in (False, True) if technique.named else (False,):
                    self._variants.append(_Variant(technique, restricted, len(self._variants), self._table))
        self._limited = sum(variant.bit for variant in self._variants if variant.restricted)
        self._of_mask: dict[int, int] = {0: 0}
        self.evidence = Evidence()
        self.everybody = Everybody(engine, shipped, self._table, self._identities)
        self.actors: dict[str, Actor] = {}

    def graph(self) -> HopGraph:
        """The graph of the whole policy."""
        return HopGraph(self._hops())

    def grants(self, hop: Hop) -> tuple[Grant, ...]:
        """The grants that allow a hop, none of which could be left out; empty for a fact."""
        if isinstance(hop.technique, Fact):
            return ()
        return self.evidence.grants(self.actors[hop.source], hop.scope, with_name(hop.technique, hop.name))

    def _hops(self) -> Iterator[Hop]:
        for fact in self._facts:
            for source, target, closed in fact.edges(self.world):
                yield Hop(source, target, fact, closed=closed)
        attackers: set[str] = set()
        waiting = list(actors(self.everybody, self.world))
        everybody = {actor.node for actor in waiting}
        while waiting:
            more: list[Actor] = []
            for actor in waiting:
                self.actors[actor.node] = actor
                for hop in self._of_actor(actor, more):
                    attackers.add(actor.node)
                    if hop.target.startswith(NAMESPACE_ADMIN) and hop.target not in everybody:
                        more.append(_namespace_admin(hop.target))
                        everybody.add(hop.target)
                    yield hop
            waiting = [actor for actor in more if actor.node not in attackers]
        yield from self._memberships(attackers)

    def _memberships(self, attackers: set[str]) -> Iterator[Hop]:
        for actor in actors(self.everybody, self.world):
            for group in actor.groups:
                if f"group:{group}" in attackers:
                    yield Hop(actor.node, f"group:{group}", self._member_of)

    def _of_actor(self, actor: Actor, more: list[Actor]) -> Iterator[Hop]:
        own, shared = actor.own, actor.shared
        everywhere = own.cluster | shared.cluster
        fired = self._fires(everywhere)
        yield from self._told(actor, EVERYWHERE, self._new(actor, EVERYWHERE, fired), more)
        places = {*own.local, *shared.local} if shared.local else own.local
        for namespace in (actor.all_of,) if actor.all_of else sorted(places):
            within = self._table.within(namespace)
            local = within if actor.all_of else (own.local.get(namespace, 0) | shared.local.get(namespace, 0)) & within
            here = self._fires(everywhere | local) & ~(fired & ~self._limited)
            yield from self._told(actor, namespace, self._new(actor, namespace, here), more)

    def _new(self, actor: Actor, scope: str, fired: int) -> int:
        """What of ``fired`` an actor's groups alone do not do; what is limited to names is always looked at again."""
        return fired & (~self._by_groups(actor.groups, scope) | self._limited) if fired else 0

    def _told(self, actor: Actor, scope: str, fired: int, more: list[Actor]) -> Iterator[Hop]:
        if not fired:
            return
        for number, variant in enumerate(self._variants):
            if not variant.bit & fired:
                continue
            if not variant.restricted:
                yield from self._case(actor, scope, variant.technique, "", more)
            elif not fired & self._variants[number - 1].bit:
                for name in names_for(actor, scope, variant.technique):
                    if self.evidence.suffices(actor, scope, with_name(variant.technique, name)):
                        yield from self._case(actor, scope, variant.technique, name, more)

    def _case(self, actor: Actor, scope: str, technique: Technique, name: str, more: list[Actor]) -> Iterator[Hop]:
        def may(pattern: Pattern) -> bool:
            return self.evidence.may(actor, scope, pattern)

        case = Case(world=self.world, actor=actor.node, scope=scope, name=name, may=may)
        closed = technique.closed(case) if technique.closed else ""
        for target in technique.leads_to(case):
            if isinstance(target, WithRole):
                if len(actor.added) < _MOST_ADDED and not actor.all_of:
                    become = self._become(actor, target)
                    if become is not None:
                        more.append(become)
                        yield Hop(actor.node, become.node, technique, scope, name, closed)
            elif target != actor.node:
                yield Hop(actor.node, target, technique, scope, name, closed)

    def _become(self, actor: Actor, target: WithRole) -> Actor | None:
        role = self._engine.index.roles.get((target.kind, target.namespace, target.name))
        return with_role(actor, role, target.scope, self._table) if role is not None else None

    def _fires(self, held: int) -> int:
        found = self._of_mask.get(held)
        if found is None:
            found = 0
            for variant in self._variants:
                if variant.relevant & held and variant.test(held):
                    found |= variant.bit
            self._of_mask[held] = found
        return found

    def _by_groups(self, groups: Groups, scope: str) -> int:
        """What one of the groups alone, with those that its members are in anyway, can do in a scope."""
        found = 0
        for group in groups:
            held = self.everybody.of_groups((group, *member_groups(group)))
            local = held.local.get(scope, 0) & self._table.within(scope) if scope != EVERYWHERE else 0
            found |= self._fires(held.cluster | local)
        return found


def _namespace_admin(node: str) -> Actor:
    return Actor(node, NOTHING, NOTHING, all_of=node.removeprefix(NAMESPACE_ADMIN))
