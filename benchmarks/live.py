"""``python -m benchmarks.live``: a live cluster's figures, against a server on the loopback interface that answers at once.

The server runs in a process of its own. ``--data DIR`` takes another folder's objects.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cluster import Cluster
from benchmarks.measure import Figure, process, seconds

RBAC = "/apis/rbac.authorization.k8s.io/v1"
KINDS = ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
_SERVER = """
import json, pathlib, sys
sys.path.insert(0, "tests")
from apiserver import ApiServer
folder = pathlib.Path(sys.argv[1])
with ApiServer(json.loads((folder / "objects.json").read_text())["items"], keep_pages=bool(sys.argv[2])) as server:
    print(server.kubeconfig(folder), flush=True)
    sys.stdin.read()
"""


@contextmanager
def serving(folder: Path, ready: bool) -> Iterator[Path]:
    """A server of the folder's objects; gives its kubeconfig."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(folder), "ready" if ready else ""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin is not None and running.stdout is not None
        try:
            yield Path(running.stdout.readline().strip())
        finally:
            running.stdin.close()


def raw_pages(kubeconfig: Path) -> int:
    """What the ratio is to: the same pages, one kind after another, over one connection, uncompressed and not looked at."""
    from rbaclens.live.connection import connect

    pages = 0
    with connect(str(kubeconfig)) as connection:
        for kind in KINDS:
            token = ""
            while True:
                query = {"limit": "500", **({"continue": token} if token else {})}
                body = connection.get(f"{RBAC}/{kind}", query).body
                # The head stands before the items: no need to look at the rest.
                head = json.loads(body[: body.index(b',"items":[')] + b"}")
                pages += 1
                token = head["metadata"].get("continue", "")
                if not token:
                    break
    return pages


def collected(kubeconfig: Path) -> int:
    """Everything that rbaclens makes of the same: typed objects of a policy."""
    from rbaclens.live.collect import collect, to_policy
    from rbaclens.live.connection import connect

    with connect(str(kubeconfig)) as connection:
        found = collect(connection, name="cluster:bench")
    policy = to_policy(found, "cluster:bench")
    return len(policy.roles) + len(policy.bindings)


def figures(folder: Path) -> Iterator[Figure]:
    """The figures of a live cluster: with a server that has every page ready, and with one that makes it when it is asked for."""
    for ready, name, limit in ((False, "made as it is asked for", 1.5), (True, "ready in memory", 6.0)):
        with serving(folder, ready) as kubeconfig:
            raw_pages(kubeconfig)
            objects = collected(kubeconfig)
            raw = live = float("inf")
            for _ in range(7):
                raw = min(raw, seconds(lambda: raw_pages(kubeconfig), 1))
                live = min(live, seconds(lambda: collected(kubeconfig), 1))
            yield Figure(f"collect {objects} objects / raw paged GETs; pages {name}", live / raw, "x", limit)
            if ready:
                yield Figure("who-can get secrets -A, live, the whole process", _who_can(kubeconfig), "s", 3.0)


def _who_can(kubeconfig: Path) -> float:
    arguments = ["-m", "rbaclens", "who-can", "get", "secrets", "-A", "--kubeconfig", str(kubeconfig), "--context", "test"]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    assert "cluster:test" in done.stderr, done.stderr
    return seconds(process(arguments), 3)


def main() -> int:
    """Measure and print; exit code 1 when a figure is over."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with objects.json")
    arguments = parser.parse_args()
    over = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if arguments.data is None:
            Cluster(500).write(folder, requests=0)
        else:
            (folder / "objects.json").write_bytes((arguments.data / "objects.json").read_bytes())
        for figure in figures(folder):
            print(figure, flush=True)
            over += figure.ratio > figure.limit
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
