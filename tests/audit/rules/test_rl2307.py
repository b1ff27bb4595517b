"""RL2307: grants to all service accounts."""

import pytest
from audit_rules import account, binding, found, grant, group, role, rule, urls, user

ALL = group("system:serviceaccounts")


@pytest.mark.parametrize("name", ["system:serviceaccounts", "system:serviceaccounts:shop"])
@pytest.mark.parametrize("namespace", ["", "shop"])
def test_both_groups_in_both_scopes(name, namespace):
    """The group of all, and that of a namespace."""
    (one,) = found("RL2307", grant("get", "configmaps", namespace=namespace, to=group(name)))
    assert (one.severity.title, one.scopes, str(one.principal)) == ("High", (namespace or "*",), f"group:{name}")


@pytest.mark.parametrize(
    "objects",
    [
        grant("get", "configmaps", to=group("system:serviceaccountsx")),
        grant("get", "configmaps", to=group("system:serviceaccount:shop:web")),
        grant("get", "configmaps", to=user("system:serviceaccounts")),
        grant("get", "configmaps", to=account("web", "shop")),
        [role("version", urls("get", "/version")), binding("version", ALL, role="version")],
        [binding("again", ALL, role="system:service-account-issuer-discovery")],
        [binding("dangling", ALL, role="nothing-there")],
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Other subjects, what every account has anyway, and what gives nothing."""
    assert found("RL2307", objects) == ()


def test_two_groups_of_one_binding_are_two_findings():
    """Each can be taken out by itself."""
    groups = [group("system:serviceaccounts:a"), group("system:serviceaccounts:b")]
    findings = found("RL2307", role("r", rule("get", "pods")), binding("r", *groups, role="r"))
    assert {change.path for one in findings for change in one.patch.edits} == {"/subjects/0", "/subjects/1"}
