"""Aggregated ClusterRoles against the controller's rules and its recorded work."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.model.aggregation import aggregate_roles, selector_matcher
from rbaclens.model.location import Origin
from rbaclens.model.objects import Role
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule, SelectorRequirement

CONFORMANCE = Path(__file__).parents[1] / "conformance"
RECORDED = sorted(path.parent for path in CONFORMANCE.glob("*/aggregated.json"))
H1, H2, S, C = (PolicyRule(("get",), ("",), (name,)) for name in ("hammers", "nails", "saws", "chisels"))


def role(name, rules=(), labels=None, selectors=None, kind="ClusterRole"):
    aggregation = None if selectors is None else AggregationRule(tuple(selectors))
    return Role(kind, "ns" if kind == "Role" else "", name, tuple(rules), Origin("f", 0, (name,)), labels or {}, {}, aggregation)


def wants(**labels):
    return LabelSelector(match_labels=labels)


def needs(operator, *values, key="foo"):
    return LabelSelector(match_expressions=(SelectorRequirement(key, operator, values),))


def rules_of(name, *roles):
    return next(one.rules for one in aggregate_roles(roles) if one.name == name)


BAR, NOT_BAR = wants(foo="bar"), wants(foo="not-bar")
IS_BAR, IS_NOT_BAR = {"foo": "bar"}, {"foo": "not-bar"}


@pytest.mark.parametrize(
    ("selectors", "sources", "current", "expected"),
    [
        ([BAR], [role("hammer", [H1, H2], IS_BAR)], [S], [H1, H2]),
        ([BAR], [role("hammer", [H1, H2], IS_NOT_BAR)], [H1, H2], []),
        ([BAR], [role("hammer", [H1, H2], IS_BAR), role("chisel", [C], IS_BAR), role("saw", [S], IS_NOT_BAR)], [], [C, H1, H2]),
        (
            [BAR, NOT_BAR],
            [role("hammer", [H1, H2], IS_BAR), role("chisel", [C], IS_BAR), role("saw", [S], IS_NOT_BAR)],
            [],
            [C, H1, H2, S],
        ),
        (
            [BAR, NOT_BAR],
            [
                role("hammer", [H1, H2], IS_BAR),
                role("chisel", [C], IS_BAR),
                role("saw", [S], IS_BAR),
                role("other-saw", [S], IS_NOT_BAR),
            ],
            [],
            [C, H1, H2, S],
        ),
        ([BAR], [role("hammer", [H1, H2], IS_BAR)], [H1, H2], [H1, H2]),
    ],
)
def test_examples(selectors, sources, current, expected):
    """Examples RBAC-F: selector order, then name; own rules are lost, equal rules come once (RBAC-41, RBAC-43)."""
    assert list(rules_of("combined", role("combined", current, selectors=selectors), *sources)) == expected


def test_a_role_never_gathers_from_itself():
    """The last of examples RBAC-F: a role that its own selector matches is skipped (RBAC-41)."""
    assert rules_of("combined", role("combined", [H1], IS_BAR, [BAR])) == ()


def test_chains_carry_rules_to_the_end():
    """view → edit → admin: aggregated roles are sources too, whatever their names' order (RBAC-44)."""
    roles = [
        role("a", selectors=[wants(to="a")]),
        role("b", labels={"to": "a"}, selectors=[wants(to="b")]),
        role("c", labels={"to": "b"}, selectors=[wants(to="c")]),
        role("d", [H1], {"to": "c"}),
    ]
    assert rules_of("a", *roles) == (H1,)


def test_two_roles_that_select_each_other_have_the_union():
    """Mutual selection converges to the union of both (RBAC-44)."""
    roles = [
        role("a", [S], {"to": "b"}, [wants(to="a")]),
        role("b", [S], {"to": "a"}, [wants(to="b")]),
        role("x", [H1], {"to": "a"}),
        role("y", [H2], {"to": "b"}),
    ]
    assert set(rules_of("a", *roles)) == set(rules_of("b", *roles)) == {H1, H2}


def test_no_selector_and_the_empty_selector():
    """An empty selector list gathers nothing, an empty selector everything; no aggregationRule changes nothing (RBAC-42)."""
    source = role("source", [H1])
    assert rules_of("a", role("a", [S], selectors=[]), source) == ()
    assert rules_of("a", role("a", [S], selectors=[LabelSelector()]), source) == (H1,)
    assert rules_of("a", role("a", [S]), source) == (S,)


def test_only_cluster_roles_are_sources():
    """Roles are never gathered (RBAC-45)."""
    assert rules_of("a", role("a", selectors=[LabelSelector()]), role("r", [H1], kind="Role")) == ()


@pytest.mark.parametrize(
    "selector",
    [
        needs("in", "bar"),
        needs("In"),
        needs("Exists", "bar"),
        needs("In", "not a label value"),
        needs("Exists", key="a b"),
        wants(foo="-"),
    ],
)
def test_a_selector_that_does_not_parse_leaves_the_stored_rules(selector):
    """One broken selector stops the controller for that role only, and its stored rules stay in force (RBAC-43)."""
    broken = role("broken", [S], {"to": "a"}, [BAR, selector])
    roles = (broken, role("a", selectors=[wants(to="a")]), role("hammer", [H1], IS_BAR))
    assert rules_of("broken", *roles) == (S,)
    assert rules_of("a", *roles) == (S,)
    assert selector_matcher(selector) is None


@pytest.mark.parametrize(
    ("selector", "labels", "expected"),
    [
        (needs("In", "bar", "baz"), {"foo": "baz"}, True),
        (needs("In", "bar"), {}, False),
        (needs("NotIn", "bar"), {"foo": "bar"}, False),
        (needs("NotIn", "bar"), {}, True),
        (needs("Exists"), {"foo": ""}, True),
        (needs("Exists"), {}, False),
        (needs("DoesNotExist"), {"foo": ""}, False),
        (needs("DoesNotExist"), {}, True),
        (LabelSelector({"a": "1"}, (SelectorRequirement("b", "Exists"),)), {"a": "1"}, False),
        (LabelSelector({"a": "1"}, (SelectorRequirement("b", "Exists"),)), {"a": "1", "b": "2"}, True),
    ],
)
def test_label_selectors(selector, labels, expected):
    """All requirements must hold; NotIn holds for an absent label too (RBAC-41)."""
    matches = selector_matcher(selector)
    assert matches is not None
    assert matches(labels) is expected


def test_every_gathered_rule_names_the_role_that_wrote_it():
    """The origin of a gathered rule leads to the manifest that holds it, through chains (RBAC-44)."""
    roles = [
        role("a", selectors=[wants(to="a")]),
        role("b", labels={"to": "a"}, selectors=[wants(to="b")]),
        role("hammer", [H1, H2], {"to": "b"}),
    ]
    top = aggregate_roles(roles)[0]
    assert [(one.role.name, one.index) for one in top.gathered] == [("hammer", 0), ("hammer", 1)]
    assert top.rule_origin(1) == Origin("f", 0, ("hammer", "rules", 1))


LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("12"))
SELECTORS = st.lists(st.builds(LabelSelector, LABELS), max_size=2)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.lists(st.sampled_from([H1, H2, S, C]), max_size=3), LABELS, st.none() | SELECTORS), max_size=7))
def test_the_result_is_a_least_fixed_point(drawn):
    """Every aggregated role has exactly the rules of what it selects, and none that no plain role wrote (RBAC-41, RBAC-44)."""
    roles = aggregate_roles([role(f"r{i}", rules, labels, selectors) for i, (rules, labels, selectors) in enumerate(drawn)])
    plain = {rule for one in roles if one.aggregation is None for rule in one.rules}
    for one in roles:
        if one.aggregation is not None:
            matchers = [selector_matcher(selector) for selector in one.aggregation.selectors]
            selected = [other for other in roles if other is not one and any(match(other.labels) for match in matchers)]
            assert set(one.rules) == {rule for other in selected for rule in other.rules}
            assert set(one.rules) <= plain
            assert [source.role.rules[source.index] for source in one.gathered] == list(one.rules)


@pytest.mark.parametrize("folder", RECORDED, ids=lambda folder: folder.name)
def test_recorded_aggregation(folder):
    """What a controller manager really wrote, rule for rule and in order (RBAC-41 to RBAC-44)."""
    items = json.loads((folder / "objects.json").read_bytes())["items"]
    roles = [
        Role(
            item["kind"],
            item["metadata"].get("namespace", ""),
            item["metadata"]["name"],
            msgspec.convert(item.get("rules") or [], tuple[PolicyRule, ...]),
            Origin("f"),
            item["metadata"].get("labels") or {},
            {},
            msgspec.convert(item.get("aggregationRule"), AggregationRule | None),
        )
        for item in items
        if item["kind"] in ("Role", "ClusterRole")
    ]
    made = {one.name: one.rules for one in aggregate_roles(roles) if one.kind == "ClusterRole"}
    for item in json.loads((folder / "aggregated.json").read_bytes()):
        assert made[item["metadata"]["name"]] == msgspec.convert(item.get("rules") or [], tuple[PolicyRule, ...])
