"""The document: every place is where the engine says it is, and nothing is lost."""

from typing import Any

import msgspec
import pytest
from attack_paths import finder
from audit_rules import account, grant, policy_of, user
from explorer.pages import POLICIES, SAMPLE_PATHS, sample_document, verdict_on

from rbaclens.explorer.data import Shown, encode, explorer_data
from rbaclens.explorer.paths import attack_paths
from rbaclens.index.engine import Engine
from rbaclens.model.location import Location, Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule
from rbaclens.sources import load


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load([str(POLICIES)]))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return sample_document()


def test_rules_stand_where_they_were_written(engine: Engine, document: dict[str, Any]) -> None:
    """The place of every rule is the engine's, through aggregation."""
    strings = document["strings"]
    rows = {(strings[row[0]], strings[row[1]]): row for row in document["roles"]}
    for role in engine.policy.roles:
        places = rows[role.namespace, role.name][7]
        for number in range(len(role.rules)):
            at = engine.policy.locate(role.rule_origin(number))
            file, line, column = places[number * 3 : number * 3 + 3]
            assert (strings[file], line, column) == (at.file, at.line, at.column)


def test_holds_every_finding(engine: Engine, document: dict[str, Any]) -> None:
    """A row for each, by the ids that the audit prints."""
    columns = document["findings"]["columns"]
    rules = [document["strings"][row[0]] for row in document["findings"]["rules"]]
    found = [f"{rules[rule]}-{one}" for rule, one in zip(columns["rule"], columns["id"], strict=True)]
    assert found == [one.finding.id for one in verdict_on(engine).judged]


def test_says_nothing_of_findings_that_nobody_looked_for() -> None:
    """Without an audit there are no findings, which is not the same as none found."""
    assert sample_document(verdict=None)["findings"] is None


def test_bindings_stand_in_the_documented_order(engine: Engine) -> None:
    """ClusterRoleBindings first, then by name: the page takes the order as it is."""
    origin = Origin("x")
    subject = (Subject("User", "bob"),)
    names = [("b", "one"), ("", "two"), ("a", "three"), ("", "a-first")]
    kinds = [("RoleBinding" if space else "ClusterRoleBinding", space, name) for space, name in names]
    bindings = tuple(Binding(kind, space, name, subject, RoleRef("ClusterRole", "r"), origin) for kind, space, name in kinds)  # type: ignore[arg-type]
    roles = (Role("ClusterRole", "", "r", (PolicyRule(("get",), ("",), ("pods",)),), origin),)
    document = explorer_data(Engine(PolicySet(roles, bindings)), Shown())
    assert [document["strings"][row[1]] for row in document["bindings"]] == ["a-first", "two", "one", "three"]


def test_paths_have_the_shape_that_the_page_reads() -> None:
    """from, to, cost, steps; a step without closing has none."""
    first = msgspec.to_builtins(SAMPLE_PATHS)[0]
    assert list(first) == ["from", "to", "cost", "steps"]
    assert "closed" not in first["steps"][0]
    assert first["steps"][1]["closed"]


def test_attack_paths() -> None:
    """The cheapest path of each, with the grant of each step and its place."""
    found = finder(
        policy_of(
            grant("create", "pods", namespace="ci", to=user("dev"), name="developers"),
            grant("*", "*", "*", to=account("deployer", "ci"), name="deployer"),
        )
    )
    paths = attack_paths(found, found.builder.world.policy.locate)
    (path,) = [one for one in paths if one.source == "user:dev"]
    assert (path.target, [step.technique for step in path.steps]) == ("cluster-admin", ["CREATE_POD_AS_SA", "HOLDS_EVERYTHING"])
    assert (path.steps[0].by, path.steps[0].file) == ("RoleBinding ci/developers → Role developers", "test.json")
    assert attack_paths(finder(policy_of()), lambda origin: Location(origin.file)) == ()


def test_is_ascii(document: dict[str, Any]) -> None:
    """Whatever is in it, the document is ASCII."""
    assert encode({**document, "title": "Grüße \ud800 \u2028"}).isascii()
