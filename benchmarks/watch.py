"""``python -m benchmarks.watch``: following 10,000 changes, against building the engine once.

``--data DIR`` measures an existing folder (objects.json) instead of a generated cluster of 500 namespaces. Whoever built the
engine anew for every change would pay 10,000 times the unit.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure, seconds
from rbaclens import sources
from rbaclens.analysis.effective_changes import effective_changes
from rbaclens.index.engine import Engine
from rbaclens.index.incremental import LivePolicy
from rbaclens.live.watch_events import decode_event, read_object
from rbaclens.model.change import ObjectChange
from rbaclens.model.policy import PolicySet

CHANGES = 10_000
INDEX_LIMIT, LINES_LIMIT, TOLD_LIMIT = 10.0, 20.0, 500.0


def lines_of(objects: list[dict[str, Any]], seed: int = 1) -> list[bytes]:
    """Watch events: bindings that come, change their subjects and go, and every tenth a role that changes its rules."""
    chance = random.Random(seed)  # noqa: S311
    bindings = [one for one in objects if one["kind"].endswith("Binding")]
    roles = [one for one in objects if one["kind"].endswith("Role")]
    lines: list[bytes] = []
    for number in range(CHANGES):
        if number % 10 == 0:
            one = {**chance.choice(roles), "rules": chance.choice(roles)["rules"]}
        else:
            one = {**chance.choice(bindings), "subjects": chance.choice(bindings)["subjects"]}
        kind = "DELETED" if number % 10 == 5 else "MODIFIED"
        one["metadata"] = {**one["metadata"], "resourceVersion": str(number), "uid": one["metadata"]["name"]}
        lines.append(json.dumps({"type": kind, "object": one}).encode())
    return lines


def change_of(line: bytes) -> ObjectChange:
    """What a line of a watch says."""
    event = decode_event(line)
    kind = msgspec.json.decode(event.object)["kind"]
    change = read_object(event.object, kind, "cluster").change
    return change if event.type != "DELETED" else msgspec.structs.replace(change, obj=None)


def build(policy: PolicySet) -> None:
    """The unit: an engine, ready for decisions and for who-can."""
    Engine(policy).index.by_role()


def follow(policy: PolicySet, changes: list[ObjectChange]) -> float:
    """The seconds that an engine takes to follow ``changes``, one by one."""
    live = LivePolicy(policy)

    def work() -> None:
        for change in changes:
            live.apply(live.plan((change,)))

    return seconds(work, 1)


def tell(policy: PolicySet, changes: list[ObjectChange]) -> float:
    """The seconds that it takes to say what each of ``changes`` means: some 19 differences, as subjects are exchanged whole."""
    live = LivePolicy(policy)

    def work() -> None:
        for change in changes:
            effective_changes(live, (change,))

    return seconds(work, 1)


def figures(folder: Path) -> list[Figure]:
    """The figures, best of three, unit and work in turns."""
    objects = json.loads((folder / "objects.json").read_text())["items"]
    policy = sources.load([str(folder / "objects.json")], bootstrap=False)
    lines = lines_of(objects)
    changes = [change_of(line) for line in lines]
    unit = index = decoded = told = float("inf")
    for _ in range(3):
        unit = min(unit, seconds(lambda: build(policy), 3))
        index = min(index, follow(policy, changes))
        decoded = min(decoded, seconds(lambda: [change_of(line) for line in lines], 1))
        told = min(told, tell(policy, changes))
    title = f"{CHANGES} changes, 500 namespaces, against one build: "
    return [
        Figure(f"{title}the index", index / unit, "x", INDEX_LIMIT),
        Figure(f"{title}reading", decoded / unit, "x", LINES_LIMIT),
        Figure(f"{title}who gained and lost", told / unit, "x", TOLD_LIMIT),
    ]


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watch", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with objects.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.data
        if folder is None:
            folder = Path(temporary)
            Cluster(500).write(folder, requests=0)
        found = figures(folder)
    for figure in found:
        print(figure)
    return 1 if any(figure.ratio > figure.limit for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main())
