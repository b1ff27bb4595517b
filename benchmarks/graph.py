"""``python -m benchmarks.graph``: building and writing graphs as ratios to J, searching against networkx, memory.

``--data DIR`` measures an existing folder (objects.json, requests.jsonl) instead of a generated cluster of 500 namespaces.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure, paired, peak_mebibytes, seconds

NODES, EDGES, SINKS = 100_000, 1_000_000, 20
BUILT, WRITTEN, FASTER, MEMORY = 3.0, 5.0, 1 / 5, 600.0


def of_cluster(folder: Path) -> Iterator[Figure]:
    """The graph at each level, and the default one in each format, folded and merged as the command does it."""
    import rbaclens
    from rbaclens.graph.fold import limit, merge_equals
    from rbaclens.graph.formats import FORMATS, render
    from rbaclens.graph.formats.mermaid import fitting
    from rbaclens.graph.view import LEVELS, View
    from rbaclens.graph.who_can_what import who_can_what

    engine = rbaclens.load(str(folder / "objects.json"))
    engine.index.prepare()
    for level in LEVELS:
        graph = who_can_what(engine, View(level=level))
        name = f"graph, level {level}: {len(graph.nodes)} nodes, {len(graph.edges)} edges"
        yield Figure(name, paired(folder, partial(who_can_what, engine, View(level=level)), 5), "J", BUILT)
    graph = who_can_what(engine, View())

    for form in FORMATS.values():
        if form.name in ("svg", "png") and shutil.which("dot") is None:
            continue

        def write(name: str = form.name, most: int = form.most) -> None:
            smaller = limit(merge_equals(graph), most) if most else merge_equals(graph)
            render(fitting(smaller) if name == "mermaid" else smaller, name)

        yield Figure(f"merged, folded to {form.most or 'nothing'}, as {form.name}", paired(folder, write, 5), "J", WRITTEN)


def large() -> tuple[list[str], list[tuple[int, int]], list[int]]:
    """A graph at random with a million edges: ids, edges, sinks."""
    chance = random.Random(20)  # noqa: S311
    edges = [(chance.randrange(NODES), chance.randrange(NODES)) for _ in range(EDGES)]
    return [f"sa:namespace-{number // 20}/account-{number}" for number in range(NODES)], edges, list(range(SINKS))


def searching() -> Iterator[Figure]:
    """One search backwards from twenty sinks, here and in networkx; both graphs are there already."""
    import networkx

    from rbaclens.graph.adjacency import Adjacency

    _, edges, sinks = large()
    own = Adjacency(NODES, [one for one, _ in edges], [two for _, two in edges])
    found = own.reaching(sinks)
    other = networkx.DiGraph(edges)
    backwards = other.reverse(copy=False)

    def by_networkx() -> int:
        return sum(len(layer) for layer in networkx.bfs_layers(backwards, sinks))

    assert sum(found) == by_networkx()
    theirs = min(seconds(by_networkx, 1) for _ in range(3))
    yield Figure(f"reach of {SINKS} sinks, {NODES} nodes, {EDGES} edges", seconds(lambda: own.reaching(sinks), 5) / theirs, "x nx", FASTER)


def whole() -> None:
    """What the memory of is measured: the graph with its ids, and its searches."""
    from rbaclens.graph.model import Edge, Graph, Node

    ids, edges, sinks = large()
    nodes = [Node(one, "service-account", one[3:]) for one in ids]
    graph = Graph("large", nodes, [Edge(ids[one], ids[two], "attack") for one, two in edges])
    del edges
    assert sum(graph.adjacency.reaching(sinks)) > SINKS
    assert sum(graph.adjacency.reached_from(sinks)) > SINKS


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of 500 namespaces")
    parser.add_argument("--whole", action="store_true", help="only build the large graph, for its memory to be measured")
    arguments = parser.parse_args()
    if arguments.whole:
        whole()
        return 0
    over = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.data or Path(temporary)
        if arguments.data is None:
            Cluster(500).write(folder)
        for figure in (*of_cluster(folder), *searching()):
            print(figure, flush=True)
            over += figure.ratio > figure.limit
        figure = Figure("peak memory of that graph", peak_mebibytes(("-m", "benchmarks.graph", "--whole")), "MiB", MEMORY)
        print(figure, flush=True)
        over += figure.ratio > figure.limit
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
