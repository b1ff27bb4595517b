"""RL3517: an ABAC line that another one covers."""

import json

import pytest
from audit_rules import found
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.authorizers.abac import policy_matches
from rbaclens.model.identity import implied_groups
from rbaclens.model.request import Request
from rbaclens.sources import read_abac

HEAD = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}
BASE = {"user": "bob", "namespace": "shop", "resource": "pods"}


def _text(*specs):
    return "\n".join(json.dumps(HEAD | {"spec": spec}) for spec in specs)


def _lines(*specs):
    return sorted(one.origin.path[1] for one in found("RL3517", abac=_text(*specs)))


@pytest.mark.parametrize(
    "wider",
    [
        {"namespace": "*"},
        {"resource": "*"},
        {"apiGroup": "*"},
        {"user": "*"},
        {"nonResourcePath": "/x"},
    ],
)
def test_wider_lines(wider):
    """A wider line covers a narrow one, before it or after it: order is irrelevant (ABAC-16)."""
    assert _lines(BASE, BASE | wider) == [1]
    assert _lines(BASE | wider, BASE) == [2]


def test_the_same_twice():
    """Of two equal lines the second is too much, and says where the first is."""
    (one,) = found("RL3517", abac=_text(BASE, BASE | {"readonly": False}))
    assert one.origin.path[1] == 2
    assert one.related[0].origin.path[1] == 1


@pytest.mark.parametrize(
    "other",
    [
        {"user": "alice"},
        {"namespace": "web"},
        {"resource": "services"},
        {"apiGroup": "apps"},
        {"group": "ops", "namespace": "web"},
        {"readonly": True, "namespace": "*"},
        {"user": ""},
    ],
)
def test_neither_covers(other):
    """Other subjects, places and verbs."""
    assert _lines(BASE, BASE | other) == []


def test_group_conditions():
    """A line for user and group is covered by one for either (ABAC-18); anonymous is in no line for the authenticated (ABAC-15)."""
    assert _lines(BASE | {"group": "ops"}, BASE) == [1]
    assert _lines({**BASE, "group": "ops"}, {**BASE, "user": "", "group": "ops"}) == [1]
    assert _lines({**BASE, "user": "system:anonymous"}, {**BASE, "user": "*"}) == []


def test_paths():
    """A path is covered by itself and by its prefixes (ABAC-23), whatever else the wider line grants."""
    bob = {"user": "bob"}
    assert _lines(bob | {"nonResourcePath": "/a/b"}, bob | {"nonResourcePath": "/a/*"}) == [1]
    assert _lines(bob | {"nonResourcePath": "/a/*"}, BASE | {"nonResourcePath": "/a*"}) == [1]
    assert _lines(bob | {"nonResourcePath": "*"}, bob | {"nonResourcePath": "/*"}) == [2]
    assert _lines(bob | {"nonResourcePath": "/a*"}, bob | {"nonResourcePath": "/a**"}) == [2]
    assert _lines(bob | {"nonResourcePath": "/a"}, BASE | {"nonResourcePath": "/a"}) == [1]
    assert _lines(BASE | {"nonResourcePath": "/a"}, bob | {"nonResourcePath": "/a"}) == [2]


_USERS = st.sampled_from(["", "bob", "*", "system:anonymous"])
_SPECS = st.fixed_dictionaries(
    {
        "user": _USERS,
        "group": st.sampled_from(["", "ops", "system:unauthenticated"]),
        "namespace": st.sampled_from(["", "shop", "*"]),
        "resource": st.sampled_from(["", "pods", "*"]),
        "apiGroup": st.sampled_from(["", "*"]),
        "readonly": st.booleans(),
        "nonResourcePath": st.sampled_from(["", "/a", "/a/*", "*", "**"]),
    }
)
_REQUESTS = [
    {"verb": verb, **rest}
    for verb in ("get", "create")
    for rest in (
        *({"resource": "pods", "namespace": namespace, "api_group": group} for namespace in ("", "shop") for group in ("", "x")),
        {"resource": "services", "namespace": "shop", "api_group": ""},
        *({"path": path} for path in ("/a", "/a/b", "/b")),
    )
]


@settings(max_examples=60, deadline=None)
@given(st.lists(_SPECS, min_size=2, max_size=5))
def test_deleting_what_is_found_changes_nothing(specs):
    """Without all the lines that are found, everybody may do what they could."""
    text = _text(*specs)
    before = read_abac(text.encode(), "policy.abac")
    gone = {one.origin.path[1] for one in found("RL3517", abac=text)}
    after = [line for line in before if line.line not in gone]
    for user in ("bob", "eve", "system:anonymous"):
        for groups in ((), ("ops",)) if user != "system:anonymous" else ((),):
            for attributes in _REQUESTS:
                request = Request(user=user, groups=implied_groups(user, groups), **attributes)
                assert any(policy_matches(line, request) for line in before) == any(policy_matches(line, request) for line in after)
