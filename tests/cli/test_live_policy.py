"""Any command takes its policy from the cluster, and check compares its answer with the server's."""

from __future__ import annotations

import json
import os

import pytest
from apiserver import ApiServer
from click.testing import CliRunner

from rbaclens.cli import cli
from rbaclens.errors import ClusterError, UsageError

GROUP = "rbac.authorization.k8s.io"
OBJECTS = [
    {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "reader"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
    },
    {
        "apiVersion": f"{GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "readers"},
        "subjects": [{"kind": "User", "name": "bob", "apiGroup": GROUP}],
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "reader"},
    },
]


def decide(spec):
    """The server's own answer: bob may get pods, and whatever a webhook that nobody was told of allows him (logs)."""
    asked = spec.get("resourceAttributes", {})
    if spec.get("user") != "bob" or asked.get("verb") != "get":
        return {"allowed": spec.get("user") == "admin"}
    if asked.get("subresource") == "log":
        return {"allowed": True, "reason": "cloud IAM says yes"}
    return {"allowed": True, "reason": 'RBAC: allowed by ClusterRoleBinding "readers" of ClusterRole "reader" to User "bob"'}


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A cluster, the current kubeconfig context, in a folder without policies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with ApiServer(OBJECTS, decide=decide) as running:
        monkeypatch.setenv("KUBECONFIG", str(running.kubeconfig(tmp_path, context="prod")))
        yield running


def run(*arguments):
    """Exit code and output of a command."""
    result = CliRunner().invoke(cli, list(arguments), catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("check", "bob", "get", "pods"), "rbac"),
        (("who-can", "get", "pods"), "bob"),
        (("permissions", "bob"), "readers"),
        (("matrix", "bob"), "pods"),
        (("whois", "bob"), "readers"),
        (("subjects",), "bob"),
        (("roles",), "reader"),
        (("bindings",), "readers"),
    ],
)
def test_the_current_context_is_the_policy_when_nothing_else_is(server, arguments, expected):
    """Without files every command works on the current context, and says so on stderr."""
    result = run(*arguments)
    assert result.exit_code == 0
    assert expected in result.stdout
    assert "policy: cluster:prod" in result.stderr


def test_what_may_not_be_listed_makes_a_no_unknown(server):
    """A yes stands; a no is unknown (exit 3) and says which list was refused."""
    server.forbid(f"/apis/{GROUP}/v1/clusterrolebindings")
    result = run("check", "eve", "get", "pods")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (3, "unknown")
    assert "clusterrolebindings may not be listed" in result.stdout


def test_files_come_before_the_cluster(server, tmp_path):
    """-f is enough; -f and --context are two policies."""
    (tmp_path / "empty.yaml").write_text("")
    assert run("check", "bob", "get", "pods", "-f", "empty.yaml").exit_code == 1
    with pytest.raises(UsageError, match="two policies"):
        run("check", "bob", "get", "pods", "-f", "empty.yaml", "--context", "prod")


def test_verify_one_request(server):
    """The server's answer beside ours: the same, or another and why."""
    same = run("check", "bob", "get", "pods", "--verify", "-q")
    assert (same.exit_code, "server" in same.stdout) == (0, True)
    other = run("check", "bob", "get", "pods/log", "web", "--verify", "-q", "-o", "json")
    data = json.loads(other.stdout)
    assert other.exit_code == 1
    assert data["answer"] == "no"
    assert data["verified"]["outcome"] == "disagree"
    assert data["verified"]["cause"] == "authorizer"


def test_verify_files_against_the_cluster(server, tmp_path):
    """For one request too, -f and --context may be compared: a drift check."""
    (tmp_path / "empty.yaml").write_text("")
    result = run("check", "bob", "get", "pods", "-f", "empty.yaml", "--context", "prod", "--verify", "-q")
    assert result.exit_code == 1
    assert "stale data" in result.stdout or "differs" in result.stdout


def test_no_cluster_there(monkeypatch, tmp_path):
    """Unreachable is one line and exit code 4."""
    monkeypatch.chdir(tmp_path)
    with ApiServer(OBJECTS) as gone:
        monkeypatch.setenv("KUBECONFIG", str(gone.kubeconfig(tmp_path)))
    with pytest.raises(ClusterError) as error:
        run("check", "bob", "get", "pods")
    assert error.value.exit_code == 4
    assert os.linesep not in str(error.value)
