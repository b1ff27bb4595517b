"""``rbaclens matrix`` as a person uses it, from the project's root, on the sample policies."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.cli.matrix import command
from rbaclens.errors import UnknownNameError, UsageError
from rbaclens.reports.matrix import Grid, csv_lines, grid_text, short_cell

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


def table(text):
    """CSV as a list of rows by heading."""
    return list(csv.DictReader(io.StringIO(text)))


def test_subject():
    """Resources against verbs; a count of namespaces, a mark for certain names, and a legend."""
    code, out, _ = run("sa:shop/deployer", "--no-bootstrap", "-q")
    assert code == 0
    assert out.splitlines() == [
        "RESOURCE           GET   LIST   WATCH   CREATE   PATCH",
        "secrets            ~",
        "deployments.apps   1                    1        1",
        "/version           yes   yes    yes",
        "",
        "yes: everywhere   3: in that many namespaces   ~: somewhere on certain names only   (-o wide names the namespaces)",
    ]


def test_wide_names_the_namespaces():
    """-o wide writes the namespaces out."""
    _, out, _ = run("sa:shop/deployer", "--no-bootstrap", "-q", "-o", "wide")
    assert out.splitlines()[1].split() == ["secrets", "shop/names"]


def test_one_namespace():
    """-n says yes or names for requests there."""
    _, out, _ = run("sa:shop/deployer", "--no-bootstrap", "-q", "-n", "shop", "-o", "csv")
    cells = {row["resource"]: row["get"] for row in table(out)}
    assert cells == {"secrets": "names", "deployments.apps": "yes", "/version": "yes"}


def test_every_verb_on_every_resource():
    """A rule with * allows verbs on resources that no rule names together: the cell says yes all the same."""
    rows = {row["resource"]: row for row in table(run("alice", "-q", "-o", "csv", "--no-bootstrap")[1])}
    assert rows["secrets"]["patch"] == rows["pods/log"]["get"] == rows["*.*"]["*"] == "projectCaribou"


def test_served():
    """--served adds what no rule names."""
    arguments = ("alice", "-q", "-o", "csv", "--no-bootstrap")
    assert "leases.coordination.k8s.io" not in run(*arguments)[1]
    assert "leases.coordination.k8s.io" in run(*arguments, "--served")[1]


def test_by_namespace():
    """Namespaces against verbs: with a resource yes or names, without one how many."""
    (row,) = table(run("sa:shop/deployer", "--resource", "secrets", "-q", "-o", "csv")[1])
    assert row == {"namespace": "shop", "get": "names"}
    rows = table(run("sa:shop/deployer", "--by", "namespace", "-q", "--no-bootstrap", "-o", "csv")[1])
    assert [(row["namespace"], row["get"]) for row in rows] == [("*", "1"), ("shop", "2~")]
    assert "/version" in run("bob", "--resource", "/version", "--by", "resource", "-q")[1]


def test_verb():
    """Subjects against resources for one verb; whoever holds nothing has no row."""
    rows = table(run("--verb", "get", "-q", "--no-bootstrap", "-o", "csv")[1])
    found = {(row["kind"], row["name"]): row for row in rows}
    assert found["Group", "devs"]["pods/log"] == "shop"
    assert found["User", "alice"]["pods"] == "projectCaribou"
    assert found["Group", "system:masters"]["secrets"] == "yes"
    only = run("--verb", "get", "--resource", "secrets", "-q", "--no-bootstrap", "-o", "name")[1].splitlines()
    assert only == ["Group/system:masters", "ServiceAccount/shop/deployer", "User/alice"]


def test_all():
    """Every subject has a row, every verb and resource that the policy names a column."""
    rows = table(run("--all", "-q", "--no-bootstrap", "-o", "csv")[1])
    found = {(row["kind"], row["name"]): row for row in rows}
    deployer = found["ServiceAccount", "shop/deployer"]
    assert (deployer["get secrets"], deployer["create deployments.apps"], deployer["get /version"]) == ("shop/names", "shop", "yes")
    assert deployer["get pods"] == ""
    assert found["ServiceAccount", "monitoring/prober"]["get /healthz/*"] == "yes"
    assert {("User", "alice"), ("User", "bob"), ("Group", "oncall"), ("Group", "system:authenticated")} <= set(found)


def test_json():
    """JSON names the schema and holds what is not empty."""
    data = json.loads(run("bob", "-q", "--no-bootstrap", "-o", "json")[1])
    assert (data["schema"], data["unknown"], data["subject"]["user"]) == ("rbaclens.matrix/v1", [], "bob")
    assert {"resource": "pods", "cells": dict.fromkeys(("get", "list", "watch"), "projectCaribou")} in data["rows"]


@pytest.mark.parametrize("output", ["markdown", "yaml", "name"])
def test_other_formats(output):
    """Every format shows the resource."""
    assert "deployments.apps" in run("group:devs", "-q", "-o", output)[1]


def test_unknown():
    """A node's rights cannot be listed: exit 3, and stderr says why."""
    code, _, err = run("node:n1")
    assert code == 3
    assert "unknown: the node authorizer" in err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("bob", "--all"),
        ("bob", "--verb", "get"),
        ("bob", "-n", "x", "-A"),
        ("--all", "--by", "namespace"),
        ("--all", "--as-group", "x"),
    ],
)
def test_wrong_usage(arguments):
    """What does not fit together is an error with help."""
    with pytest.raises(UsageError) as raised:
        run(*arguments)
    assert raised.value.help


@pytest.mark.parametrize("arguments", [("--verb", "gett"), ("bob", "--resource", "podz"), ("--verb", "gett", "--resource", "pods")])
def test_unknown_names(arguments):
    """Verbs and resources that nothing knows are refused with the nearest names, and taken with --force."""
    with pytest.raises(UnknownNameError):
        run(*arguments)
    assert run(*arguments, "--force", "-q")[0] == 0


def test_columns_that_do_not_fit_are_said(monkeypatch):
    """On a terminal a wide table is cut between columns, and stderr says what is missing."""
    monkeypatch.setattr("rbaclens.cli.matrix.terminal_width", lambda: 80)
    _, out, err = run("--verb", "get")
    assert max(map(len, out.split("\n\n")[0].splitlines())) <= 80
    assert "columns do not fit in the terminal" in err
    assert "do not fit" not in run("--verb", "get", "-o", "wide")[2]


def test_csv_holds_no_formulas():
    """No cell, row or heading becomes a formula in a spreadsheet, whatever a user or namespace is called."""
    grid = Grid(("name",), ("get pods", "=1+1"), [(("=cmd",), ["yes", "a b/names"]), (("@x",), ["-evil", '=a,"b"'])])
    assert "".join(csv_lines(grid)) == 'name,get pods,\'=1+1\n\'=cmd,yes,a b/names\n\'@x,\'-evil,"\'=a,""b"""\n'


@pytest.mark.parametrize(
    ("cell", "short"),
    [("", ""), ("yes", "yes"), ("a", "1"), ("a b", "2"), ("a/names", "~"), ("*/names", "~"), ("a b/names", "1~"), ("namespace/yes", "1")],
)
def test_short_cells(cell, short):
    """What a cell of scopes is on a terminal."""
    assert short_cell(cell) == short


def test_nothing_at_all():
    """A subject that holds nothing has an empty table, not an error."""
    text, left_out = grid_text(Grid(("resource",), (), []), "table", 80)
    assert text.startswith("RESOURCE\n")
    assert left_out == ()
