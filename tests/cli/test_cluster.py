"""Policy from a cluster, as the command line's options say which."""

import pytest
from apiserver import ApiServer
from click.testing import CliRunner

from rbaclens.cli import cluster
from rbaclens.errors import ClusterError

ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "reader"},
    "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}],
}


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with ApiServer([ROLE]) as running:
        yield running


def test_which_kubeconfig_counts(server, monkeypatch, tmp_path) -> None:
    """--kubeconfig goes before $KUBECONFIG, which goes before ~/.kube/config."""
    assert not cluster.has_cluster()
    (tmp_path / ".kube").mkdir()
    server.kubeconfig(tmp_path / ".kube", context="home")
    assert cluster.has_cluster()
    with cluster.open_connection(None, None) as connection:
        assert cluster.source_name(connection) == "cluster:home"
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path, context="variable", name="variable")))
    with cluster.open_connection(None, None) as connection:
        assert connection.context == "variable"
    with cluster.open_connection(None, str(server.kubeconfig(tmp_path, context="given", name="given"))) as connection:
        assert connection.context == "given"
    with pytest.raises(ClusterError, match="no context"):
        cluster.open_connection("prod", None)


def test_a_kubeconfig_that_was_named_must_be_there(server, monkeypatch, tmp_path) -> None:
    """A slip in --kubeconfig does not end in a pod's service account, or in another file."""
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path)))
    with pytest.raises(ClusterError, match="there is no kubeconfig"):
        cluster.open_connection(None, str(tmp_path / "gone"))


def test_policy_of_a_cluster(server, tmp_path, capsys) -> None:
    """The policy names the cluster as its source; what is missing is among its gaps; nothing is printed off a terminal."""
    server.forbid("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings")
    path = str(server.kubeconfig(tmp_path, context="prod"))
    policy, _ = cluster.load_from_cluster(None, path)
    assert [str(policy.locate(role.origin)) for role in policy.roles] == ["cluster:prod"]
    assert policy.gaps == ("clusterrolebindings may not be listed: every no is unknown",)
    assert capsys.readouterr() == ("", "")


def test_progress_shows_on_a_terminal_and_is_gone_afterwards(server, tmp_path, monkeypatch) -> None:
    """One line that says how many objects have come; --quiet keeps it away."""
    path = str(server.kubeconfig(tmp_path, context="prod"))
    import click

    @click.command()
    @click.option("-q", "quiet", is_flag=True)
    def command(quiet: bool) -> None:
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        cluster.load_from_cluster(None, path, quiet=quiet)

    shown = CliRunner().invoke(command).stderr
    assert "reading prod: " in shown
    assert shown.endswith("\r\x1b[K")
    assert CliRunner().invoke(command, ["-q"]).stderr == ""
