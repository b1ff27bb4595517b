"""RL3013: a name that begins with system: and that nothing in Kubernetes has."""

import pytest
from audit_rules import binding, found, group, user


@pytest.mark.parametrize(
    ("subject", "hint"),
    [
        (group("system:authenticate"), "perhaps system:authenticated was meant"),
        (user("system:authenticated"), "it is the name of a group"),
        (group("system:serviceaccount:shop:a"), "it is the name of a user"),
        (group("system:serviceaccount"), "perhaps system:serviceaccounts was meant"),
        (user("system:serviceaccount:shop"), "a service account's is system:serviceaccount:NAMESPACE:NAME"),
        (user("system:kube-sheduler"), "perhaps system:kube-scheduler was meant"),
        (group("system:nothing-like-it"), "gives."),
        (group("system:serviceaccounts:Shop"), "gives"),
        (user("system:node:"), "gives"),
    ],
)
def test_unknown_names_are_found(subject, hint):
    """With what was probably meant."""
    (one,) = found("RL3013", binding("b", subject, role="view"))
    assert hint in one.message


@pytest.mark.parametrize(
    "subject",
    [
        group("system:masters"),
        group("system:serviceaccounts:shop"),
        group("system:bootstrappers:kubeadm:default-node-token"),
        user("system:serviceaccount:shop:a"),
        user("system:node:worker-1.example.com"),
        user("system:bootstrap:abc123"),
        user("system:kube-proxy"),
        user("systematic"),
        group("System:masters"),
    ],
)
def test_known_names_and_others_are_clean(subject):
    """What Kubernetes gives, and what does not begin with system: at all."""
    assert found("RL3013", binding("b", subject, role="view")) == ()
