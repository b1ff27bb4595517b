"""What is measured."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import Figure, paired, peak_mebibytes, process, seconds

CHECK = ("-m", "rbaclens", "check", "-q")


def _bulk(folder: Path) -> tuple[str, ...]:
    return (*CHECK, "-f", str(folder / "objects.json"), "--requests", str(folder / "requests.jsonl"), "-o", "jsonl")


class Decisions:
    """Decisions alone, each time by an engine that has not seen a request."""

    def __init__(self, folder: Path) -> None:
        import rbaclens
        from rbaclens.requests.review import parse_review

        lines = (folder / "requests.jsonl").read_bytes().splitlines()
        self.policy = rbaclens.load(str(folder / "objects.json")).policy
        self.requests = [parse_review(line).request for line in lines]
        self.renew()

    def renew(self) -> None:
        """A fresh engine."""
        from rbaclens.index.engine import Engine

        self.engine = Engine(self.policy)

    def run(self) -> None:
        """Decide every request."""
        decide = self.engine.decide
        for request in self.requests:
            decide(request)


def cold_process(folder: Path) -> Figure:
    """20,000 reviews answered by a whole process."""
    return Figure("check --requests, whole process, 500 namespaces", paired(folder, process(_bulk(folder))), "J", 3.0)


def decisions(folder: Path) -> Figure:
    """Engine.decide in a loop."""
    loop = Decisions(folder)
    return Figure("Engine.decide, 20,000 requests, 500 namespaces", paired(folder, loop.run, before=loop.renew), "J", 0.5)


def memory(folder: Path) -> Figure:
    """Peak memory of the whole process."""
    return Figure("peak memory of check --requests, 500 namespaces", peak_mebibytes(_bulk(folder)), "MiB", 200)


def one_check(_: Path) -> Figure:
    """The main job against the imports that it cannot do without."""
    imports = process(("-c", "import click, msgspec, yaml"))
    check = process((*CHECK, "bob", "get", "pods", "-n", "projectCaribou"))
    base, ours = float("inf"), float("inf")
    for _ in range(10):
        base, ours = min(base, seconds(imports, 1)), min(ours, seconds(check, 1))
    return Figure("check bob get pods, against importing click, msgspec and yaml", ours / base, "x", 2.0)


def yaml_loading(folder: Path) -> Figure:
    """The same cluster as one YAML file, against PyYAML's C loader alone."""
    import yaml

    from rbaclens import sources

    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "objects.yaml"
        objects = json.loads((folder / "objects.json").read_text())
        file.write_text(yaml.dump(objects, Dumper=yaml.CSafeDumper, sort_keys=False))
        text = file.read_bytes()
        alone = seconds(lambda: yaml.load(text, yaml.CSafeLoader), 2)
        ours = seconds(lambda: sources.load([str(file)], bootstrap=False), 2)
    return Figure("loading one YAML file, against PyYAML's C loader alone", ours / alone, "x", 1.3)


def who_can_process(folder: Path) -> Figure:
    """Who can get secrets anywhere, by a whole process."""
    arguments = ("-m", "rbaclens", "who-can", "get", "secrets", "-A", "-f", str(folder / "objects.json"), "-q")
    return Figure("who-can get secrets -A, whole process, 500 namespaces", paired(folder, process(arguments)), "J", 1.5)


def who_can_query(folder: Path) -> Figure:
    """Who can, the files already loaded."""
    import rbaclens
    from rbaclens.index.who_can import who_can
    from rbaclens.model.pattern import Pattern

    engine = rbaclens.load(str(folder / "objects.json"))
    pattern = Pattern("get", "secrets", "", namespace=None)
    who_can(engine, pattern)
    return Figure("who-can get secrets over all namespaces, files loaded", paired(folder, lambda: who_can(engine, pattern)), "J", 0.05)


def permissions_of_everybody(folder: Path) -> Figure:
    """The effective permissions of every subject, the files already loaded."""
    import rbaclens
    from rbaclens.index.matrix import people
    from rbaclens.index.permissions import PermissionIndex

    engine = rbaclens.load(str(folder / "objects.json"))
    everybody = people(engine)

    def run() -> None:
        index = PermissionIndex(engine)
        for person in everybody:
            index.held(person.user, person.groups)

    return Figure(f"permissions of each of {len(everybody)} subjects, files loaded", paired(folder, run, 3), "J", 5.0)


def full_matrix(folder: Path) -> Figure:
    """Subject by (verb, resource) as CSV, by a whole process."""
    arguments = ("-m", "rbaclens", "matrix", "--all", "-o", "csv", "-q", "-f", str(folder / "objects.json"))
    return Figure("matrix --all -o csv, whole process, 500 namespaces", paired(folder, process(arguments), 3), "J", 10.0)


def cold_process_large(_: Path, large: Path) -> Figure:
    """The same whole process on a cluster four times as large."""
    return Figure("check --requests, whole process, 2000 namespaces", paired(large, process(_bulk(large)), 5), "J", 2.0)


def decisions_grow(folder: Path, large: Path) -> Figure:
    """The cost of a decision must not grow with bindings that do not concern the subject."""
    small, big = float("inf"), float("inf")
    small_loop, large_loop = Decisions(folder), Decisions(large)
    for _ in range(8):
        small_loop.renew()
        large_loop.renew()
        small, big = min(small, seconds(small_loop.run, 1)), min(big, seconds(large_loop.run, 1))
    return Figure("Engine.decide at 2000 namespaces, against 500", big / small, "x", 1.3)


SMALL: tuple[Callable[[Path], Figure], ...] = (
    cold_process,
    decisions,
    memory,
    one_check,
    yaml_loading,
    who_can_process,
    who_can_query,
    permissions_of_everybody,
    full_matrix,
)
LARGE: tuple[Callable[[Path, Path], Figure], ...] = (cold_process_large, decisions_grow)
