"""whois: the closure of an identity, its members, and what names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.cli.whois import command
from rbaclens.errors import PolicyFileError, UsageError
from rbaclens.requests.closure import identity_closure
from rbaclens.sources.identities import load_identities

DATA = Path(__file__).resolve().parents[1] / "data" / "identities"
SAMPLES = str(DATA / "policies")
USERS, AWS = str(DATA / "users.yaml"), str(DATA / "aws-auth.yaml")


def run(*arguments, code=0):
    """The result of whois on the samples."""
    result = CliRunner().invoke(command, [*arguments, "-f", SAMPLES, "-q"])
    assert result.exit_code == code, result.output
    return result


def data(*arguments):
    """What whois says as JSON."""
    found = json.loads(run(*arguments, "-o", "json").stdout)
    assert found["schema"] == "rbaclens.whois/v1"
    return found


def groups(found):
    """Group to its source and line."""
    return [(one["name"], one["source"], one.get("at", {}).get("line")) for one in found["groups"]]


def test_groups_and_why():
    """Given, then the file's with its line, then implied (ATTR-15)."""
    found = data("alice", "--identities", USERS, "--as-group", "extra", "--as-group", "devs")
    assert groups(found) == [
        ("extra", "given", None),
        ("devs", "given", None),
        ("oncall", "identities", 4),
        ("system:authenticated", "implied", None),
    ]
    assert "(ATTR-15)" in found["groups"][-1]["why"]
    assert [(one["kind"], one["name"], one["names"]) for one in found["bindings"] if one["at"]["file"] != "bootstrap"] == [
        ("ClusterRoleBinding", "oncall", "group:oncall"),
        ("RoleBinding", "developers", "group:devs"),
        ("ABAC", f"{SAMPLES}/bob.jsonl:3", "alice"),
        ("ABAC", f"{SAMPLES}/bob.jsonl:4", "group:system:authenticated"),
    ]


def test_exact_groups():
    """With --exact-groups nothing is implied, and the file still counts: it was given."""
    assert groups(data("alice", "--identities", USERS, "--exact-groups")) == [("devs", "identities", 4), ("oncall", "identities", 4)]


def test_service_accounts():
    """A service account's parts, whether it is in the policy and where; groups by rule (ATTR-16)."""
    found = data("sa:shop/deployer")
    assert found["serviceAccount"] == {
        "namespace": "shop",
        "name": "deployer",
        "exists": True,
        "at": {"file": f"{SAMPLES}/shop.yaml", "line": 29, "column": 1},
    }
    assert [one["name"] for one in found["groups"]] == ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"]
    assert data("sa:shop/other")["serviceAccount"]["exists"] is False
    assert data("sa:nowhere/x")["serviceAccount"]["exists"] is None


def test_nodes(tmp_path):
    """A node's name, whether it is in the policy, and that without its group it is no node (NODE-01)."""
    (tmp_path / "node.yaml").write_text("{apiVersion: v1, kind: Node, metadata: {name: n1}}")
    assert data("node:n1", "-f", str(tmp_path))["node"]["exists"] is True
    assert data("node:n2", "-f", str(tmp_path))["node"]["exists"] is False
    assert data("node:n1")["node"] == {"name": "n1", "exists": None, "isNode": True}
    assert data("node:n1", "--exact-groups")["node"]["isNode"] is False
    assert data("group:system:nodes", "-f", str(tmp_path))["members"]["known"] == ["node:n1"]
    assert "n1: is in the policy; the node authorizer knows it" in run("node:n1", "-f", str(tmp_path)).stdout


def test_members_of_a_group():
    """A group's members by the identities file, with their lines; patterns among them."""
    found = data("group:devs", "--identities", USERS)
    assert [(one["subject"], one["at"]["line"]) for one in found["members"]["listed"]] == [("alice", 4), ("bob", 7)]
    found = data("group:system:masters", "--identities", AWS)
    assert [one["user"] for one in found["members"]["listed"]] == ["admin:{{SessionName}}"]
    assert "notes" in data("group:devs")


@pytest.mark.parametrize(
    ("group", "words", "known"),
    [
        ("system:authenticated", "everybody who logged in (ATTR-15)", None),
        ("system:unauthenticated", "system:anonymous (ATTR-14)", None),
        ("system:serviceaccounts", "every service account (ATTR-16)", ["sa:shop/deployer"]),
        ("system:serviceaccounts:shop", "of the namespace shop (ATTR-16)", ["sa:shop/deployer"]),
        ("system:serviceaccounts:other", "of the namespace other (ATTR-16)", []),
        ("system:nodes", "(ATTR-13)", []),
        ("system:masters", "(ATTR-21)", None),
    ],
)
def test_implied_members(group, words, known):
    """Who is in a well-known group by authentication alone, by rule and by name where the policy has names."""
    members = data(f"group:{group}")["members"]
    assert members["implied"].endswith(words)
    assert members.get("known") == known


def test_bypass():
    """Who is in system:masters is not subject to any authorizer (ATTR-25), by whatever way they are in it."""
    assert "bypasses" not in data("alice")
    assert "(ATTR-25)" in data("bob", "--as-group", "system:masters")["bypasses"][0]
    assert "(ATTR-25)" in data("admin:dora", "--identities", AWS)["bypasses"][0]
    assert "bypasses" in run("group:system:masters").stdout


def test_patterns_of_aws_auth():
    """A name that fits a pattern gets its groups, and the reason says which pattern and role it was."""
    found = data("node:ip-10-0-0-1.ec2.internal", "--identities", AWS)
    first = found["groups"][0]
    assert first["why"] == f"identities file {AWS}:11, by the pattern system:node:{{{{EC2PrivateDNSName}}}}"
    assert first["via"] == "arn:aws:iam::111122223333:role/nodes"
    assert groups(found)[1] == ("system:nodes", "identities", 12)
    assert any("could become any name" in note for note in found["notes"])


def test_unknown_to_the_file():
    """A user whom the file does not name is said to be so; their other groups stay."""
    assert "the identities file does not name this user" in data("dora", "--identities", USERS)["notes"]
    assert "notes" not in data("carol", "--identities", USERS)


def test_extra_and_uid():
    """What else the request would carry is shown."""
    found = data("bob", "--uid", "7", "--extra", "team=a", "--extra", "team=b")
    assert (found["uid"], found["extra"]) == ("7", {"team": ["a", "b"]})


def test_text():
    """The text for a person: groups with reasons, the count and the place of every binding."""
    text = run("alice", "--identities", USERS, "--extra", "k=v", "--uid", "1").stdout
    assert text.startswith("user alice\n")
    assert f"oncall  (identities file {USERS}:4)" in text
    assert "bound by  7 bindings" in text
    assert f"RoleBinding shop/developers names group:devs, grants Role developer  ({SAMPLES}/shop.yaml:15)" in text
    assert f"ABAC {SAMPLES}/bob.jsonl:3 names alice, allows * * in API group *" in text
    assert "k=v" in text
    assert run("sa:nowhere/x").stdout.splitlines()[0] == "service account system:serviceaccount:nowhere:x"
    assert f"alice  ({USERS}:4)" in run("group:devs", "--identities", USERS).stdout
    assert "known: sa:shop/deployer" in run("group:system:serviceaccounts").stdout
    assert run("alice", "--exact-groups", "-o", "yaml").stdout.startswith("schema: rbaclens.whois/v1\n")


def test_errors(tmp_path):
    """An identities file that cannot be read, and a subject that is none, are refused."""
    (tmp_path / "bad.yaml").write_text("alice: [5]\n")
    for arguments, error in ((["bob", "--identities", str(tmp_path / "bad.yaml")], PolicyFileError), (["group:"], UsageError)):
        assert isinstance(CliRunner().invoke(command, [*arguments, "-f", SAMPLES]).exception, error)


def test_closure_without_a_file():
    """Without a file, or for a group, the closure is what the subject alone says."""
    file = load_identities(USERS)
    assert identity_closure("alice", None).groups == ("system:authenticated",)
    assert identity_closure("group:devs", file).groups == ("devs", "system:authenticated")
    assert identity_closure("alice", file, groups=["x"]).groups == ("x", "devs", "oncall", "system:authenticated")


def test_a_file_may_take_the_implied_group_away(tmp_path):
    """Somebody whom the file puts into system:unauthenticated is not authenticated as well (ATTR-15)."""
    (tmp_path / "odd.yaml").write_text("eve: [system:unauthenticated]\n")
    assert identity_closure("eve", load_identities(str(tmp_path / "odd.yaml"))).groups == ("system:unauthenticated",)
