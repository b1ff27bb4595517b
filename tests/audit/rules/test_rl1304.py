"""RL1304: creating or changing workload controllers."""

import pytest
from audit_rules import found, grant, plain

CONTROLLERS = [
    ("deployments", "apps"),
    ("daemonsets", "apps"),
    ("statefulsets", "apps"),
    ("replicasets", "apps"),
    ("jobs", "batch"),
    ("cronjobs", "batch"),
    ("replicationcontrollers", ""),
    ("deploymentconfigs", "apps.openshift.io"),
]


@pytest.mark.parametrize("verb", ["create", "update", "patch", "*"])
@pytest.mark.parametrize(("resource", "api_group"), CONTROLLERS)
def test_every_verb_on_every_controller_counts(verb, resource, api_group):
    """All kinds that make pods, in their own API group."""
    (one,) = found("RL1304", grant(verb, resource, api_group))
    assert (one.severity.title, str(one.principal)) == ("Critical", "user:mallory")


def test_named_controllers_are_a_level_less():
    """Changing certain controllers only is one level lower."""
    (one,) = found("RL1304", grant("update", "deployments", "apps", names="web"))
    assert one.severity.title == "High"


def test_restricted_pod_security_takes_a_level():
    """Tokens and secrets remain, the node does not."""
    namespace = plain("Namespace", "shop", labels={"pod-security.kubernetes.io/enforce": "restricted"})
    (one,) = found("RL1304", namespace, grant("create", "jobs", "batch", namespace="shop"))
    assert one.severity.title == "Low"
