"""RL1011: a powerful role of the system itself, given to somebody else."""

import pytest
from audit_rules import account, binding, found, given, group, role, rule, user

POWERFUL = [
    "system:kube-controller-manager",
    "system:node",
    "system:controller:clusterrole-aggregation-controller",
    "system:controller:generic-garbage-collector",
    "system:controller:job-controller",
    "system:controller:node-controller",
    "system:kubelet-api-admin",
    "system:node-bootstrapper",
    "system:persistent-volume-provisioner",
    "system:aggregate-to-admin",
    "system:aggregate-to-edit",
    "system:certificates.k8s.io:kube-apiserver-client-approver",
    "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver",
    "system:certificates.k8s.io:kubelet-serving-approver",
    "system:certificates.k8s.io:legacy-unknown-approver",
]


@pytest.mark.parametrize("name", POWERFUL)
def test_powerful_roles(name):
    """Each carries something that leads further, for whoever is bound to it beside the component that it is made for."""
    subjects = [user("mallory"), group("devs"), account("ci", "ci"), group("system:serviceaccounts:shop")]
    reused = found("RL1011", [binding(f"reused-{n}", subject, role=name) for n, subject in enumerate(subjects)])
    assert {str(one.principal) for one in reused} == {"user:mallory", "group:devs", "sa:ci/ci", "group:system:serviceaccounts:shop"}
    assert {(one.severity.title, one.scopes) for one in reused} == {("High", ("*",))}


def test_reviews_alone_are_low():
    """An aggregated API server needs system:auth-delegator: it asks who somebody is and what they may do."""
    (one,) = found("RL1011", binding("metrics:auth", account("metrics", "kube-system"), role="system:auth-delegator"))
    assert one.severity.title == "Low"


def test_the_level_is_that_of_the_role_and_not_of_its_holder():
    """Another powerful role of the same account does not make the delegator powerful."""
    (one,) = found(
        "RL1011",
        binding("auth", user("mallory"), role="system:auth-delegator"),
        given(rule("get", "secrets")),
    )
    assert one.severity.title == "Low"


@pytest.mark.parametrize(
    "objects",
    [
        [binding("b", user("mallory"), role="system:discovery")],
        [binding("b", user("mallory"), role="system:aggregate-to-view")],
        [binding("b", account("npd", "kube-system"), role="system:node-problem-detector")],
        [binding("b", user("mallory"), role="view")],
        [binding("b", user("mallory"), role="edit")],
        [binding("b", user("mallory"), role="cluster-admin")],
        [binding("b", user("mallory"), role="system:kubelet-api-admin", namespace="shop")],
        [binding("b", group("system:bootstrappers:kubeadm:default-node-token"), role="system:node-bootstrapper")],
        [binding("b", user("system:kube-controller-manager"), role="system:kube-controller-manager")],
        [role("system:mine", rule("get", "secrets")), binding("b", user("mallory"), role="system:mine")],
        given(rule("get create", "nodes/proxy")),
    ],
)
def test_one_attribute_away_is_clean(objects):
    """Harmless roles, user-facing ones (RL1002, RL1008), namespaces, the expected holders, and roles that only look like the system's."""
    assert found("RL1011", objects) == ()
