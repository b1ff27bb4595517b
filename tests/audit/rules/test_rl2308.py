"""RL2308: grants to a default service account."""

import pytest
from audit_rules import account, binding, found, grant, group, role, rule, urls, user

DEFAULT = account("default", "shop")


@pytest.mark.parametrize("subject", [DEFAULT, user("system:serviceaccount:shop:default"), {"kind": "ServiceAccount", "name": "default"}])
def test_the_account_under_each_of_its_names(subject):
    """As account with and without its namespace, and as the user that it is."""
    (one,) = found("RL2308", grant("get", "configmaps", namespace="shop", to=subject))
    assert (one.severity.title, one.scopes, str(one.principal)) == ("Medium", ("shop",), "sa:shop/default")


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "configmaps", to=account("default-x", "shop")),
        grant("get", "configmaps", to=user("default")),
        grant("get", "configmaps", to=group("default")),
        [role("version", urls("get", "/version")), binding("version", DEFAULT, role="version")],
        [binding("again", DEFAULT, role="system:basic-user")],
        [binding("dangling", DEFAULT, role="nothing-there")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Other subjects, what every account has anyway, and what gives nothing."""
    assert found("RL2308", objects) == ()


@pytest.mark.parametrize(
    ("verb", "resource", "namespace", "severity"),
    [
        ("get", "configmaps", "", "Medium"),
        ("get", "secrets", "shop", "High"),
        ("create", "pods/exec", "shop", "High"),
        ("create", "pods", "shop", "Medium"),
        ("impersonate", "users", "shop", "Medium"),
        ("get", "nodes/proxy", "kube-system", "Medium"),
        ("impersonate", "users", "", "Critical"),
        ("create", "pods", "kube-system", "Critical"),
        ("create", "pods", "", "Critical"),
        ("*", "*", "shop", "High"),
        ("*", "*", "", "Critical"),
    ],
)
def test_as_bad_as_the_role(verb, resource, namespace, severity):
    """A role that is worse by itself raises the level."""
    (one,) = found("RL2308", grant(verb, resource, namespace=namespace, to=DEFAULT))
    assert one.severity.title == severity


def test_only_the_subject_goes():
    """Where the binding names others too, they keep it."""
    objects = [role("r", rule("get", "pods")), binding("r", user("ann"), DEFAULT, role="r")]
    (one,) = found("RL2308", objects)
    assert [change.path for change in one.patch.edits] == ["/subjects/1"]
