"""The graph of attack paths: every technique, asked of everybody, in every scope where they hold something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.holder import EVERYWHERE, Grant
from rbaclens.analysis.holdings import Everybody, Groups, member_groups
from rbaclens.analysis.shipped import Shipped
from rbaclens.graph.attack.actors import Actor, actors, spoken_for, with_roles
from rbaclens.graph.attack.evidence import Evidence
from rbaclens.graph.attack.frontier import Frontier
from rbaclens.graph.attack.hops import Hop, HopGraph
from rbaclens.graph.attack.kubelets import kept_by_node_restriction
from rbaclens.graph.attack.naming import Names, with_name
from rbaclens.graph.attack.registry import load_techniques
from rbaclens.graph.attack.technique import Case, Fact, Target, Technique, Through, WithRole
from rbaclens.graph.attack.variants import Variant, Variants
from rbaclens.graph.attack.world import RoleKey, World
from rbaclens.index.engine import Engine
from rbaclens.model.identity import parse_service_account
from rbaclens.model.pattern import Pattern

Judged = tuple[tuple[Target, ...], str]
"""Where a technique leads, and what is seen to prevent it."""
_MOST_ADDED = 2
"""Who binds a role to bind another is followed so many steps."""


class AttackBuilder:
    """Builds the graph; keeps what it learned of the policy's rules, so that building again without some bindings is quick."""

    def __init__(
        self, engine: Engine, shipped: Shipped, version: tuple[int, int] = (1, 36), identities: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        identities = identities or {}
        self.world = World(engine, shipped, version, identities)
        techniques = load_techniques(version)
        self._facts = [one for one in techniques if isinstance(one, Fact)]
        self._member_of = next(one for one in self._facts if one.id == "MEMBER_OF")
        self._table = AtomTable()
        self._variants = Variants((one for one in techniques if isinstance(one, Technique)), self._table)
        self._named_objects = Names()
        self._anybody: dict[tuple[str, str], Judged] = {}
        self._together: dict[tuple[Groups, int, bool], dict[str, int]] = {}
        self._of_members: dict[Groups, list[Groups]] = {}
        self.evidence = Evidence()
        self.actors: dict[str, Actor] = {}
        self.everybody = Everybody(engine, shipped, self._table, identities, every_grant=True)

    def graph(self) -> HopGraph:
        """The graph of the whole policy."""
        return HopGraph(self._hops())

    def grants(self, hop: Hop) -> tuple[Grant, ...]:
        """The grants that allow a hop, none of which could be left out; empty for a fact."""
        if isinstance(hop.technique, Fact):
            return ()
        return self.evidence.grants(self.actors[hop.source], hop.scope, with_name(hop.technique, hop.name))

    def _hops(self) -> Iterator[Hop]:
        frontier = Frontier(self.world, self.everybody, self._table, self._facts)
        yield from frontier.facts()
        members = list(actors(self.everybody, self.world))
        attackers: set[str] = set()
        waiting = list(members)
        while waiting:
            for actor in waiting:
                self.actors[actor.node] = actor
                for hop in self._of_actor(actor, frontier):
                    attackers.add(actor.node)
                    frontier.reach(hop.target)
                    yield hop
            yield from frontier.following()
            waiting = frontier.take()
            members += waiting
        for actor in members:
            for group in actor.groups:
                if f"group:{group}" in attackers and actor.before is None:
                    yield Hop(actor.node, f"group:{group}", self._member_of)

    def _of_actor(self, actor: Actor, frontier: Frontier) -> Iterator[Hop]:
        if actor.before is not None:
            yield from self._more(actor, actor.before, frontier)
            return
        own, shared = actor.own, actor.shared
        everywhere = own.cluster | shared.cluster
        fired = self._variants.fires(everywhere)
        told: set[tuple[str, str]] = set()
        yield from self._told(actor, EVERYWHERE, self._beyond_groups(actor, EVERYWHERE, own.cluster, fired), told, frontier)
        places = {namespace: own.local[namespace] & self._table.within(namespace) for namespace in own.local}
        new = dict(self._by_groups_together(actor, places)) if shared.local else {}
        for namespace, local in places.items():
            theirs = shared.local.get(namespace, 0) & self._table.within(namespace)
            here = self._variants.without(self._variants.fires(everywhere | local | theirs), fired)
            if here:
                new[namespace] = self._beyond_groups(actor, namespace, own.cluster | local, here)
        for namespace in sorted(new):
            if new[namespace]:
                yield from self._told(actor, namespace, new[namespace], told, frontier)

    def _by_groups_together(self, actor: Actor, places: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """What fires in namespaces where the actor's groups alone hold something: the same for all who are in these groups."""
        own = actor.own.cluster
        key = (actor.groups, own, self._own_ways(actor))
        found = self._together.get(key)
        if found is None:
            found = self._together[key] = {}
            everywhere = own | actor.shared.cluster
            fired = self._variants.fires(everywhere)
            for namespace, mask in actor.shared.local.items():
                here = self._variants.without(self._variants.fires(everywhere | mask & self._table.within(namespace)), fired)
                here = self._beyond_groups(actor, namespace, own, here)
                if here:
                    found[namespace] = here
        return ((namespace, here) for namespace, here in found.items() if namespace not in places)

    def _beyond_groups(self, actor: Actor, scope: str, own: int, fired: int) -> int:
        """What of ``fired`` none of the actor's groups does alone, with those that its members are in anyway."""
        if not fired:
            return 0
        by_group = [self._held(members, scope) for members in self._each_group(actor.groups)]
        kept = self._variants.personal if self._own_ways(actor) else 0
        for held in by_group:
            fired = self._variants.without(fired, self._variants.fires(held) & ~kept)
        limited = fired & self._variants.limited & ~kept
        for variant in self._variants.of(limited) if limited else ():
            if _one_group_does(variant, own, by_group):
                fired &= ~variant.bit
        return fired

    def _own_ways(self, actor: Actor) -> bool:
        """Whether what a group holds may lead this one of its members further than the others."""
        if actor.own.held or actor.own.local_held:
            return True
        return bool(self.world.running_accounts) and parse_service_account(actor.user) in self.world.running_accounts

    def _more(self, actor: Actor, before: Actor, frontier: Frontier) -> Iterator[Hop]:
        """What somebody can do by the roles that they have bound to themselves; the rest they could do before."""
        places = {*actor.own.local, *actor.shared.local} if actor.at == EVERYWHERE else set()
        told: set[tuple[str, str]] = set()
        for scope in (actor.at, *sorted(places)):
            new = self._variants.without(self._variants.fires(self._all(actor, scope)), self._variants.fires(self._all(before, scope)))
            yield from self._told(actor, scope, self._beyond_groups(actor, scope, self._own(actor, scope), new), told, frontier)

    def _told(self, actor: Actor, scope: str, fired: int, told: set[tuple[str, str]], frontier: Frontier) -> Iterator[Hop]:
        """The hops of what fired in a scope; ``told`` are techniques and names that were told of everywhere."""
        kubelet = actor.is_kubelet
        for variant in self._variants.of(fired):
            technique = variant.technique
            if not variant.restricted:
                remembered = None if kubelet else self._anybody.get((technique.id, scope))
                targets, closed = remembered or self._unlimited(actor, scope, technique)
                for target in targets:
                    node = target if isinstance(target, str) else self._become(actor, target, frontier)
                    if node and node != actor.node:
                        yield Hop(actor.node, node, technique, scope, "", closed)
                continue
            names = [name for name in self._names(actor, scope, technique) if (technique.id, name) not in told]
            if scope == EVERYWHERE:
                told.update((technique.id, name) for name in names)
            yield from self._named(actor, scope, technique, names, frontier)

    def _unlimited(self, actor: Actor, scope: str, technique: Technique) -> Judged:
        """Where a technique leads for any object; what hangs on nothing but the scope is remembered."""
        case, closed = self._judged(actor, scope, technique, "")
        asked: list[Pattern] = []

        def may(pattern: Pattern) -> bool:
            asked.append(pattern)
            return case.may(pattern)

        found = tuple(technique.leads_to(msgspec.structs.replace(case, may=may))), closed
        if not asked and not technique.personal and not actor.is_kubelet:
            self._anybody[technique.id, scope] = found
        return found

    def _names(self, actor: Actor, scope: str, technique: Technique) -> Iterator[str]:
        for name in self._named_objects.of(actor, scope, technique):
            if self.evidence.suffices(actor, scope, self._named_objects.needs(technique, name)):
                yield name

    def _named(self, actor: Actor, scope: str, technique: Technique, names: list[str], frontier: Frontier) -> Iterator[Hop]:
        """A hop for each name; the roles of several names are bound together."""
        roles: dict[tuple[str, str], list[RoleKey]] = {}
        for name in names:
            case, closed = self._judged(actor, scope, technique, name)
            for target in technique.leads_to(case):
                if isinstance(target, WithRole):
                    roles.setdefault((target.scope, closed), []).extend(target.roles)
                else:
                    yield from self._hop(actor, target, technique, case, closed, frontier)
        for (place, closed), found in roles.items():
            case = self._judged(actor, scope, technique, names[0])[0]
            yield from self._hop(actor, WithRole(tuple(found), place), technique, case, closed, frontier)

    def _judged(self, actor: Actor, scope: str, technique: Technique, name: str) -> tuple[Case, str]:
        """What a technique gets to see, and what is seen to prevent it."""

        bits, held = self._table.bits, self._all(actor, scope)

        def may(pattern: Pattern) -> bool:
            bit = bits.get(pattern)
            return self.evidence.may(actor, scope, pattern) if bit is None else held & bit != 0

        case = Case(world=self.world, actor=actor, scope=scope, name=name, may=may)
        closed = technique.closed(case) if technique.closed else ""
        if not closed and actor.is_kubelet and self.world.asks_nodes:
            closed = kept_by_node_restriction(self._named_objects.needs(technique, name), may)
        return case, closed

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

    def _each_group(self, groups: Groups) -> list[Groups]:
        """The groups that hold something, each with those that its members are in anyway."""
        found = self._of_members.get(groups)
        if found is None:
            each = [(group, *member_groups(group)) for group in groups if group in self.everybody.groups]
            found = self._of_members[groups] = each
        return found

    def _own(self, actor: Actor, scope: str) -> int:
        local = actor.own.local.get(scope, 0) & self._table.within(scope) if scope != EVERYWHERE else 0
        return actor.own.cluster | local

    def _all(self, actor: Actor, scope: str) -> int:
        return self._own(actor, scope) | self._held(actor.groups, scope)

    def _held(self, groups: Groups, scope: str) -> int:
        """What members of these groups hold in a scope."""
        held = self.everybody.of_groups(groups)
        return held.cluster | (held.local.get(scope, 0) & self._table.within(scope) if scope != EVERYWHERE else 0)


def _one_group_does(variant: Variant, own: int, by_group: list[int]) -> bool:
    """Whether all that concerns a variant comes from a single group: then its members need no hops of their own."""
    return not own & variant.relevant and sum(1 for held in by_group if held & variant.relevant) == 1


def _added(actor: Actor) -> int:
    """How many times somebody has bound roles to themselves."""
    return 0 if actor.before is None else 1 + _added(actor.before)
