"""``rbaclens paths`` and ``rbaclens blast-radius``."""

import json

import pytest
import yaml
from audit_rules import account, grant, user
from click.testing import CliRunner

from rbaclens.cli import cli


@pytest.fixture
def policy(tmp_path):
    """A developer who gets to cluster-admin by a pod in ci."""
    objects = [
        *grant("create", "pods", namespace="ci", to=user("dev"), name="developers"),
        *grant("*", "*", "*", to=account("deployer", "ci"), name="deployer"),
    ]
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump_all(objects))
    return str(file)


def run(*args):
    """The command's exit code and output."""
    result = CliRunner().invoke(cli, list(args), catch_exceptions=True)
    return result.exit_code, result.stdout, result


def test_text(policy):
    """Steps, grants with file and line, commands; exit code 1."""
    code, out, _ = run("paths", "--from", "dev", "-f", policy)
    assert code == 1
    assert "user:dev → cluster-admin" in out
    assert f"RoleBinding ci/developers → Role developers rule 0   {policy}:" in out
    assert "$ kubectl run" in out


def test_json(policy):
    """Data carries its schema, and each step its grants with places."""
    code, out, _ = run("paths", "-f", policy, "-o", "json")
    data = json.loads(out)
    assert (code, data["schema"]) == (1, "rbaclens.dev/paths/v1")
    path = next(one for one in data["paths"] if one["from"] == "user:dev")
    assert path["steps"][0]["grants"][0]["binding"]["at"]["line"] > 0


def test_nobody_gets_there(policy):
    """No path is no finding."""
    code, out, _ = run("paths", "--from", "bob", "-f", policy)
    assert (code, out) == (0, "no path from bob to cluster-admin\n")


def test_cut(policy):
    """The cut says what to remove and where it stands, and that it was checked."""
    code, out, _ = run("paths", "--cut", "--from", "dev", "-f", policy)
    assert code == 1
    assert out.startswith("remove 1 grant to close every path of 1 start to cluster-admin (no smaller set does):")
    assert "checked:" in out
    code, out, _ = run("paths", "--cut", "--from", "dev", "-f", policy, "-o", "json")
    assert len(json.loads(out)["remove"]) == 1


def test_blast_radius(policy):
    """What is reached, by scope."""
    code, out, _ = run("blast-radius", "dev", "-f", policy)
    assert code == 1 and "critical" in out
    code, out, _ = run("blast-radius", "dev", "-f", policy, "-o", "json")
    assert json.loads(out)["reached"][0]["node"] == "sink:cluster-admin"
    assert run("blast-radius", "bob", "-f", policy)[:2] == (0, "user:bob reaches nothing beyond its own rights\n")


def test_graph(policy):
    """The attack view draws the paths of everybody; what says nothing about paths is refused."""
    code, out, _ = run("graph", "--view", "attack", "--format", "json", "-f", policy)
    edges = json.loads(out)["edges"]
    assert code == 0
    assert {edge["technique"] for edge in edges} == {"CREATE_POD_AS_SA", "ANY_OF_ALL", "HOLDS_EVERYTHING"}
    assert len(json.loads(run("graph", "--view", "attack", "--all", "--format", "json", "-f", policy)[1])["edges"]) > len(edges)


@pytest.mark.parametrize(
    "args",
    [
        ("graph", "--view", "attack", "--verb", "get"),
        ("paths", "--to", "nowhere"),
        ("paths", "--to", "secrets:nowhere"),
        ("paths", "-k", "3"),
        ("paths", "--kube-version", "new"),
        ("blast-radius", "pod:ci/none"),
    ],
)
def test_mistakes(policy, args):
    """One clear error, and no traceback."""
    code, _, result = run(*args, "-f", policy)
    assert code == 2 or result.exception is not None
    assert "Traceback" not in result.output
