"""Coverage of rules by rules (ESC-20 to ESC-30)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.coverage import Coverage, break_down, compact, covering_entries, covers, missing_text, rule_text
from rbaclens.model.rules import PolicyRule


def rule(verbs="", groups=None, resources=None, names="", urls=""):
    """A rule from comma-separated words; ``groups`` and ``resources`` may be the empty word."""
    split = [tuple(text.split(",")) if text else () for text in (verbs, names, urls)]
    groups, resources = (() if text is None else tuple(text.split(",")) for text in (groups, resources))
    return PolicyRule(split[0], groups, resources, split[1], split[2])


def url(verbs, urls):
    return rule(verbs, urls=urls)


EXAMPLES_C = [
    ([rule("delete,update", "v1", "builds")], [rule("delete,update", "v1", "builds")], []),
    ([rule("create", "v1", "*/scale")], [rule("create", "v1", "foo/scale")], []),
    (
        [rule("delete", "v1", "deployments"), rule("update", "v1", "builds,deployments")],
        [rule("delete,update", "v1", "builds,deployments")],
        [rule("delete", "v1", "builds")],
    ),
    ([rule("delete", "group1", "x"), rule("delete", "group2", "x")], [rule("delete", "group1,group2", "x")], []),
    ([rule("delete", "group1,group2", "x")], [rule("delete", "group1", "x"), rule("delete", "group2", "x")], []),
    ([rule("get", "*", "x")], [rule("get", "group1,group2", "x")], []),
    ([rule("get", "group1,group2", "x")], [rule("get", "*", "x")], [rule("get", "*", "x")]),
    ([rule("get", "*", "x")], [rule("get", "*", "x")], []),
    ([rule("*", "g", "x")], [rule("watch,list", "g", "x")], []),
    ([rule("watch,list", "g", "x")], [rule("*", "g", "x")], [rule("*", "g", "x")]),
    ([rule("get", "g", "*")], [rule("get", "g", "builds")], []),
    ([rule("get", "g", "builds,deployments")], [rule("get", "g", "*")], [rule("get", "g", "*")]),
    ([rule("get", "v1", "pods")], [rule("get", "v1", "pods", "foo,bar")], []),
    ([rule("get", "v1", "pods", "foo,bar")], [rule("get", "v1", "pods")], [rule("get", "v1", "pods")]),
    ([url("*", "/apis")], [url("*", "/apis")], []),
    ([url("get", "*")], [url("get", "/apis,/apis/v1,/")], []),
    ([url("get", "/apis/*")], [url("get", "/apis,/apis/v1")], [url("get", "/apis")]),
    ([url("get", "/apis/*")], [url("get", "/apis/v1/foo,/apis/v1")], []),
    ([rule("get", "v1", "builds"), url("get", "/apis")], [rule("get", "v1", "builds"), url("get", "/apis")], []),
    ([rule("get", "v1", "builds")], [rule("get", "v1", "builds"), url("get", "/apis")], [url("get", "/apis")]),
]


@pytest.mark.parametrize(("owner", "servant", "uncovered"), EXAMPLES_C)
def test_owner_covers_servant(owner, servant, uncovered):
    """ESC-C: exactly the uncovered atoms are named."""
    assert covers(owner, servant) == (not uncovered, tuple(uncovered))


EXAMPLES_D = [
    ("*", "", True),
    ("*", "/", True),
    ("*", "/api", True),
    ("/*", "", False),
    ("/*", "/", True),
    ("/*", "/foo", True),
    ("/api", "/api", True),
    ("/apis", "/api", False),
    ("/api/v1", "/api", False),
    ("/api/v1", "/api/v1", True),
    ("/api/*", "/api/v1", True),
    ("/api/*", "/api", False),
    ("/api/*/*", "/api/v1", False),
    ("/*/v1/*", "/api/v1", False),
]


@pytest.mark.parametrize(("owner", "requested", "covered"), EXAMPLES_D)
def test_urls_cover_urls(owner, requested, covered):
    """ESC-D: an owner's URL covers the same URL, or with a star at its end every URL that begins like it."""
    servant = PolicyRule(("get",), non_resource_urls=(requested,))
    assert covers([url("get", owner)], [servant])[0] is covered


@pytest.mark.parametrize(
    ("owner", "servant", "covered"),
    [
        ("*/sub", "*/sub", True),
        ("*", "*/sub", True),
        ("a/sub", "*/sub", False),
        ("pods/*", "pods/*", True),
        ("*/*", "pods/*", True),
        ("pods", "pods/*", False),
        ("*/*", "*/*", True),
        ("pods/log", "*/*", False),
        ("*/a/b", "x/a/b", True),
        ("*/b", "x/a/b", False),
        ("pods", "pods/", False),
        ("*/", "pods/", True),
        ("*/log", "/log", True),
        ("*/pods", "pods", False),
    ],
)
def test_resource_entries_cover_entries(owner, servant, covered):
    """ESC-23, ESC-24: entries are compared as written and cut at the first slash."""
    assert covers([rule("get", "", owner)], [rule("get", "", servant)])[0] is covered


def test_an_owner_with_names_covers_no_url():
    """ESC-25: an atom without a name needs an owner without names."""
    both = PolicyRule(("*",), ("*",), ("*",), ("x",), ("*",))
    assert covers([both], [url("get", "/")]) == (False, (url("get", "/"),))


def test_owner_rules_are_not_combined_for_one_atom():
    """ESC-26: two owners with one name each cover both names, never all names."""
    owner = [rule("get", "", "pods", "a"), rule("get", "", "pods", "b")]
    assert covers(owner, [rule("get", "", "pods", "a,b")])[0]
    assert not covers(owner, [rule("get", "", "pods")])[0]
    assert not covers([rule("get", "", "a"), rule("list", "apps", "pods")], [rule("list", "", "pods")])[0]


def test_rules_with_an_empty_list_have_no_atoms():
    """ESC-22: nothing is granted, so nothing needs cover."""
    assert break_down([rule("", "", "pods"), rule("get", None, "pods"), rule("get", ""), rule("get")]) == []
    assert covers([], [rule("get", None, "pods")]) == (True, ())


def test_atoms_come_in_the_servers_order():
    """ESC-21: group, resource, verb, name; URLs behind them."""
    atoms = break_down([PolicyRule(("get", "list"), ("", "apps"), ("pods",), ("a", "b"), ("/x",))])
    assert atoms[:3] == [rule("get", "", "pods", "a"), rule("get", "", "pods", "b"), rule("list", "", "pods", "a")]
    assert atoms[-2:] == [url("get", "/x"), url("list", "/x")]
    assert len(atoms) == 2 * 2 * 2 + 2


def test_compaction_appends_verbs_and_keeps_the_rest():
    """ESC-30: atoms of one group, resource and name become one rule, verbs unchanged in number; URLs and lists come first."""
    atoms = [
        rule("get", "", "pods"),
        rule("get", "", "pods", "a"),
        url("get", "/"),
        rule("list", "", "pods"),
        rule("list", "", "pods", "a"),
    ]
    atoms += [rule("get", "", "pods"), rule("get", "a,b", "pods")]
    assert compact(atoms) == [
        url("get", "/"),
        rule("get", "a,b", "pods"),
        rule("get,list,get", "", "pods"),
        rule("get,list", "", "pods", "a"),
    ]


def test_a_rule_is_written_as_the_server_writes_it():
    """ESC-10: fixed order of fields, empty ones left out, Go's quotes."""
    full = PolicyRule(("v", 'a"b'), ("",), ("r",), ("n",), ("u",))
    expected = '{APIGroups:[""], Resources:["r"], NonResourceURLs:["u"], ResourceNames:["n"], Verbs:["v" "a\\"b"]}'
    assert rule_text(full) == expected
    assert rule_text(PolicyRule()) == "{}"


def test_missing_rules_are_sorted_lines_without_duplicates():
    """ESC-10: one line a compacted rule, sorted and unique."""
    missing = [rule("get", "b", "x"), url("get", "/"), url("get", "/"), rule("get", "a", "x"), rule("list", "b", "x")]
    assert missing_text(missing).splitlines() == [
        '{APIGroups:["a"], Resources:["x"], Verbs:["get"]}',
        '{APIGroups:["b"], Resources:["x"], Verbs:["get" "list"]}',
        '{NonResourceURLs:["/"], Verbs:["get"]}',
    ]


def some(*values):
    return st.lists(st.sampled_from(values), max_size=2).map(tuple)


rules = st.lists(
    st.builds(
        PolicyRule,
        some("get", "list", "*"),
        some("", "apps", "*"),
        some("pods", "pods/log", "*/log", "*", "*/*", "pods/*", "pods/"),
        st.one_of(st.just(()), some("a", "b")),
        st.one_of(st.just(()), some("/", "/api", "/api/*", "*")),
    ),
    max_size=4,
)


def holds(owner, atom):
    """ESC-23, word for word."""
    if not ("*" in owner.verbs or atom.verbs[0] in owner.verbs):
        return False
    if owner.resource_names and not (atom.resource_names and atom.resource_names[0] in owner.resource_names):
        return False
    if atom.non_resource_urls:
        path = atom.non_resource_urls[0]
        return any(path == own or (own.endswith("*") and path.startswith(own.rstrip("*"))) for own in owner.non_resource_urls)
    group, resource = atom.api_groups[0], atom.resources[0]
    if not ("*" in owner.api_groups or group in owner.api_groups):
        return False
    if "*" in owner.resources or resource in owner.resources:
        return True
    return "/" in resource and "*/" + resource.split("/", 1)[1] in owner.resources


@settings(max_examples=300, deadline=None)
@given(rules, rules)
def test_the_index_equals_the_definition(owner, servant):
    """ESC-20: the uncovered atoms are those that no single owner rule holds."""
    expected = tuple(atom for atom in break_down(servant) if not any(holds(own, atom) for own in owner))
    assert Coverage(owner).missing(servant) == expected


@settings(max_examples=150, deadline=None)
@given(rules)
def test_atoms_cover_themselves_compacted_or_not(servant):
    """Every atom covers itself (a rule with names and URLs does not, ESC-25), and compacting changes nothing that is granted."""
    atoms = break_down(servant)
    together = compact(atoms)
    assert covers(atoms, servant) == (True, ())
    assert covers(atoms, together) == covers(together, atoms) == (True, ())


def test_entries_that_cover_are_listed_once_at_most_where_they_differ():
    """ESC-23: star, the entry itself, and star with everything behind the first slash."""
    assert covering_entries("pods") == ("*", "pods")
    assert covering_entries("a/b/c") == ("*", "a/b/c", "*/b/c")
