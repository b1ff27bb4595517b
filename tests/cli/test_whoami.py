"""``rbaclens whoami`` against the test server."""

import json
from pathlib import Path

import pytest
import yaml
from apiserver import ApiServer, Fault, Identity, status_object
from click.testing import CliRunner, Result

from rbaclens import __version__
from rbaclens.cli.whoami import command
from rbaclens.errors import ClusterError

ACCOUNT = Identity(
    "system:serviceaccount:shop:deployer",
    ("system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"),
    "u-1",
    {"authentication.kubernetes.io/pod-name": ("deployer-0",)},
)
MASTER = Identity("kubernetes-admin", ("system:masters", "devs", "system:authenticated"))
REVIEWS = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


def run(folder: Path, who: Identity, *arguments: str, server: ApiServer | None = None) -> Result:
    """The command as ``who``."""
    with server or ApiServer(tokens={"t": who}) as running:
        path = running.kubeconfig(folder, token="t", context="prod")
        result = CliRunner().invoke(command, ["--kubeconfig", str(path), *arguments], catch_exceptions=False)
        assert running.targets() == [f"POST {REVIEWS}"]
        assert running.received[0].headers["user-agent"] == f"rbaclens/{__version__}"
        return result


def test_a_service_account_with_its_groups(tmp_path) -> None:
    """User, groups with why they are there, uid and extra (ATTR-16)."""
    result = run(tmp_path, ACCOUNT)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("system:serviceaccount:shop:deployer (service account), to prod at https://127.0.0.1:")
    assert "uid: u-1" in lines
    assert any("system:serviceaccounts:shop" in line and "of the namespace (ATTR-16)" in line for line in lines)
    assert "  authentication.kubernetes.io/pod-name: deployer-0" in lines


def test_groups_that_somebody_gave(tmp_path) -> None:
    """A group that does not come of itself was said by the authenticator; masters bypass everything (ATTR-25)."""
    text = run(tmp_path, MASTER).stdout
    assert "devs                  said by whatever authenticated you" in text
    assert "bypasses every authorizer" in text


def test_as_data(tmp_path) -> None:
    """JSON and YAML carry the same, with a schema."""
    data = json.loads(run(tmp_path, ACCOUNT, "-o", "json").stdout)
    assert data["schema"] == "rbaclens.whoami/v1"
    assert (data["user"], data["context"], data["uid"]) == (ACCOUNT.user, "prod", "u-1")
    assert [group["name"] for group in data["groups"]] == list(ACCOUNT.groups)
    other = yaml.safe_load(run(tmp_path, ACCOUNT, "-o", "yaml").stdout)
    assert {**other, "server": ""} == {**data, "server": ""}


@pytest.mark.parametrize(("status", "words"), [(403, "may not create selfsubjectreviews"), (404, "before 1.28")])
def test_a_server_that_does_not_say(tmp_path, status, words) -> None:
    """Without the review the answer is unknown, with the reason."""
    server = ApiServer(tokens={"t": MASTER})
    server.faults.append(Fault(status, body=status_object(status, "X", "no")))
    result = run(tmp_path, MASTER, server=server)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert words in result.stderr


def test_wrong_credentials(tmp_path) -> None:
    """401 is an error of the cluster."""
    with pytest.raises(ClusterError, match="credentials"):
        run(tmp_path, MASTER, server=ApiServer(tokens={"other": MASTER}))


def test_a_connection_that_is_not_verified_is_said(tmp_path) -> None:
    """insecure-skip-tls-verify shows on stderr, unless --quiet."""
    with ApiServer(tokens={"t": MASTER}) as server:
        cluster = {"insecure-skip-tls-verify": True, "certificate-authority-data": None}
        path = str(server.kubeconfig(tmp_path, token="t", cluster=cluster))
        assert "not verified" in CliRunner().invoke(command, ["--kubeconfig", path]).stderr
        assert CliRunner().invoke(command, ["--kubeconfig", path, "-q"]).stderr == ""
