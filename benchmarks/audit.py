"""``python -m benchmarks.audit``: a full audit as a whole process, as a ratio to J, and its peak memory.

``--data DIR`` and ``--large DIR`` measure existing folders (objects.json, requests.jsonl) of 500 and of 2000 namespaces.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure, paired, peak_mebibytes

LIMIT, MEMORY = 12.0, 400.0


def words(folder: Path, report: str) -> tuple[str, ...]:
    """The command line of an audit with every rule."""
    return ("-m", "rbaclens", "audit", "-q", "--tier", "3", "-f", str(folder / "objects.json"), "-o", report)


def process(folder: Path, report: str) -> Callable[[], None]:
    """A whole process; an audit that finds something ends with 1."""

    def work() -> None:
        done = subprocess.run([sys.executable, *words(folder, report)], stdout=subprocess.DEVNULL, check=False)
        assert done.returncode in (0, 1), done.returncode

    return work


def figures(folder: Path, title: str) -> Iterator[Figure]:
    """Time, with the report that people get unasked and with the one that carries the most, and memory."""
    for report in ("text", "json"):
        yield Figure(f"audit -o {report}, whole process, {title}", paired(folder, process(folder, report)), "J", LIMIT)
    yield Figure(f"peak memory of each of two processes, {title}", peak_mebibytes(words(folder, "json")), "MiB", MEMORY)


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of 500 namespaces")
    parser.add_argument("--large", type=Path, help="a folder of 2000 namespaces")
    arguments = parser.parse_args()
    over = 0
    with tempfile.TemporaryDirectory() as temporary:
        for size, given in ((500, arguments.data), (2000, arguments.large)):
            folder = given or Path(temporary) / str(size)
            if given is None:
                Cluster(size).write(folder)
            for figure in figures(folder, f"{size} namespaces"):
                over += figure.ratio > figure.limit
                print(figure, flush=True)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
