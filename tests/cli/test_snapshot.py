"""``rbaclens snapshot`` against the test server."""

import gzip
import json
import re
from pathlib import Path

import pytest
from apiserver import ApiServer, Identity, recorded, stored_objects
from click.testing import CliRunner, Result

from rbaclens.cli.check import command as check
from rbaclens.cli.snapshot import command
from rbaclens.errors import ClusterError, UsageError

RECORDING = Path(__file__).parent.parent / "conformance" / "rbac-101"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
SECRET = "s3cr3t-of-the-admin"
ADMIN = Identity("admin", ("system:masters", "system:authenticated"))
TIME = re.compile(rb'"time":"[^"]*"')


def run(server: ApiServer, folder: Path, *arguments: str, ok: bool = True) -> Result:
    """The command with a kubeconfig of the server."""
    path = server.kubeconfig(folder, token=SECRET, context="prod", namespace="shop")
    result = CliRunner().invoke(command, [*arguments, "--kubeconfig", str(path)], catch_exceptions=False)
    assert SECRET not in result.output
    assert not ok or result.exit_code == 0, result.output
    return result


@pytest.fixture
def server():
    with ApiServer(stored_objects(RECORDING), tokens={SECRET: ADMIN}, decide=recorded(RECORDING)) as running:
        yield running


def test_a_snapshot_answers_as_the_cluster(server, tmp_path) -> None:
    """Requests judged by the snapshot are judged as the server judged them."""
    out = tmp_path / "prod.rbac.json.gz"
    result = run(server, tmp_path, str(out))
    assert f"{out}: 193 objects of prod" in result.stderr
    requests = (RECORDING / "requests.jsonl").read_text().splitlines()[::11]
    expected = (RECORDING / "expected.jsonl").read_text().splitlines()[::11]
    arguments = ["--requests", "-", "-o", "jsonl", "-f", str(out), "--authorization-mode", "RBAC"]
    answers = CliRunner().invoke(check, arguments, input="\n".join(requests)).stdout.splitlines()
    assert [json.loads(line)["status"]["allowed"] for line in answers] == [json.loads(line)["allowed"] for line in expected]


def test_two_snapshots_are_equal_apart_from_the_time(server, tmp_path) -> None:
    """An unchanged cluster gives the same bytes, in whatever pages and order it came."""
    texts = []
    for name in ("one", "two"):
        run(server, tmp_path, str(tmp_path / name), "-q")
        texts.append(gzip.decompress((tmp_path / name).read_bytes()))
    assert TIME.sub(b"", texts[0]) == TIME.sub(b"", texts[1])
    head = json.loads(texts[0])
    assert (head["serverVersion"], head["context"], head["server"]) == ("v1.36.0", "prod", server.url)
    assert any(one["resource"] == "pods" for one in head["discovery"])
    assert SECRET.encode() not in texts[0]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_stdout(server, tmp_path) -> None:
    """- writes the compressed bytes to stdout."""
    result = run(server, tmp_path, "-", "-q")
    assert json.loads(gzip.decompress(result.stdout_bytes))["kind"] == "Snapshot"


def test_what_was_refused_travels_along(server, tmp_path) -> None:
    """A snapshot of somebody with few rights says so, and so does every answer from it."""
    server.forbid(f"{RBAC}/clusterrolebindings", "/api/v1/pods")
    out = tmp_path / "s.json.gz"
    result = run(server, tmp_path, str(out), ok=False)
    assert result.exit_code == 3
    assert "warning: clusterrolebindings may not be listed: every no is unknown" in result.stderr
    answer = CliRunner().invoke(check, ["nobody", "get", "pods", "-f", str(out)])
    assert answer.exit_code == 3
    assert "clusterrolebindings may not be listed" in answer.output


def test_a_folder_that_is_not_there_is_found_before_the_cluster_is_asked(server, tmp_path) -> None:
    """Nobody waits for a cluster only to learn that the file cannot be written."""
    with pytest.raises(UsageError, match="no such folder"):
        run(server, tmp_path, str(tmp_path / "gone" / "s.json.gz"))
    assert server.received == []


def test_nothing_is_left_behind_by_a_failure(server, tmp_path) -> None:
    """A snapshot is whole or not there."""
    server.tokens.clear()
    with pytest.raises(ClusterError, match="credentials"):
        run(server, tmp_path, str(tmp_path / "s.json.gz"))
    assert [path.name for path in tmp_path.iterdir()] == ["config"]
