"""RL3110: a binding that keeps an outdated role alive."""

import pytest
from audit_rules import binding, found, group, role, rule, user

PODS = rule("get", "pods")


@pytest.mark.parametrize("name", ["system:csi-external-attacher", "system:aws-cloud-provider", "eks:podsecuritypolicy:privileged"])
def test_outdated_cluster_roles_are_found(name):
    """Where the role is there; a binding to a role that is gone is another rule's business."""
    assert len(found("RL3110", role(name, PODS), binding("b", user("u"), role=name))) == 1
    assert found("RL3110", binding("b", user("u"), role=name)) == ()


def test_a_retired_role_that_is_still_shipped():
    """The API server still makes the role, and binds it to nobody."""
    assert len(found("RL3110", binding("b", user("u"), role="system:heapster"))) == 1


def test_versioned_kubelet_configurations():
    """Roles of kube-system alone."""
    name, nodes = "kubeadm:kubelet-config-1.23", group("system:nodes")
    for namespace, count in (("kube-system", 1), ("shop", 0)):
        objects = [role(name, PODS, namespace=namespace), binding("b", nodes, role=name, kind="Role", namespace=namespace)]
        assert len(found("RL3110", objects)) == count


def test_others_are_clean():
    """Roles in use, a Role of an outdated ClusterRole's name, and the role without a binding."""
    assert found("RL3110", binding("b", user("u"), role="view")) == ()
    name = "system:csi-external-attacher"
    assert found("RL3110", role(name, PODS)) == ()
    local = role(name, PODS, namespace="shop")
    assert found("RL3110", local, binding("b", user("u"), role=name, kind="Role", namespace="shop")) == ()
