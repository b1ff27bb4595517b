"""RL1806: changing network policies."""

import pytest
from audit_rules import found, grant


@pytest.mark.parametrize(
    ("resource", "group"),
    [
        ("adminnetworkpolicies", "policy.networking.k8s.io"),
        ("ciliumnetworkpolicies", "cilium.io"),
        ("ciliumclusterwidenetworkpolicies", "cilium.io"),
        ("globalnetworkpolicies", "crd.projectcalico.org"),
        ("networkpolicies", "projectcalico.org"),
    ],
)
def test_policies_of_network_plugins(resource, group):
    """The policies of widespread plug-ins count too."""
    assert found("RL1806", grant("delete", resource, group))
