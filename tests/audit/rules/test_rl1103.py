"""RL1103: reading the secrets of a namespace."""

import pytest
from audit_rules import binding, found, given, grant, group, role, rule, user


@pytest.mark.parametrize("verb", ["get", "list", "watch", "*"])
def test_every_reading_verb_counts(verb):
    """Each of get, list and watch hands the content out."""
    (one,) = found("RL1103", grant(verb, "secrets", namespace="shop"))
    assert (one.severity.title, str(one.principal), one.scopes) == ("High", "user:mallory", ("shop",))


def test_a_cluster_role_bound_in_a_namespace():
    """A RoleBinding to a ClusterRole counts where the binding is."""
    (one,) = found("RL1103", role("reader", rule("list", "secrets")), binding("b", user("mallory"), role="reader", namespace="shop"))
    assert one.scopes == ("shop",)


def test_a_namespace_that_became_privileged():
    """A namespace with an account that amounts to cluster-admin is RL1102's."""
    admin = given(rule("*", "*", "*"), to={"kind": "ServiceAccount", "name": "boss", "namespace": "ops"}, name="boss")
    assert found("RL1103", admin, grant("get", "secrets", namespace="ops")) == ()
    assert found("RL1102", admin, grant("get", "secrets", namespace="ops"))


def test_everybody_is_a_level_worse():
    """All authenticated users instead of one person."""
    (one,) = found("RL1103", grant("get", "secrets", namespace="shop", to=group("system:authenticated")))
    assert one.severity.title == "Critical"
