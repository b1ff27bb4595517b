"""RL1107: requesting service account tokens."""

import pytest
from audit_rules import account, found, grant

TOKEN = "serviceaccounts/token"


@pytest.mark.parametrize("resource", [TOKEN, "*/token", "*"])
def test_every_form_of_the_resource_counts(resource):
    """The subresource by name, of every resource, and within everything."""
    assert found("RL1107", grant("create", resource))


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list update patch", TOKEN),
        grant("create", "serviceaccounts"),
        grant("create", "serviceaccounts/*"),
        grant("create", "*/*"),
        grant("create", TOKEN, "authentication.k8s.io"),
        grant("create", "token"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, the account itself, another group; ``serviceaccounts/*`` matches nothing."""
    assert found("RL1107", objects) == ()


@pytest.mark.parametrize(
    ("name", "level"),
    [("web", "Medium"), ("clusterrole-aggregation-controller", "High")],
)
def test_named_accounts(name, level):
    """The create of a subresource carries the account's name (RBAC-15): a named grant counts, one level lower."""
    (one,) = found("RL1107", grant("create", TOKEN, names=name, namespace="shop"))
    assert one.severity.title == level
    assert name in one.message


def test_privilege_spreads():
    """Whoever may take tokens in kube-system amounts to cluster-admin, and so does the namespace where that account lives."""
    (first, second) = found(
        "RL1107",
        grant("create", TOKEN, namespace="kube-system", to=account("ci", "ci"), name="a"),
        grant("create", TOKEN, namespace="ci", name="b"),
    )
    assert {first.severity.title, second.severity.title} == {"Critical"}
