"""RL1302: creating pods where powerful accounts are."""

import pytest
from audit_rules import account, found, grant, plain


@pytest.mark.parametrize(
    ("verb", "resource", "api_group"),
    [
        ("create", "pods", ""),
        ("create", "deployments", "apps"),
        ("update", "daemonsets", "apps"),
        ("patch", "statefulsets", "apps"),
        ("patch", "replicasets", "apps"),
        ("create", "jobs", "batch"),
        ("update", "cronjobs", "batch"),
        ("create", "replicationcontrollers", ""),
        ("*", "*", "*"),
    ],
)
def test_pods_and_everything_that_makes_pods(verb, resource, api_group):
    """Pods directly, or by any controller, with any of the verbs."""
    (one,) = found("RL1302", grant(verb, resource, api_group, namespace="kube-system"))
    assert (one.severity.title, one.scopes, str(one.principal)) == ("Critical", ("kube-system",), "user:mallory")


def test_a_powerful_account_makes_its_namespace_privileged():
    """A namespace counts as privileged as soon as an account in it may create pods everywhere."""
    runner = grant("create", "pods", to=account("runner", "ci"), name="runner")
    (one,) = found("RL1302", runner, grant("create", "jobs", "batch", namespace="ci"))
    assert (str(one.principal), one.scopes) == ("user:mallory", ("ci",))


def test_restricted_pod_security_takes_a_level():
    """Tokens and secrets remain, the node does not."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = plain("Namespace", "kube-system", labels=labels)
    (one,) = found("RL1302", namespace, grant("create", "pods", namespace="kube-system"))
    assert one.severity.title == "High"
