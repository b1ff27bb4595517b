"""RL3204: resources that the API groups of the rule do not have."""

import pytest
from audit_rules import found, given, rule


@pytest.mark.parametrize(
    ("group", "name", "right"),
    [
        ("", "deployments", "apps"),
        ("apps", "pods", '"" (core)'),
        ("batch", "roles", "rbac.authorization.k8s.io"),
        ("apps", "ingresses", "networking.k8s.io"),
        ("", "deployments/scale", "apps"),
    ],
)
def test_wrong_group(group, name, right):
    """Group and resource are compared together."""
    (one,) = found("RL3204", given(rule("get", name, group)))
    assert one.message.endswith(f"it is in {right}.") and one.severity.title == "Low"


def test_unknown_resource_is_a_note():
    """A resource that nobody knows may be of a version that is not known either."""
    (one,) = found("RL3204", given(rule("get", "prometheuses")))
    assert one.score == 0


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("", "pods"),
        ("*", "deployments"),
        ("example.com", "deployments"),
        ("extensions", "deployments"),
        ("", "users"),
        ("authentication.k8s.io", "serviceaccounts"),
        ("certificates.k8s.io", "signers"),
        ("events.k8s.io", "events"),
        ("", "*"),
        ("", "svc"),
    ],
)
def test_right_group_is_clean(group, name):
    """The group's own and virtual resources; groups that are not known; what other rules find."""
    assert found("RL3204", given(rule("get", name, group))) == ()


def test_one_of_several_groups_is_enough():
    """A rule is the product of its lists: that some of it is empty is usual."""
    both = {"verbs": ["get"], "apiGroups": ["", "apps"], "resources": ["pods", "deployments"]}
    assert found("RL3204", given(both)) == ()


def test_an_audience_is_no_resource():
    """The verb of the audience check has a resource of any name."""
    assert found("RL3204", given(rule("request-serviceaccounts-token-audience", "vault"))) == ()


def test_resources_of_definitions_are_known():
    """A custom resource in the input is where its definition says."""
    names = {"plural": "widgets", "kind": "Widget", "singular": "widget"}
    spec = {"group": "example.com", "names": names, "scope": "Namespaced", "versions": [{"name": "v1", "served": True, "storage": True}]}
    kind = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.com"}}
    (one,) = found("RL3204", kind | {"spec": spec}, given(rule("get", "widgets")))
    assert one.message.endswith("it is in example.com.")


@pytest.mark.parametrize("entry", ["pods,services", "pods ", "", "Pods", "sec*"])
def test_what_other_rules_find_is_left_to_them(entry):
    """One mistake is one finding."""
    assert found("RL3204", given(rule("get", "x") | {"resources": [entry]})) == ()
