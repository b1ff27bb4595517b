"""Places for nodes on a page: columns from left to right along the edges, in each column near what a node is joined to."""

from __future__ import annotations

from collections import defaultdict

from rbaclens.graph.model import Graph

_COLUMN, _ROW, _TALL = 400, 70, 40
_SWEEPS = 6


def places(graph: Graph) -> list[tuple[int, int]]:
    """For each node x and y, in pixels; a column of more than 40 nodes becomes several."""
    columns = _ordered(graph, _ranks(graph))
    found = [(0, 0)] * len(graph.nodes)
    x = 0
    for column in columns:
        for start in range(0, len(column), _TALL):
            part = column[start : start + _TALL]
            for row, node in enumerate(part):
                found[node] = x, round((row - (len(part) - 1) / 2) * _ROW)
            x += _COLUMN
    return found


def _ranks(graph: Graph) -> list[int]:
    """How many edges lead to a node on the longest way; an edge that closes a circle does not count."""
    rows = graph.adjacency.forward
    size = len(graph.nodes)
    state = bytearray(size)  # 1: on the way, 2: done
    order: list[int] = []
    back: set[tuple[int, int]] = set()
    for root in range(size):
        if state[root]:
            continue
        state[root] = 1
        way = [(root, iter(rows.row(root)))]
        while way:
            node, rest = way[-1]
            for other in rest:
                if state[other] == 1:
                    back.add((node, other))
                elif not state[other]:
                    state[other] = 1
                    way.append((other, iter(rows.row(other))))
                    break
            else:
                state[node] = 2
                order.append(node)
                way.pop()
    ranks = [0] * size
    for node in reversed(order):
        for other in rows.row(node):
            if (node, other) not in back:
                ranks[other] = max(ranks[other], ranks[node] + 1)
    return ranks


def _ordered(graph: Graph, ranks: list[int]) -> list[list[int]]:
    """The nodes of each rank; each sweep moves a node to the middle of what it is joined to."""
    by_rank: dict[int, list[int]] = defaultdict(list)
    for node, rank in enumerate(ranks):
        by_rank[rank].append(node)
    columns = [by_rank[rank] for rank in sorted(by_rank)]
    place = [0.0] * len(ranks)
    for column in columns:
        _settle(column, place)
    for sweep in range(_SWEEPS):
        rows = graph.adjacency.forward if sweep % 2 else graph.adjacency.backward
        for column in columns[::-1] if sweep % 2 else columns:
            middle = {node: _middle([place[other] for other in rows.row(node)], place[node]) for node in column}
            column.sort(key=lambda node, middle=middle: (middle[node], node))  # type: ignore[misc]
            _settle(column, place)
    return columns


def _settle(column: list[int], place: list[float]) -> None:
    for row, node in enumerate(column):
        place[node] = (row + 0.5) / len(column)


def _middle(around: list[float], own: float) -> float:
    return sum(around) / len(around) if around else own
