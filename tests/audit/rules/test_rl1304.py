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


@pytest.mark.parametrize(
    "objects",
    [
        grant("get list watch delete deletecollection", "deployments", "apps"),
        grant("create", "deployments cronjobs"),
        grant("create", "jobs", "apps"),
        grant("update patch", "deployments/scale deployments/status deployments/*", "apps"),
        grant("create", "deployments", "apps", names="one"),
        grant("create", "pods"),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Another verb, group or subresource is not this rule's business."""
    assert found("RL1304", objects) == ()


@pytest.mark.parametrize(("namespace", "severity"), [("", "Critical"), ("shop", "Medium"), ("kube-system", "Critical")])
def test_severity_by_scope(namespace, severity):
    """The level depends on where it is held."""
    (one,) = found("RL1304", grant("patch", "deployments", "apps", namespace=namespace))
    assert (one.severity.title, one.scopes) == (severity, (namespace or "*",))


def test_named_controllers_are_a_level_less():
    """Changing certain controllers only is one level lower."""
    (one,) = found("RL1304", grant("update", "deployments", "apps", names="web"))
    assert one.severity.title == "High"


def test_restricted_pod_security_takes_a_level():
    """Tokens and secrets remain, the node does not."""
    namespace = plain("Namespace", "shop", labels={"pod-security.kubernetes.io/enforce": "restricted"})
    (one,) = found("RL1304", namespace, grant("create", "jobs", "batch", namespace="shop"))
    assert one.severity.title == "Low"
