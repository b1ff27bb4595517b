"""RL3008: a service account that is written as a user, or service accounts as a group."""

import pytest
from audit_rules import account, binding, found, group, user


@pytest.mark.parametrize(
    "subject", [user("system:serviceaccount:shop:a"), group("system:serviceaccounts"), group("system:serviceaccounts:shop")]
)
def test_each_form_is_found(subject):
    """It works, and is only hard to see: a note without score."""
    (one,) = found("RL3008", binding("b", subject, role="view"))
    assert (one.score, one.severity.title) == (0.0, "Info")


@pytest.mark.parametrize(
    "subject",
    [
        account("a", "shop"),
        user("system:serviceaccount:shop"),
        user("system:serviceaccount:Shop:a"),
        group("system:serviceaccount:shop:a"),
        user("system:serviceaccounts"),
        group("system:serviceaccounts:"),
    ],
)
def test_what_stands_for_no_account_is_clean(subject):
    """A name that is no service account's, and a subject of the right kind (ATTR-18)."""
    assert found("RL3008", binding("b", subject, role="view")) == ()


def test_the_patch_writes_the_same_account():
    """The subject is replaced in its place."""
    (one,) = found("RL3008", binding("b", user("x"), user("system:serviceaccount:shop:a"), role="view"))
    (edit,) = one.patch.edits
    assert (edit.op, edit.path) == ("replace", "/subjects/1")
    assert edit.value == {"kind": "ServiceAccount", "name": "a", "namespace": "shop"}


def test_the_api_servers_own_group_is_clean():
    """The bootstrap grant to all service accounts is nobody's fault, whatever its binding is called."""
    assert found("RL3008", binding("x", group("system:serviceaccounts"), role="system:service-account-issuer-discovery")) == ()
