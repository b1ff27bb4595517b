"""The predicates, by the specification's example tables (RBAC-A, RBAC-B, RBAC-C)."""

from __future__ import annotations

import itertools

import pytest

from rbaclens.authorizers import matching
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule


def rule(verbs="", groups="", resources="", names=None, urls=()):
    """A rule from comma lists; an empty group list entry is the core group."""
    return PolicyRule(tuple(verbs.split(",")), tuple(groups.split(",")), tuple(resources.split(",")), tuple(names or ()), tuple(urls))


@pytest.mark.parametrize(
    ("entry", "resource", "subresource", "expected"),
    [
        ("*", "pods", "", True),
        ("*", "pods", "log", True),
        ("*/*", "pods", "log", False),
        ("*/*", "pods", "", False),
        ("pods", "pods", "", True),
        ("pods", "pods", "status", False),
        ("pods/status", "pods", "status", True),
        ("pods/status", "pods", "", False),
        ("pods/*", "pods", "status", False),
        ("pods/*", "pods", "*", True),
        ("*/scale", "deployments", "scale", True),
        ("*/scale", "anything", "scale", True),
        ("*/scale", "pods", "", False),
        ("*/scale", "scale", "", False),
        ("*/other/segment", "pods", "other/segment", True),
        ("resource1/subresource1", "resource2", "subresource1", False),
        ("pods/status", "pods/status", "", True),
        ("*/status", "pods/status", "", False),
    ],
)
def test_resource_entries(entry, resource, subresource, expected):
    """Table RBAC-A and RBAC-14; the entries that an index looks up say the same."""
    assert matching.resource_matches((entry,), resource, subresource) is expected
    assert (entry in matching.resource_entries(resource, subresource)) is expected


@pytest.mark.parametrize(
    ("r", "verb", "group", "resource", "name", "expected"),
    [
        (rule("*", "group1", "resource1"), "verb2", "group1", "resource1", "", True),
        (rule("*", "group1", "resource1"), "verb1", "group2", "resource1", "", False),
        (rule("verb1", "*", "resource1"), "verb1", "group2", "resource1", "", True),
        (rule("verb1", "*", "resource1"), "verb2", "group1", "resource1", "", False),
        (rule("verb1", "group1", "*"), "verb1", "group1", "resource2", "", True),
        (rule("verb1", "group1", "*"), "verb1", "group2", "resource1", "", False),
        (rule("get", "", "pods", ["a", "b"]), "get", "", "pods", "a", True),
        (rule("get", "", "pods", ["a", "b"]), "get", "", "pods", "c", False),
        (rule("list", "", "pods", ["a", "b"]), "list", "", "pods", "", False),
        (rule("list", "", "pods", ["a", "b"]), "list", "", "pods", "a", True),
        (rule("deletecollection", "", "pods", ["a"]), "deletecollection", "", "pods", "", False),
        (rule("create", "", "configmaps", ["cm"]), "create", "", "configmaps", "", False),
        (rule("create", "", "configmaps", [""]), "create", "", "configmaps", "", True),
        (rule("get", "", "pods"), "GET", "", "pods", "", False),
        (rule("get", "", "pods"), "", "", "pods", "", False),
        (rule("*", "", "pods"), "", "", "pods", "", True),
        (rule("get", "", "pods", ["*"]), "get", "", "pods", "a", False),
        (rule("get", "", "pods", ["*"]), "get", "", "pods", "*", True),
    ],
)
def test_resource_rules(r, verb, group, resource, name, expected):
    """Table RBAC-B, RBAC-09 and RBAC-15."""
    assert matching.rule_allows(r, Request(verb, resource, group, name=name)) is expected


def test_all_combinations_of_lists():
    """Table RBAC-B: each of the eight combinations of two verbs, groups and resources."""
    r = rule("verb1,verb2", "group1,group2", "resource1,resource2")
    for verb, group, resource in itertools.product(("verb1", "verb2"), ("group1", "group2"), ("resource1", "resource2")):
        assert matching.rule_allows(r, Request(verb, resource, group))


@pytest.mark.parametrize(
    ("urls", "path", "expected"),
    [
        (["*"], "/foo/bar/one", True),
        (["/foo/*"], "/foo", False),
        (["/foo/*"], "/foo/", True),
        (["/foo/*"], "/foo/bar", True),
        (["/foo/*"], "/foo/bar/one", True),
        (["/foo/*"], "/notfoo/bar", False),
        (["/foo", "/foo/bar/one"], "/foo/bar", False),
        (["/foo", "/foo/bar/one"], "/foo/bar/one", True),
        (["/apis"], "/apis/", False),
        (["/foo**"], "/foox", True),
        (["/*/v1/*"], "/api/v1/x", False),
        (["/foo*"], "/foo", True),
        (["/foo*"], "/foobar", True),
        ([""], "", True),
        ([], "/foo", False),
    ],
)
def test_urls(urls, path, expected):
    """Table RBAC-C and RBAC-17."""
    assert matching.rule_allows(PolicyRule(verbs=("get",), non_resource_urls=tuple(urls)), Request("get", path=path)) is expected


@pytest.mark.parametrize("empty", ["verbs", "api_groups", "resources"])
def test_an_empty_list_matches_nothing(empty):
    """RBAC-18."""
    lists = {"verbs": ("*",), "api_groups": ("*",), "resources": ("*",), empty: ()}
    assert not matching.rule_allows(PolicyRule(**lists), Request("get", "pods"))


def test_the_kind_of_request_decides_which_lists_count():
    """RBAC-07, RBAC-08: a rule with both parts works for both kinds."""
    both = PolicyRule(("get",), ("",), ("pods",), (), ("/x",))
    assert matching.rule_allows(both, Request("get", "pods"))
    assert matching.rule_allows(both, Request("get", path="/x"))
    assert not matching.rule_allows(PolicyRule(("get",), ("",), ("pods",)), Request("get", path="pods"))
