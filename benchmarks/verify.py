"""``python -m benchmarks.verify``: how surely the cross-check finds a missing rule, and what replaying an audit log costs.

``--trials N`` (default 100) rules are removed from each recording's policy, one at a time, those that change nothing left out.
``--events N`` (default 100000) sets the length of the audit log; memory is compared with one of a tenth of that.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure, peak_mebibytes, process, seconds

TESTS = Path(__file__).parents[1] / "tests"
RECORDINGS = ("rbac-101", "rbac-102", "rbac-103")
BUDGET = 300


def found(name: str, trials: int, *, lost_here: bool, rule_lists: bool) -> Figure:
    """In how many of 100 trials the default budget misses the rule that one side lacks.

    Without rule lists (whoever may not impersonate) a rule of one's own that is missing here is found by chance only: nothing
    hints at it. Default rules are found by what every server holds.
    """
    sys.path.insert(0, str(TESTS))
    from engine_connection import EngineConnection
    from removal import RBAC, removals

    from rbaclens import sources
    from rbaclens.cli.cross_check import Settings, cross_check
    from rbaclens.index.engine import Engine
    from rbaclens.live.ask import Asker

    policy = sources.load([str(TESTS / "conformance" / name / "objects.json")])
    full, reference = Engine(policy, RBAC), Engine(sources.load([]), RBAC)
    made = missed = 0
    for _, _, reduced in itertools.islice(removals(policy, seed=1), trials):
        made += 1
        local, server = (reduced, full) if lost_here else (full, reduced)
        asker = Asker(EngineConnection(server, impersonation=rule_lists), qps=0, concurrency=1)
        missed += cross_check(local, asker, "", Settings(BUDGET, seed=made), reference=reference).exit_code != 1
    side = "here" if lost_here else "on the server"
    how = "rule lists and reviews" if rule_lists else "reviews alone"
    return Figure(f"{name}: a rule missing {side}, {how}: not found", 100 * missed / made, "%", 5 if rule_lists or not lost_here else 15)


def write_log(folder: Path, events: int) -> Path:
    """An audit log of requests against the synthetic cluster, with the decisions that its policy makes."""
    from rbaclens import sources
    from rbaclens.index.engine import Engine
    from rbaclens.requests.review import parse_review

    engine = Engine(sources.load([str(folder / "objects.json")]))
    requests = [parse_review(line).request for line in (folder / "requests.jsonl").read_bytes().splitlines()]
    random.Random(1).shuffle(requests)  # noqa: S311
    log = folder / f"audit-{events}.jsonl"
    with log.open("w") as file:
        for number, request in enumerate(itertools.islice(itertools.cycle(requests), events)):
            file.write(json.dumps(_event(number, request, engine.decide(request)), separators=(",", ":")) + "\n")
    return log


def _event(number, request, decision):
    place = f"/namespaces/{request.namespace}" if request.namespace else ""
    base = f"/apis/{request.api_group}/v1" if request.api_group else "/api/v1"
    parts = [base + place, request.resource, request.name, request.subresource]
    ref = {"resource": request.resource, "namespace": request.namespace, "name": request.name, "apiGroup": request.api_group}
    ref |= {"subresource": request.subresource, "apiVersion": "v1"}
    return {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": f"0b8ee9a4-83a5-4d7c-a37e-{number:012d}",
        "stage": "ResponseComplete",
        "requestURI": request.path or "/".join(part for part in parts if part),
        "verb": request.verb,
        "user": {"username": request.user, "groups": request.groups, "uid": "5b6a1c0e-8f5c-4f1e-9a53-0d8c2f1b7e11"},
        "sourceIPs": ["10.0.0.1"],
        "userAgent": "kubelet/v1.36.0 (linux/amd64) kubernetes/abcdef0",
        "objectRef": None if request.path else {key: value for key, value in ref.items() if value},
        "responseStatus": {"metadata": {}, "code": 200 if decision.allowed else 403},
        "requestReceivedTimestamp": "2026-01-02T03:04:05.123456Z",
        "stageTimestamp": "2026-01-02T03:04:05.133456Z",
        "annotations": {
            "authorization.k8s.io/decision": "allow" if decision.allowed else "forbid",
            "authorization.k8s.io/reason": decision.reason,
        },
    }


def _command(folder: Path, log: Path) -> tuple[str, ...]:
    return ("-m", "rbaclens", "verify", "-q", "-f", str(folder / "objects.json"), "--audit-log", str(log), "-o", "json")


def replay_time(folder: Path, log: Path) -> Figure:
    """The whole process against ``json.loads`` of the same lines in one of its own."""
    decode = process(("-c", f"import json\nfor line in open({str(log)!r}): json.loads(line)"))
    replay = process(_command(folder, log))
    base = ours = float("inf")
    for _ in range(3):
        base, ours = min(base, seconds(decode, 1)), min(ours, seconds(replay, 1))
    return Figure("verify --audit-log, whole process, against json.loads of the lines", ours / base, "x", 3.0)


def replay_memory(folder: Path, short: Path, long: Path) -> Figure:
    """Peak memory of the longer log, against the shorter."""
    peaks = [peak_mebibytes(_command(folder, log)) for log in (short, long)]
    return Figure(f"its peak memory ({peaks[1]:.0f} MiB), against a log of a tenth", peaks[1] / peaks[0], "x", 1.1)


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify", description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--events", type=int, default=100_000)
    arguments = parser.parse_args()
    figures = [
        found(name, arguments.trials, lost_here=here, rule_lists=lists)
        for name in RECORDINGS
        for here, lists in ((True, True), (False, True), (True, False), (False, False))
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        Cluster(500).write(folder)
        short, long = write_log(folder, arguments.events // 10), write_log(folder, arguments.events)
        figures += [replay_time(folder, long), replay_memory(folder, short, long)]
    for figure in figures:
        print(figure, flush=True)
    return 1 if any(figure.ratio > figure.limit for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
