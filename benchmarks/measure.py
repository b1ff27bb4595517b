"""How the benchmarks measure: best of several, J beside each run, children's peak memory."""

from __future__ import annotations

import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """One measured ratio with what it should not exceed."""

    name: str
    ratio: float
    unit: str
    limit: float

    def __str__(self) -> str:
        mark = "ok" if self.ratio <= self.limit else "OVER"
        return f"{self.name:<68} {self.ratio:7.2f} {self.unit:<4} (at most {self.limit:g})  {mark}"


def seconds(work: Callable[[], Any], runs: int = 5) -> float:
    """The best wall time of ``work``; the garbage collector runs as it does in any program, but begins afresh."""
    best = float("inf")
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def read_all(folder: Path) -> None:
    """What J is: ``json.loads`` of the objects as one text and of the requests line by line."""
    json.loads((folder / "objects.json").read_text())
    with (folder / "requests.jsonl").open() as lines:
        for line in lines:
            json.loads(line)


def paired(folder: Path, work: Callable[[], Any], runs: int = 7, before: Callable[[], Any] = lambda: None) -> float:
    """The ratio of ``work`` to J, measured in turns so that a busy machine slows both; the best of each.

    ``before`` is done before each run and not timed.

    J is measured in a process of its own: in one that holds a cluster already, the collector would slow it.
    """
    best = unit = float("inf")
    for _ in range(runs):
        unit = min(unit, _j(folder))
        before()
        best = min(best, seconds(work, 1))
    return best / unit


def _j(folder: Path) -> float:
    script = (
        "import sys, pathlib; from benchmarks.measure import read_all, seconds;"
        "print(seconds(lambda: read_all(pathlib.Path(sys.argv[1])), 2))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def process(arguments: Sequence[str], output: Path | None = None) -> Callable[[], None]:
    """A whole process as work: its wall time counts from start to exit."""

    def run() -> None:
        with (output or Path(os.devnull)).open("wb") as out:
            subprocess.run([sys.executable, *arguments], stdout=out, stderr=subprocess.DEVNULL, check=False)

    return run


def peak_mebibytes(arguments: Sequence[str]) -> float:
    """The peak resident memory of a process, in MiB: asked of a fresh parent, whose only child it is."""
    script = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", script, sys.executable, *arguments], capture_output=True, text=True, check=True)
    scale = 1024 if resource.getpagesize() and sys.platform != "darwin" else 1024 * 1024
    return int(done.stdout) / scale
