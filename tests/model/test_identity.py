"""Well-known names and the groups that authentication adds (ATTR-13 to ATTR-19)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.model import identity
from rbaclens.model.identity import implied_groups, parse_service_account, service_account_user

AUTHENTICATED, UNAUTHENTICATED = "system:authenticated", "system:unauthenticated"
SA = "system:serviceaccounts"


def test_well_known_names():
    """ATTR-13: the names that the API server itself knows."""
    assert identity.MASTERS == "system:masters"
    assert identity.NODES == "system:nodes"
    assert identity.ANONYMOUS == "system:anonymous"
    assert identity.AUTHENTICATED == AUTHENTICATED
    assert identity.UNAUTHENTICATED == UNAUTHENTICATED
    assert identity.SERVICE_ACCOUNTS == SA
    assert identity.NODE_PREFIX + "n1" == "system:node:n1"


@pytest.mark.parametrize(
    ("user", "groups", "after"),
    [
        ("bob", ("x",), ("x", AUTHENTICATED)),
        ("bob", (), (AUTHENTICATED,)),
        ("bob", (AUTHENTICATED,), (AUTHENTICATED,)),
        ("bob", (AUTHENTICATED, "x"), (AUTHENTICATED, "x")),
        ("bob", (UNAUTHENTICATED,), (UNAUTHENTICATED,)),
        ("system:anonymous", (UNAUTHENTICATED,), (UNAUTHENTICATED,)),
        ("system:anonymous", (), (UNAUTHENTICATED,)),
        ("system:serviceaccount:a:b:c", (), (AUTHENTICATED,)),
        ("system:serviceaccount:Bad_NS:sa", (), (AUTHENTICATED,)),
        ("system:serviceaccount:a:b", (), (SA, f"{SA}:a", AUTHENTICATED)),
        ("system:serviceaccount:a:b", ("x", f"{SA}:a"), ("x", f"{SA}:a", SA, AUTHENTICATED)),
        ("system:node:n1", (), ("system:nodes", AUTHENTICATED)),
        ("Bob", ("System:Authenticated",), ("System:Authenticated", AUTHENTICATED)),
    ],
)
def test_groups_after_authentication(user, groups, after):
    """Table ATTR-B: given groups first, then what authentication adds (ATTR-14, ATTR-15, ATTR-16)."""
    assert implied_groups(user, groups) == after


@pytest.mark.parametrize(
    ("user", "parts"),
    [
        ("system:serviceaccount:ns:name", ("ns", "name")),
        ("system:serviceaccount:n-1:my.app-2", ("n-1", "my.app-2")),
        ("system:serviceaccount:a:b:c", None),
        ("system:serviceaccount:a", None),
        ("system:serviceaccount::b", None),
        ("system:serviceaccount:a:", None),
        ("system:serviceaccount:Bad_NS:sa", None),
        ("system:serviceaccount:a.b:sa", None),
        ("system:serviceaccount:ns:Bad", None),
        ("system:serviceaccount:ns:-x", None),
        ("system:serviceaccount:" + "n" * 64 + ":x", None),
        ("system:serviceaccount:ns:x\n", None),
        ("system:serviceaccount", None),
        ("serviceaccount:ns:name", None),
        (" system:serviceaccount:ns:name", None),
    ],
)
def test_service_account_names(user, parts):
    """ATTR-18: a namespace and a name in valid form behind the prefix, or an ordinary user."""
    assert parse_service_account(user) == parts


LABELS = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)


@given(LABELS, LABELS)
def test_name_and_back(namespace, name):
    """ATTR-16, ATTR-19: the user name is those two texts joined, and comparing it needs no parsing."""
    user = service_account_user(namespace, name)
    assert user == f"system:serviceaccount:{namespace}:{name}"
    assert parse_service_account(user) == (namespace, name)
    assert implied_groups(user) == (SA, f"{SA}:{namespace}", AUTHENTICATED)


@given(st.text(max_size=8), st.lists(st.sampled_from(["a", AUTHENTICATED, UNAUTHENTICATED, SA]), unique=True).map(tuple))
def test_completing_groups_twice_changes_nothing(user, groups):
    """What was given stays in place, and everybody ends as authenticated or not (ATTR-15)."""
    once = implied_groups(user, groups)
    assert once[: len(groups)] == groups
    assert implied_groups(user, once) == once
    assert {AUTHENTICATED, UNAUTHENTICATED} & set(once)
