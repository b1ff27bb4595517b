"""``python -m benchmarks``: every figure, as a ratio, with what it should not exceed.

``--data DIR`` measures an existing folder (objects.json, requests.jsonl) instead of a generated cluster; ``--quick`` leaves
out the large one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import cases
from benchmarks.cluster import Cluster
from benchmarks.measure import Figure


def figures(folder: Path, large: Path | None) -> Iterator[Figure]:
    """All figures, one after another."""
    for case in cases.SMALL:
        yield case(folder)
    if large is not None:
        for pair in cases.LARGE:
            yield pair(folder, large)


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with objects.json and requests.jsonl")
    parser.add_argument("--large", type=Path, help="such a folder of 2000 namespaces")
    parser.add_argument("--quick", action="store_true", help="leave out the cluster of 2000 namespaces")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, large = arguments.data, arguments.large
        if folder is None:
            folder = Path(temporary) / "500"
            Cluster(500).write(folder)
        if large is None and not arguments.quick:
            large = Path(temporary) / "2000"
            Cluster(2000).write(large)
        over = 0
        for figure in figures(folder, large):
            print(figure, flush=True)
            over += figure.ratio > figure.limit
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
