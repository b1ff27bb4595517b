"""Who else comes into being while the graph grows: identities and footholds that matter only once somebody gets there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Everybody
from rbaclens.graph.attack.actors import Actor, any_role, lonely, named, namespace_admin
from rbaclens.graph.attack.footholds import ALONE, NAMESPACE_ADMIN, ROLES, account, roles
from rbaclens.graph.attack.hops import Move
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World
from rbaclens.model.identity import service_account_user


class Frontier:
    """The actors that are still to be asked, each once, and the facts that begin at a node that was reached."""

    def __init__(self, world: World, everybody: Everybody, table: AtomTable, facts: Sequence[Fact]) -> None:
        self._world = world
        self._everybody = everybody
        self._table = table
        self._facts = facts
        self._missing = {account(*one): service_account_user(*one) for one in world.missing_accounts}
        self._met: set[str] = set()
        self._new: list[str] = []
        self._waiting: list[Actor] = []

    def facts(self) -> Iterator[tuple[str, str, Move]]:
        """What holds whoever gets there: from which node to which, and by what."""
        for fact in self._facts:
            if not fact.when:
                yield from self._edges(fact)

    def reach(self, node: str) -> None:
        """Somebody gets to this node."""
        if node not in self._met:
            self._met.add(node)
            self._new.append(node)
            become = self._actor(node)
            if become is not None:
                self._waiting.append(become)

    def add(self, actor: Actor) -> None:
        """Somebody becomes this."""
        if actor.node not in self._met:
            self._met.add(actor.node)
            self._waiting.append(actor)

    def following(self) -> Iterator[tuple[str, str, Move]]:
        """The facts that begin where somebody got to since this was last asked."""
        while self._new:
            new, self._new = set(self._new), []
            for fact in self._facts:
                if new.isdisjoint(fact.when):
                    continue
                for source, target, move in self._edges(fact):
                    if source in new:
                        yield source, target, move
                        self.reach(target)

    def _edges(self, fact: Fact) -> Iterator[tuple[str, str, Move]]:
        moves: dict[str, Move] = {}
        for source, target, closed in fact.edges(self._world):
            move = moves.get(closed)
            if move is None:
                move = moves[closed] = Move(fact, closed=closed)
            yield source, target, move

    def take(self) -> list[Actor]:
        """Those who are still to be asked."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def _actor(self, node: str) -> Actor | None:
        if node.startswith(NAMESPACE_ADMIN):
            return namespace_admin(node, node.removeprefix(NAMESPACE_ADMIN), self._table)
        if node.startswith(ALONE):
            return lonely(node, self._everybody)
        if node.startswith(ROLES) and node != roles(EVERYWHERE):
            namespace = node.removeprefix(ROLES)
            found = self._world.engine.index.roles
            return any_role(node, [found[key] for key in self._world.roles.get(namespace, ())], namespace, self._everybody)
        missing = self._missing.get(node)
        return named(missing, self._everybody) if missing else None
