"""RL1105: making a service account token by creating a secret."""

import pytest
from audit_rules import account, found, given, grant, rule, user


@pytest.mark.parametrize(
    "way",
    [
        rule("get", "secrets"),
        rule("list", "secrets"),
        rule("watch", "secrets"),
        rule("patch", "secrets"),
        rule("delete", "secrets"),
        rule("deletecollection", "secrets"),
        rule("get", "secrets", names="mine"),
        rule("create", "pods"),
        rule("patch", "deployments", "apps"),
        rule("create", "cronjobs", "batch"),
    ],
)
def test_every_way_to_the_content_counts(way):
    """The token is read back by any verb that shows a secret, under a name of one's own choice too, or mounted into a pod."""
    (one,) = found("RL1105", given(rule("create", "secrets"), way, namespace="shop"))
    assert one.severity.title == "High"


@pytest.mark.parametrize(
    "objects",
    [
        grant("create", "secrets"),
        grant("create update", "secrets"),
        grant("get list", "secrets"),
        grant("create get", "secrets", "example.com"),
        grant("create get", "secrets", names="one"),
        given(rule("create", "secrets"), rule("get", "secrets/status")),
        given(rule("create", "secrets"), rule("create", "deployments")),
        given(rule("create", "secrets"), rule("get", "pods")),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """One half alone, another group or subresource, or a create limited to names, which never matches (RBAC-15)."""
    assert found("RL1105", objects) == ()


def test_the_halves_must_meet():
    """The secret is created and read in one namespace, by one principal."""
    create = grant("create", "secrets", namespace="shop", name="a")
    assert found("RL1105", create, grant("get", "secrets", namespace="web", name="b")) == ()
    assert found("RL1105", create, grant("get", "secrets", namespace="shop", name="b", to=user("other"))) == ()
    (one,) = found("RL1105", create, grant("get", "secrets", name="b"))
    assert (one.scopes, len(one.evidence)) == (("shop",), 2)


def test_privilege_spreads():
    """Whoever makes tokens in kube-system amounts to cluster-admin, and so does the namespace where that account lives."""
    chain = grant("create get", "secrets", namespace="kube-system", to=account("ci", "ci"), name="a")
    found_there = found("RL1105", chain, grant("create get", "secrets", namespace="ci", name="b"))
    assert [one.severity.title for one in found_there] == ["Critical", "Critical"]
