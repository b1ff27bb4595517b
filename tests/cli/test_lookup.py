"""subjects, roles and bindings on the command line: what is shown, what is hidden, and in which formats."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from rbaclens.cli import bindings, roles, subjects
from rbaclens.errors import UsageError
from rbaclens.reports.lookup import subject_word
from rbaclens.reports.tables import FORMATS
from rbaclens.requests.subjects import parse_subject

SAMPLES = str(Path(__file__).resolve().parents[1] / "data" / "identities" / "policies")
COMMANDS = {"subjects": subjects.command, "roles": roles.command, "bindings": bindings.command}

DANGLING = """
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: gone, namespace: a},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: missing}, subjects: [{kind: User, name: bob}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: nobody, namespace: a},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: x}]}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: z, namespace: a}}
"""


def run(name, *arguments, files=(SAMPLES,), code=0):
    """The output of a command on these files."""
    result = CliRunner().invoke(COMMANDS[name], [*arguments, *(part for file in files for part in ("-f", str(file)))])
    assert result.exit_code == code, result.output
    return result


def names(name, *arguments, **more):
    """What ``-o name`` lists."""
    return run(name, *arguments, "-o", "name", **more).stdout.split()


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("name", COMMANDS)
def test_formats(name, output):
    """Every format of every look-up works, and those for programs hold every row with its place."""
    text = run(name, "-o", output, "-q").stdout
    count = len(names(name))
    if output in {"json", "yaml"}:
        data = json.loads(text) if output == "json" else yaml.safe_load(text)
        assert data["schema"] == f"rbaclens.{name}/v1"
        assert len(data[name]) == count
        assert data["hidden"] > 0
        for row in data[name]:
            places = [row["at"]] if name != "subjects" else [one["at"] for one in row["bindings"]]
            assert all(place["line"] >= 1 for place in places)
    elif output == "csv":
        assert len(list(csv.reader(io.StringIO(text)))) == count + 1
    elif output != "name":
        assert len(text.splitlines()) == count + (2 if output == "markdown" else 1)


def test_subjects():
    """Users, groups and service accounts, by RBAC and ABAC; a glob is for the whole name."""
    assert names("subjects") == [
        "group:devs",
        "group:oncall",
        "group:system:authenticated",
        "sa:monitoring/prober",
        "sa:shop/deployer",
        "alice",
        "bob",
    ]
    assert names("subjects", "de*") == ["group:devs", "sa:shop/deployer"]
    assert names("subjects", "ev") == ["group:devs"]
    assert names("subjects", "system:serviceaccount:shop:deployer") == ["sa:shop/deployer"]
    assert names("subjects", "^(bob|oncall)$", "--regex") == ["group:oncall", "bob"]
    assert names("subjects", "--kind", "user") == ["alice", "bob"]
    assert names("subjects", "-n", "shop") == ["group:devs", "sa:shop/deployer"]
    assert names("subjects", "-n", "projectCaribou") == ["alice", "bob"]


def test_a_subjects_bindings():
    """A subject's bindings come with role and place, ABAC lines among them."""
    (row,) = json.loads(run("subjects", "bob", "-o", "json").stdout)["subjects"]
    (grant,) = row["bindings"]
    assert (grant["kind"], grant["allows"], grant["at"]["line"]) == ("ABAC", "get,list,watch pods", 2)
    wide = run("subjects", "devs", "-o", "wide").stdout
    assert f"RoleBinding shop/developers ({SAMPLES}/shop.yaml:15)" in wide


def test_hidden_objects():
    """What every cluster has is hidden and counted; --all shows it, and so does its exact name."""
    result = run("roles")
    assert "hidden: 76 that every cluster has" in result.stderr
    assert "cluster-admin" not in result.stdout
    assert "ClusterRole/cluster-admin" in names("roles", "--all")
    assert names("roles", "view") == ["ClusterRole/view"]
    assert names("subjects", "system:masters") == ["group:system:masters"]
    assert "hidden" not in run("roles", "--all").stderr
    assert run("roles", "-q").stderr == ""


def test_roles():
    """Holders with where they hold the role; unused roles; what is gathered from and into."""
    lines = run("roles").stdout.splitlines()
    assert lines[0].split() == ["KIND", "NAMESPACE", "NAME", "RULES", "HOLDERS"]
    assert [line.split() for line in lines[3:]] == [
        ["Role", "shop", "deployer", "2", "sa:shop/deployer", "(shop)"],
        ["Role", "shop", "developer", "2", "group:devs", "(shop)"],
    ]
    data = {row["name"]: row for row in json.loads(run("roles", "--all", "-o", "json").stdout)["roles"]}
    assert data["oncall-extras"]["gatheredInto"] == ["view"]
    assert not data["oncall-extras"]["unused"]
    assert "oncall-extras" in data["view"]["gatheredFrom"]
    assert [(one["kind"], one["name"], one["scope"]) for one in data["developer"]["holders"]] == [("Group", "devs", "shop")]
    assert [(one["kind"], one["name"], one["scope"]) for one in data["view"]["holders"]] == [("Group", "oncall", "*")]
    assert names("roles", "--unused") == []
    assert "ClusterRole/system:kubelet-api-admin" in names("roles", "--unused", "--all")
    assert names("roles", "shop/de*") == ["Role/shop/deployer", "Role/shop/developer"]
    assert names("roles", "-n", "shop", "--kind", "ClusterRole") == []


def test_nothing_found():
    """No row is no error; stderr says so."""
    result = run("bindings", "nothing-like-this")
    assert (result.stdout, 'no binding found for "nothing-like-this"' in result.stderr) == ("", True)
    assert json.loads(run("bindings", "nothing-like-this", "-o", "json").stdout)["bindings"] == []


def test_dangling(tmp_path):
    """--dangling lists what refers to nothing, and says what is missing, in the plain table too."""
    file = tmp_path / "dangling.yaml"
    file.write_text(DANGLING)
    assert names("bindings", "--dangling", files=[SAMPLES, file]) == ["RoleBinding/a/gone", "RoleBinding/a/nobody"]
    text = run("bindings", "--dangling", files=[file]).stdout
    assert 'role.rbac.authorization.k8s.io "missing" not found' in text
    assert "ServiceAccount a/x does not exist" in text
    assert names("bindings", "--dangling") == []
    assert names("subjects", files=[file]) == ["sa:a/x", "sa:a/z", "bob"]


def test_whole_clusters(tmp_path):
    """Default objects are hidden in the objects of a whole cluster as well; one that was changed is not."""
    file = tmp_path / "cluster.yaml"
    default = (
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: cluster-admin, labels: "
        "{kubernetes.io/bootstrapping: rbac-defaults}}, rules: [{apiGroups: ['*'], resources: ['*'], verbs: [VERB]},"
        " {nonResourceURLs: ['*'], verbs: ['*']}]}"
    )
    file.write_text(default.replace("VERB", "'*'"))
    assert names("roles", files=[file]) == []
    file.write_text(default.replace("VERB", "get"))
    assert names("roles", files=[file]) == ["ClusterRole/cluster-admin"]


def test_incomplete_data(tmp_path):
    """Where a file could not be read, the list may be too short: exit code 3."""
    file = tmp_path / "bad.yaml"
    file.write_text("{")
    run("roles", "--skip-bad-files", files=[SAMPLES, file], code=3)


def test_wrong_patterns():
    """A regular expression that is none is wrong usage."""
    result = CliRunner().invoke(COMMANDS["roles"], ["(", "--regex", "-f", SAMPLES])
    assert isinstance(result.exception, UsageError)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("bob", "bob"),
        ("oidc:alice", "oidc:alice"),
        ("user:x", "user:user:x"),
        ("sa:x", "user:sa:x"),
        ("system:masters", "user:system:masters"),
        ("system:node:n", "system:node:n"),
        ("system:serviceaccounts:x", "user:system:serviceaccounts:x"),
        ("anonymous", "user:anonymous"),
        ("system:anonymous", "system:anonymous"),
        ("*", "*"),
    ],
)
def test_subject_words(name, word):
    """A subject is shown as the command line takes it back, for every user name."""
    assert subject_word("User", name) == word
    assert parse_subject(word).user == name
