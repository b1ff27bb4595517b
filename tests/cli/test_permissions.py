"""``rbaclens permissions`` as a person uses it, from the project's root, on the sample policies."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from rbaclens.cli.permissions import command
from rbaclens.errors import UsageError
from rbaclens.index.permissions import RulesReview
from rbaclens.model.rules import PolicyRule
from rbaclens.reports.permissions import review_text

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def at_root(monkeypatch):
    """Run where ./policies is."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)


def run(*arguments):
    """Exit code, stdout and stderr; errors of rbaclens are raised."""
    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_table_says_where_and_from_what():
    """One row a rule: scope, verbs, resources, names, and the binding and role or the line; exit 0 when all is known."""
    code, out, _ = run("sa:shop/deployer", "--no-bootstrap", "-q")
    assert code == 0
    assert out.splitlines() == [
        "SCOPE   VERBS              RESOURCES     API GROUPS   NAMES      FROM",
        "shop    get,create,patch   deployments   apps                    RoleBinding shop/deployer -> Role shop/deployer",
        'shop    get                secrets       ""           registry   RoleBinding shop/deployer -> Role shop/deployer',
        "*       get,list,watch     /version                              ABAC line 4",
    ]


def test_wide_adds_subject_and_place():
    """-o wide says by which subject, and file and line of every rule."""
    _, out, _ = run("sa:shop/deployer", "--no-bootstrap", "-q", "-o", "wide")
    assert "ServiceAccount shop/deployer   policies/shop.yaml:" in out
    assert "policies/bob.jsonl:4" in out


def test_one_namespace():
    """-n leaves out what holds in other namespaces, never what holds everywhere."""
    _, out, _ = run("bob", "--no-bootstrap", "-q", "-n", "elsewhere")
    assert "projectCaribou" not in out
    assert "/version" in out


def test_json_has_schema_evidence_and_everything():
    """JSON names the schema, the identity as judged, each rule with its evidence, and what no real request can meet."""
    code, out, err = run("bob", "--no-bootstrap", "-o", "json")
    data = json.loads(out)
    assert (code, data["schema"], data["incomplete"], data["unknown"], data["problems"]) == (0, "rbaclens.permissions/v1", False, [], [])
    assert data["subject"] == {"name": "bob", "user": "bob", "groups": ["system:authenticated"]}
    first = data["rules"][0]
    assert (first["scope"], first["rule"]["resources"], first["withSubresources"]) == ("projectCaribou", ["pods"], True)
    assert first["evidence"][0]["at"]["line"] == 2
    assert len(data["rules"]) == 4
    assert "note:" not in err
    assert yaml.safe_load(run("bob", "--no-bootstrap", "-q", "-o", "yaml")[1]) == data


def test_what_is_left_out_is_said():
    """Rules that only a review could meet are not in the table, and stderr says so: nothing is left out silently."""
    _, out, err = run("bob", "--no-bootstrap")
    assert len(out.splitlines()) == 3
    assert "note: left out: 2 for an empty path or resource" in err


@pytest.mark.parametrize("output", ["csv", "markdown", "name"])
def test_other_formats(output):
    """Every format shows the binding that gives."""
    _, out, _ = run("group:devs", "--no-bootstrap", "-q", "-o", output)
    assert ("rolebinding/shop/developers" if output == "name" else "RoleBinding shop/developers") in out
    if output == "csv":
        assert next(csv.reader(io.StringIO(out))) == ["scope", "verbs", "resources", "api groups", "names", "from", "by", "at"]


def test_compact_is_smaller():
    """--compact drops what is covered and puts together what differs in one list."""
    plain = run("group:oncall", "-q")[1].splitlines()
    compacted = run("group:oncall", "-q", "--compact")[1].splitlines()
    assert len(compacted) < len(plain)
    (row,) = [line for line in compacted if "/livez" in line]
    assert "system:discovery" in row
    assert "system:public-info-viewer" in row


def test_masters():
    """The privileged group is the first row, and covers the rest."""
    _, out, _ = run("group:system:masters", "-q")
    assert "group system:masters" in out.splitlines()[1]
    assert len(run("group:system:masters", "-q", "--compact")[1].splitlines()) == 3


@pytest.mark.parametrize("arguments", [("node:n1",), ("node:n1", "--kubectl")])
def test_nodes_are_incomplete(arguments):
    """What the node authorizer allows cannot be listed: exit 3, and stderr says why (NODE-28)."""
    code, _, err = run(*arguments)
    assert code == 3
    assert "node authorizer" in err


def test_incomplete_in_json():
    """The same in JSON."""
    code, out, _ = run("node:n1", "-o", "json")
    assert code == 3
    assert json.loads(out)["incomplete"] is True


def test_dangling_roles_are_problems(tmp_path):
    """A binding whose role is not there is named on stderr, and changes no exit code."""
    (tmp_path / "p.json").write_text(
        json.dumps(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "b"},
                "subjects": [{"kind": "User", "name": "bob", "apiGroup": "rbac.authorization.k8s.io"}],
                "roleRef": {"kind": "ClusterRole", "name": "x", "apiGroup": "rbac.authorization.k8s.io"},
            }
        )
    )
    code, _, err = run("bob", "-f", str(tmp_path), "--no-bootstrap")
    assert code == 0
    assert 'problem: ClusterRoleBinding b: clusterrole.rbac.authorization.k8s.io "x" not found' in err


def test_kubectl_list():
    """--kubectl is what kubectl auth can-i --list prints for the namespace (default: default)."""
    code, out, _ = run("bob", "--no-bootstrap", "-q", "--kubectl", "-n", "projectCaribou")
    assert code == 0
    assert out.splitlines() == [
        "Resources   Non-Resource URLs   Resource Names   Verbs",
        "pods        []                  []               [get list watch]",
    ]
    assert run("bob", "--no-bootstrap", "-q", "--kubectl", "--no-headers")[1] == "\n"


def test_kubectl_json_is_the_review():
    """--kubectl -o json is the SelfSubjectRulesReview that the server would return (SSRR-03)."""
    _, out, _ = run("bob", "--no-bootstrap", "-q", "--kubectl", "-n", "projectCaribou", "-o", "json")
    data = json.loads(out)
    assert data["kind"] == "SelfSubjectRulesReview"
    assert data["status"]["resourceRules"] == [{"verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["pods"]}]
    assert data["status"]["incomplete"] is False


ALL_RULES = PolicyRule(("*",), ("*",), ("*",))


@pytest.mark.parametrize(
    ("resource_rules", "url_rules", "lines"),
    [
        (
            [PolicyRule(("get",), ("",), ("pods",)), PolicyRule(("list", "get"), ("",), ("pods",))],
            [],
            ["pods        []                  []               [get list]"],
        ),
        (
            [ALL_RULES],
            [PolicyRule(("*",), non_resource_urls=("*",))],
            ["*.*         []                  []               [*]", "            [*]                 []               [*]"],
        ),
        ([PolicyRule(("get",), ("",), ("pods/log",))], [], ["pods/log    []                  []               [get]"]),
        (
            [PolicyRule(("get",), ("apps",), ("a/scale",), ("x", "y"))],
            [],
            ["a.apps/scale   []                  [x]              [get]", "a.apps/scale   []                  [y]              [get]"],
        ),
        (
            [],
            [PolicyRule(("get",), non_resource_urls=("/b", "/a")), PolicyRule(("get",), non_resource_urls=("/a",))],
            [f"            [/{name}]                []               [get]" for name in "aab"],
        ),
    ],
)
def test_kubectl_presentation(resource_rules, url_rules, lines):
    """The table SSRR-B and SSRR-14: merged by resource, URLs one a line with duplicates, verbs sort first."""
    text = review_text(RulesReview(tuple(resource_rules), tuple(url_rules)), "table")
    assert [line.rstrip() for line in text.splitlines()[1:]] == lines


@pytest.mark.parametrize(
    "arguments",
    [
        ("bob", "-A", "-n", "x"),
        ("bob", "--kubectl", "-A"),
        ("bob", "--kubectl", "--compact"),
        ("bob", "--kubectl", "-n", ""),
        ("bob", "--kubectl", "-o", "name"),
        ("bob", "--no-headers"),
        ("",),
    ],
)
def test_wrong_usage(arguments):
    """What does not fit together is an error with help (SSRR-02, SSRR-12)."""
    with pytest.raises(UsageError) as raised:
        run(*arguments)
    assert raised.value.help


def test_terminal_lines_are_cut_with_a_note(monkeypatch):
    """On a terminal long lines are cut, and stderr says so; -o wide shows them whole."""
    monkeypatch.setattr("rbaclens.cli.permissions.terminal_width", lambda: 60)
    _, out, err = run("bob")
    assert max(map(len, out.splitlines())) == 60
    assert "lines are cut" in err
    assert "lines are cut" not in run("bob", "-o", "wide")[2]
