"""``rbaclens graph`` as a person uses it, from the project's root, on the sample policies."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.cli.graph import command
from rbaclens.errors import RbaclensError, UnknownNameError, UsageError
from rbaclens.graph.formats import FORMATS

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


def data(*arguments):
    """The graph as data: ids of nodes, and edges as (source, target, verbs)."""
    code, out, _ = run(*arguments, "--format", "json")
    assert code == 0
    found = json.loads(out)
    return {node["id"] for node in found["nodes"]}, {(e["source"], e["target"], e.get("verbs", "")) for e in found["edges"]}


def test_who_can_what():
    """By default: who holds which role where, without what every cluster has, which stderr says."""
    nodes, edges = data()
    assert ("group:oncall", "grant:*:clusterrole:view", "get, list, watch") in edges
    assert ("user:bob", "abac:policies/bob.jsonl:2", "get, list, watch") in edges
    assert not any("kube-system" in node for node in nodes)
    assert "grants that every cluster has are left out" in run()[2]


def test_everything():
    """--all shows the API server's own grants too."""
    nodes, _ = data("--all", "--no-merge")
    assert {"group:system:masters", "grant:*:all", "sa:kube-system/namespace-controller"} <= nodes


def test_levels():
    """Namespaces, roles, or each resource of each rule."""
    assert ("group:devs", "scope:shop", "get, list, watch, update, patch") in data("--level", "namespace")[1]
    assert ("group:devs", "may:shop::pods/log", "get, list, watch") in data("--level", "rule")[1]


def test_bindings():
    """--view bindings shows what is written: subjects, bindings, roles, and what is gathered into what."""
    _, edges = data("--view", "bindings")
    ends = {(source, target) for source, target, _ in edges}
    assert {("group:devs", "rolebinding:shop/developers"), ("rolebinding:shop/developers", "role:shop/developer")} <= ends
    assert ("clusterrole:oncall-extras", "clusterrole:view") in ends


@pytest.mark.parametrize("view", ["who-can-what", "bindings"])
def test_filters(view):
    """--verb, --resource and --namespace keep what touches them; the resource may be said as kubectl knows it."""
    nodes, edges = data("--view", view, "--verb", "patch", "--resource", "deploy", "-n", "shop", "--level", "rule")
    assert any("deployments" in node for node in nodes)
    assert not any("oncall" in node or "secrets" in node for node in nodes)
    assert {verbs for _, _, verbs in edges if verbs} <= {"patch", "*"}


def test_a_path():
    """--resource takes a path as well."""
    _, edges = data("--resource", "/metrics", "--level", "rule")
    assert ("sa:monitoring/prober", "path:/metrics", "get") in edges


def test_focus_on_somebody():
    """What is near a subject; stderr says how much is not shown."""
    nodes, _ = data("--focus", "sa:shop/deployer", "--hops", "1")
    assert nodes == {"sa:shop/deployer", "grant:shop:role:shop/deployer", "group:system:authenticated"}
    assert "more than 1 step from sa:shop/deployer are left out" in run("--focus", "sa:shop/deployer", "--hops", "1")[2]


def test_focus_on_a_role():
    """A role is found by its name, its kind and name, or its id."""
    for word in ("developer", "Role developer", "role:shop/developer"):
        assert data("--focus", word, "--hops", "1")[0] == {"grant:shop:role:shop/developer", "group:devs"}


def test_focus_on_a_resource():
    """A resource is shown with all who hold it, at the level that has resources."""
    nodes, edges = data("--focus", "deploy", "--hops", "1")
    assert {source for source, target, _ in edges if target == "may:shop:apps:deployments"} == {"group:devs", "sa:shop/deployer"}
    assert "group:leads" not in nodes


def test_focus_on_nothing():
    """A name that is not in the graph gets the nearest ones."""
    with pytest.raises(UnknownNameError) as caught:
        run("--focus", "sa:shop/deploier")
    assert "sa:shop/deployer" in caught.value.help


def test_a_verb_that_nothing_knows():
    """A typo is an error, not an empty graph."""
    with pytest.raises(UsageError):
        run("--resource", "deploymets")
    with pytest.raises(UsageError):
        run("--verb", "gett", "--resource", "pods")
    with pytest.raises(UsageError):
        run("--verb", "gett")


def test_size():
    """--max-nodes folds, and says what and how to see it."""
    code, out, err = run("--max-nodes", "8", "--format", "json")
    assert code == 0
    assert len(json.loads(out)["nodes"]) <= 8
    assert "are folded" in err
    assert "--max-nodes" in err


def test_merging():
    """Subjects with equal rights are one node, unless --no-merge."""
    assert any("+" in node for node in data("--level", "namespace", "--all")[0])
    assert not any("+" in node for node in data("--level", "namespace", "--all", "--no-merge")[0])


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("svg", "png")])
def test_output_to_a_file(name, tmp_path):
    """-o writes what stdout would get; csv becomes two tables in a folder."""
    target = tmp_path / "out"
    assert run("--format", name, "-o", str(target), "-q") == (0, "", "")
    written = (target / "edges.csv" if name == "csv" else target).read_text()
    assert written == run("--format", name)[1]
    if name == "csv":
        ids = {row["id"] for row in csv.DictReader((target / "nodes.csv").read_text().splitlines())}
        assert {row["source"] for row in csv.DictReader((target / "edges.csv").read_text().splitlines())} <= ids


def test_bad_targets(tmp_path):
    """A target that cannot be written is one clear error."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        run("--format", "csv", "-o", str(tmp_path / "file"))
    with pytest.raises(UsageError, match="is a folder"):
        run("-o", str(tmp_path))
    with pytest.raises(RbaclensError, match="cannot write"):
        run("-o", str(tmp_path / "no" / "such" / "place.dot"))


def test_gaps_make_it_incomplete(tmp_path):
    """Policy that could not be read makes the graph incomplete: exit code 3, and the note says what."""
    (tmp_path / "good.yaml").write_text((ROOT / "policies" / "shop.yaml").read_text())
    (tmp_path / "bad.yaml").write_text("kind: [")
    code, _, err = run("-f", str(tmp_path), "--skip-bad-files")
    assert code == 3
    assert "bad.yaml" in err


def test_identities(tmp_path):
    """--identities draws who is in which group."""
    file = tmp_path / "who.csv"
    file.write_text("user,group\nlena,devs\nlena,leads\n")
    _, edges = data("--identities", str(file))
    assert ("user:lena", "group:devs", "") in edges
