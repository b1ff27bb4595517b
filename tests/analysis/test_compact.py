"""Compaction: smaller, never larger, and exactly the same in meaning."""

from __future__ import annotations

from itertools import product

import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.compact import compact
from rbaclens.index.permissions import HeldRule
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.decision import AlwaysGrant
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule


def rule(verbs, resources="", names="", group="", scope=EVERYWHERE, urls="", abac=False):
    """A held rule from words."""
    groups = (group,) if resources else ()
    parts = (tuple(verbs.split()), groups, tuple(resources.split()), tuple(names.split()), tuple(urls.split()))
    return HeldRule(scope, PolicyRule(*parts), (AlwaysGrant(),), abac)


@pytest.mark.parametrize(
    ("given_rules", "expected"),
    [
        ([rule("get", "pods"), rule("list", "pods")], [rule("get list", "pods")]),
        ([rule("get", "pods"), rule("get", "secrets")], [rule("get", "pods secrets")]),
        ([rule("get", "pods", "a"), rule("get", "pods", "b")], [rule("get", "pods", "a b")]),
        ([rule("get", "pods", "a"), rule("get", "pods")], [rule("get", "pods")]),
        ([rule("get", "pods", scope="a"), rule("get", "pods")], [rule("get", "pods")]),
        ([rule("get", "pods", scope="a"), rule("get", "pods", scope="b")], None),
        ([rule("get", "pods"), rule("list", "secrets")], None),
        ([rule("*", "*", group="*"), rule("get", "pods", "x", scope="a")], [rule("*", "*", group="*")]),
        ([rule("get * list", "pods * x")], [rule("*", "*")]),
        ([rule("get list", "pods secrets", scope="a"), rule("get", "pods secrets"), rule("list", "pods")], None),
        (
            [rule("get list", "pods", scope="a"), rule("get", "pods secrets"), rule("list", "pods services")],
            [rule("get", "pods secrets"), rule("list", "pods services")],
        ),
        ([rule("get", urls="/a /a/* /a*")], [rule("get", urls="/a*")]),
        ([rule("get", urls="/a*"), rule("get", urls="/a/b /c")], [rule("get", urls="/a* /c")]),
        ([rule("get", urls="/a*"), rule("get", urls="/a**")], [rule("get", urls="/a*")]),
        ([rule("get", "pods/log"), rule("get", "*/log", names="x")], None),
        ([rule("get", "pods", abac=True), rule("get", "pods")], [rule("get", "pods", abac=True)]),
        ([rule("get", "pods", abac=True), rule("get", "pods/log")], None),
        ([rule("get", "*", abac=True), rule("list", "*")], [rule("get list", "*")]),
        ([rule("", "pods"), rule("get")], []),
        ([], []),
    ],
)
def test_examples(given_rules, expected):
    """What is put together, what is dropped, and what must stay (``None``: everything)."""
    simple = [(held.scope, held.rule, held.with_subresources) for held in compact(given_rules)]
    wanted = given_rules if expected is None else expected
    assert simple == [(held.scope, held.rule, held.with_subresources) for held in wanted]


def test_a_whole_name_with_a_slash_is_not_swallowed():
    """A review may ask for the resource pods/log whole (RBAC-14): */log does not allow that."""
    both = (rule("get", "*/log pods/log"),)
    whole = Request("get", "pods/log", user="bob")
    assert both[0].allows(whole)
    assert compact(both)[0].allows(whole)


def test_evidence_is_kept():
    """A rule that was put together names everything that it came from."""
    assert len(compact([rule("get", "pods"), rule("list", "pods"), rule("get", "pods")])[0].evidence) == 3


helds = st.lists(
    st.one_of(
        st.builds(
            lambda scope, one, abac: HeldRule(scope, PolicyRule(one.verbs, one.api_groups, one.resources, one.resource_names), (), abac),
            st.sampled_from([EVERYWHERE, "a", "b", ""]),
            strategies.rules,
            st.just(False),
        ),
        st.builds(
            lambda scope, verbs, group, resource: HeldRule(scope, PolicyRule(verbs, (group,), (resource,)), (), True),
            st.sampled_from([EVERYWHERE, "a", ""]),
            st.sampled_from([("*",), ("get", "list")]),
            st.sampled_from(strategies.API_GROUPS),
            st.sampled_from(["", "*", "pods", "secrets", "pods/log"]),
        ),
        st.builds(
            lambda verbs, urls: HeldRule(EVERYWHERE, PolicyRule(verbs=verbs, non_resource_urls=urls), ()),
            strategies.some(strategies.VERBS),
            strategies.some(strategies.PATHS, 3).filter(bool),
        ),
    ),
    max_size=7,
)

RESOURCES = [("fresh", ""), ("fresh", "log"), ("pods", "fresh"), *((entry, "") for entry in strategies.RESOURCES)]
RESOURCES += [(entry.partition("/")[0], entry.partition("/")[2]) for entry in strategies.RESOURCES if "/" in entry]
QUESTIONS = [
    Request(verb, resource, group, subresource, namespace, name)
    for verb, (resource, subresource), group, namespace, name in product(
        [*strategies.VERBS, "fresh"],
        RESOURCES,
        [*strategies.API_GROUPS, "fresh"],
        ["", "a", "fresh"],
        [*strategies.NAMES, "fresh"],
    )
] + [
    Request(verb, path=path)
    for verb, path in product([*strategies.VERBS, "fresh"], [*strategies.PATHS, "/healthz/", "/fresh", "/api", "/api*", "fresh"])
]


@given(helds, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_meaning_is_kept(held, random):
    """Before and after, the same requests are allowed, by every value that is mentioned and a fresh one on each axis."""
    smaller = compact(held)
    for request in random.sample(QUESTIONS, 400):
        assert any(one.allows(request) for one in held) == any(one.allows(request) for one in smaller), request


@given(helds)
@settings(max_examples=6, deadline=None)
def test_meaning_is_kept_everywhere(held):
    """The same, over every combination there is."""
    smaller = compact(held)
    for request in QUESTIONS:
        assert any(one.allows(request) for one in held) == any(one.allows(request) for one in smaller), request


@given(helds)
@settings(max_examples=150, deadline=None)
def test_never_larger_and_idempotent(held):
    """Neither more rules nor more entries than before; a second time changes nothing."""
    smaller = compact(held)
    assert len(smaller) <= len(held)
    assert entries(smaller) <= entries(held)
    assert compact(smaller) == smaller


def entries(held):
    """How many words the rules are made of."""
    lists = ("verbs", "api_groups", "resources", "resource_names", "non_resource_urls")
    return sum(len(getattr(one.rule, name)) for one in held for name in lists)


@given(helds, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_order_changes_no_meaning(held, random):
    """However the rules are ordered, what is left allows the same."""
    shuffled = random.sample(held, len(held))
    one, two = compact(held), compact(shuffled)
    for request in random.sample(QUESTIONS, 200):
        assert any(rule.allows(request) for rule in one) == any(rule.allows(request) for rule in two)
