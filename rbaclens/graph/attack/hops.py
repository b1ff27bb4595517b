"""The graph of attack paths: nodes by id, and hops from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain

import msgspec

from rbaclens.graph.adjacency import Adjacency
from rbaclens.graph.attack.technique import Fact, Technique


class Move(msgspec.Struct, frozen=True, gc=False):
    """What an attacker does on a hop, whoever it is and wherever it leads; many hops share one.

    ``scope`` is where its needs are held (empty for a fact), ``name`` the object that the grant is limited to (empty: any), ``closed``
    what is seen to prevent it (empty: nothing): a closed hop is on no path.
    """

    technique: Technique | Fact
    scope: str = ""
    name: str = ""
    closed: str = ""


class Hop(msgspec.Struct, frozen=True, gc=False):
    """One step of an attacker: from the node ``source`` to ``target`` by a technique; the rest is as in :class:`Move`."""

    source: str
    target: str
    technique: Technique | Fact
    scope: str = ""
    name: str = ""
    closed: str = ""


class HopGraph:
    """Hops as numbers of nodes, for searching; a :class:`Hop` is made where somebody looks at it. Closed hops are kept apart."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.sources: list[int] = []
        self.targets: list[int] = []
        self.moves: list[Move] = []
        self.closed: list[Hop] = []

    def add(self, source: str, target: str, move: Move) -> None:
        """Add one hop."""
        if move.closed:
            self._close(source, target, move)
            return
        number = self.number
        self.sources.append(number.setdefault(source, len(number)))
        self.targets.append(number.setdefault(target, len(number)))
        self.moves.append(move)

    def add_row(self, source: str, row: Row) -> None:
        """Add the hops of a row that begin at a node."""
        if row.numbers:
            self.sources += [self.number.setdefault(source, len(self.number))] * len(row.numbers)
            self.targets += row.numbers
            self.moves += row.moves
        for target, move in row.closed:
            self._close(source, target, move)

    def _close(self, source: str, target: str, move: Move) -> None:
        self.closed.append(Hop(source, target, move.technique, move.scope, move.name, move.closed))

    def hop(self, number: int) -> Hop:
        """The hop of a number."""
        move = self.moves[number]
        return Hop(self.ids[self.sources[number]], self.ids[self.targets[number]], move.technique, move.scope, move.name)

    @property
    def hops(self) -> Iterable[Hop]:
        """Every hop that nothing closes, in the order of their numbers."""
        return map(self.hop, range(len(self.moves)))

    @cached_property
    def ids(self) -> list[str]:
        """The nodes in the order of their numbers, once every hop is there."""
        return list(self.number)

    @cached_property
    def adjacency(self) -> Adjacency:
        """The hops as arrays."""
        return Adjacency(len(self.ids), self.sources, self.targets)

    @cached_property
    def costs(self) -> list[int]:
        """The cost of each hop, times 100, and one more: of paths that cost the same the shorter one is better."""
        return [move.technique.cost * 100 + 1 for move in self.moves]

    @cached_property
    def lengths(self) -> list[int]:
        """The same where fewer steps count first, and what they cost only between paths of as many; a fact is no step."""
        moves = zip(self.moves, self.costs, strict=True)
        return [cost if isinstance(move.technique, Fact) else cost + 100_000 for move, cost in moves]


class Row:
    """What many can do: their hops differ in nothing but where they begin. Somebody's are in the graph already."""

    __slots__ = ("closed", "moves", "numbers")

    def __init__(self, numbers: list[int], moves: list[Move], closed: list[tuple[str, Move]]) -> None:
        self.numbers = numbers
        self.moves = moves
        self.closed = closed

    @classmethod
    def of(cls, graph: HopGraph, targets: Sequence[str], move: Move) -> Row:
        """Where one move leads."""
        if move.closed:
            return cls([], [], [(target, move) for target in targets])
        return cls([graph.number[target] for target in targets], [move] * len(targets), [])

    @classmethod
    def joined(cls, rows: Sequence[Row]) -> Row:
        """Several rows as one."""
        if len(rows) == 1:
            return rows[0]
        numbers = list(chain.from_iterable([row.numbers for row in rows]))
        moves = list(chain.from_iterable([row.moves for row in rows]))
        return cls(numbers, moves, [one for row in rows if row.closed for one in row.closed])
