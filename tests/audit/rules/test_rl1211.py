"""RL1211: impersonating service accounts."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize("verb", ["impersonate", "*"])
@pytest.mark.parametrize(("namespace", "level"), [("", "Critical"), ("shop", "High"), ("kube-system", "Critical")])
def test_severity_by_scope(verb, namespace, level):
    """Everywhere, in a namespace, in a privileged one; a Role is enough."""
    (one,) = found("RL1211", grant(verb, "serviceaccounts", namespace=namespace))
    assert (one.severity.title, one.scopes) == (level, (namespace or "*",))


@pytest.mark.parametrize(
    "objects",
    [
        grant("impersonate", "users groups"),
        grant("get create update", "serviceaccounts"),
        grant("impersonate", "serviceaccounts/token serviceaccounts/*"),
        grant("impersonate", "serviceaccounts", "authentication.k8s.io"),
        grant("impersonate:serviceaccount", "serviceaccounts", "authentication.k8s.io"),
        grant("impersonate", "serviceaccounts", "rbac.authorization.k8s.io"),
        grant("impersonate", "roles", "rbac.authorization.k8s.io"),
        grant("Impersonate", "serviceaccounts"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, resource or group; the right to impersonate users is not asked for a service account's name."""
    assert found("RL1211", objects) == ()


@pytest.mark.parametrize(("names", "level"), [("app", "High"), ("app job-controller", "Critical")])
def test_named_accounts(names, level):
    """A level less, unless it is a controller that amounts to cluster-admin."""
    (one,) = found("RL1211", grant("impersonate", "serviceaccounts", names=names, namespace="kube-system"))
    assert one.severity.title == level
