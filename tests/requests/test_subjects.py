"""Who asks, as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.errors import UsageError
from rbaclens.model.identity import implied_groups
from rbaclens.requests.subjects import parse_subject

AUTH = "system:authenticated"
SA = "system:serviceaccounts"


@pytest.mark.parametrize(
    ("text", "user", "groups", "how"),
    [
        ("bob", "bob", (AUTH,), "user"),
        ("user:bob", "bob", (AUTH,), "user"),
        ("bob@example.com", "bob@example.com", (AUTH,), "user"),
        ("oidc:alice", "oidc:alice", (AUTH,), "user"),
        ("arn:aws:iam::1:user/alice", "arn:aws:iam::1:user/alice", (AUTH,), "user"),
        ("saml:alice", "saml:alice", (AUTH,), "user"),
        ("user:usr:bob", "usr:bob", (AUTH,), "user"),
        ("user:sa:x", "sa:x", (AUTH,), "user"),
        ("user:system:masters", "system:masters", (AUTH,), "user"),
        ("system:kube-scheduler", "system:kube-scheduler", (AUTH,), "user"),
        ("group:devs", "", ("devs", AUTH), "group"),
        ("group:oidc:devs", "", ("oidc:devs", AUTH), "group"),
        ("group:system:masters", "", ("system:masters", AUTH), "group"),
        ("group:system:unauthenticated", "", ("system:unauthenticated",), "group"),
        ("group:system:authenticated", "", (AUTH,), "group"),
        ("sa:demo/app", "system:serviceaccount:demo:app", (SA, f"{SA}:demo", AUTH), "service account"),
        ("serviceaccount:demo/app", "system:serviceaccount:demo:app", (SA, f"{SA}:demo", AUTH), "service account"),
        ("system:serviceaccount:demo:app", "system:serviceaccount:demo:app", (SA, f"{SA}:demo", AUTH), "service account"),
        ("user:system:serviceaccount:demo:app", "system:serviceaccount:demo:app", (SA, f"{SA}:demo", AUTH), "service account"),
        ("sa:demo/my.app", "system:serviceaccount:demo:my.app", (SA, f"{SA}:demo", AUTH), "service account"),
        ("node:n1", "system:node:n1", ("system:nodes", AUTH), "node"),
        ("system:node:n1", "system:node:n1", ("system:nodes", AUTH), "node"),
        ("anonymous", "system:anonymous", ("system:unauthenticated",), "anonymous"),
        ("system:anonymous", "system:anonymous", ("system:unauthenticated",), "anonymous"),
        ("user:system:anonymous", "system:anonymous", ("system:unauthenticated",), "anonymous"),
        ("user:anonymous", "anonymous", (AUTH,), "user"),
    ],
)
def test_every_form_of_a_subject(text, user, groups, how):
    """User, group, service account, node and anonymous, with the groups that authentication gives (ATTR-13 to ATTR-16)."""
    found = parse_subject(text)
    assert (found.user, found.groups, found.how) == (user, groups, how)
    assert tuple(found.why) == groups


def test_each_group_says_why_it_is_there():
    """Given groups come first and are told from the implied ones."""
    found = parse_subject("sa:demo/app", extra_groups=("devs", "devs", AUTH))
    assert found.groups == ("devs", AUTH, SA, f"{SA}:demo")
    assert found.why == {
        "devs": "given",
        AUTH: "given",
        SA: "implied: every service account (ATTR-16)",
        f"{SA}:demo": "implied: every service account of the namespace (ATTR-16)",
    }
    assert parse_subject("bob").why[AUTH] == "implied: every authenticated user (ATTR-15)"
    assert parse_subject("anonymous").why["system:unauthenticated"] == "implied: the anonymous user (ATTR-14)"
    assert "node" in parse_subject("node:n1").why["system:nodes"]


@pytest.mark.parametrize(
    ("text", "extra", "groups"),
    [
        ("bob", (), ()),
        ("bob", ("x",), ("x",)),
        ("group:devs", ("x",), ("devs", "x")),
        ("sa:demo/app", (), ()),
        ("anonymous", (), ()),
    ],
)
def test_exact_groups_adds_nothing(text, extra, groups):
    """Only what was given counts."""
    found = parse_subject(text, extra_groups=extra, exact_groups=True)
    assert found.groups == groups
    assert set(found.why.values()) <= {"given"}


@pytest.mark.parametrize("text", ["system:serviceaccount:a:b:c", "system:serviceaccount:Bad_NS:sa", "system:serviceaccount:a"])
def test_what_only_looks_like_a_service_account_is_a_user(text):
    """ATTR-18: the API server takes it for an ordinary user, and a note says so."""
    found = parse_subject(text)
    assert (found.user, found.groups, found.how) == (text, (AUTH,), "user")
    assert "ordinary user" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "write bob"),
        ("user:", "write bob"),
        ("group:", "write bob"),
        ("sa:", "write bob"),
        ("node:", "write bob"),
        ("sa:x", "sa:default/x"),
        ("sa:ns:name", "sa:ns/name"),
        ("sa:/x", "sa:NAMESPACE/NAME"),
        ("sa:ns/", "sa:NAMESPACE/NAME"),
        ("sa:Bad_NS/x", "sa:NAMESPACE/NAME"),
        ("node:Bad_Node", "lower-case"),
        ("usr:bob", "user:bob"),
        ("users:bob", "user:bob"),
        ("User:bob", "user:bob"),
        ("groups:devs", "group:devs"),
        ("grp:devs", "group:devs"),
        ("SA:ns/x", "sa:ns/x"),
        ("serviceacount:ns/x", "serviceaccount:ns/x"),
        ("service-account:ns/x", "sa:ns/x"),
        ("nodes:n1", "node:n1"),
        ("system:masters", "group:system:masters"),
        ("system:authenticated", "group:system:authenticated"),
        ("system:serviceaccounts", "group:system:serviceaccounts"),
        ("system:serviceaccounts:demo", "group:system:serviceaccounts:demo"),
        ("system:serviceacount:ns:x", "system:serviceaccount:ns:x"),
        ("system:nodes:n1", "system:node:n1"),
    ],
)
def test_slips_are_refused_with_what_was_meant(text, hint):
    """A misread subject would give a wrong answer: near misses are errors that say what to write."""
    with pytest.raises(UsageError) as caught:
        parse_subject(text)
    assert hint in caught.value.help


def test_an_empty_extra_group_is_refused():
    """An empty group is a slip of a script, never meant."""
    with pytest.raises(UsageError):
        parse_subject("bob", extra_groups=("",))


@given(st.text(max_size=30))
def test_user_colon_takes_any_name(name):
    """user:NAME is the way to write every name there is."""
    if not name:
        return
    found = parse_subject(f"user:{name}")
    assert found.user == name
    assert found.groups == implied_groups(name)


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_an_identity_or_our_error(text, exact):
    """No text brings the reader down."""
    try:
        found = parse_subject(text, exact_groups=exact)
    except UsageError as error:
        assert error.help
    else:
        assert found.user or found.groups
