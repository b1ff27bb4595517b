"""``python -m benchmarks.attack``: attack paths and cuts, as ratios to J; the policy is loaded and the engine is there.

``--data DIR`` measures an existing folder (objects.json, requests.jsonl) of 500 namespaces.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure, paired


def figures(folder: Path) -> Iterator[Figure]:
    """Every figure, one after another."""
    import rbaclens
    from rbaclens.analysis.shipped import Shipped
    from rbaclens.graph.attack.build import AttackBuilder
    from rbaclens.graph.attack.cut import smallest_cut
    from rbaclens.graph.attack.footholds import CLUSTER_ADMIN
    from rbaclens.graph.attack.paths import PathFinder
    from rbaclens.graph.attack.targets import everybody, low_trust
    from rbaclens.index.engine import Engine
    from rbaclens.sources import Objects, assemble

    policy = rbaclens.load(str(folder / "objects.json")).policy
    shipped = Shipped(assemble(Objects()))
    engine = Engine(policy)

    def paths() -> None:
        finder = PathFinder(AttackBuilder(engine, shipped))
        list(finder.cheapest(everybody(finder.builder), (CLUSTER_ADMIN,)))

    def cut() -> None:
        smallest_cut(engine, shipped, low_trust(AttackBuilder(engine, shipped).world), (CLUSTER_ADMIN,))

    yield Figure("cheapest paths of everybody to cluster-admin, 500 namespaces", paired(folder, paths), "J", 5.0)
    yield Figure("smallest cut of paths to cluster-admin, 500 namespaces", paired(folder, cut), "J", 10.0)


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attack", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of 500 namespaces")
    arguments = parser.parse_args()
    over = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.data or Path(temporary) / "500"
        if arguments.data is None:
            Cluster(500).write(folder)
        for figure in figures(folder):
            over += figure.ratio > figure.limit
            print(figure, flush=True)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
