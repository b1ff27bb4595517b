"""RL1102: reading the secrets of a privileged namespace."""

import pytest
from audit_rules import account, found, given, grant, rule


@pytest.mark.parametrize("verb", ["get", "list", "watch", "*"])
def test_every_reading_verb_counts(verb):
    """Each of get, list and watch hands the content out."""
    (one,) = found("RL1102", grant(verb, "secrets", namespace="kube-system"))
    assert (one.severity.title, str(one.principal), one.scopes) == ("Critical", "user:mallory", ("kube-system",))


def test_a_namespace_with_an_admin_account_is_privileged():
    """Not kube-system alone: any namespace whose accounts amount to cluster-admin."""
    admin = given(rule("*", "*", "*"), to=account("boss", "ops"), name="boss")
    (one,) = found("RL1102", admin, grant("get", "secrets", namespace="ops"))
    assert one.scopes == ("ops",)


def test_both_kinds_of_namespace_by_one_role():
    """A role that is bound in an ordinary namespace too is found for the privileged one only."""
    (one,) = found(
        "RL1102", grant("get", "secrets", namespace="shop", name="a"), grant("get", "secrets", namespace="kube-system", name="b")
    )
    assert one.scopes == ("kube-system",)
