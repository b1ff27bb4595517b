"""RL2001: writing aws-auth."""

import pytest
from audit_rules import found, grant, plain, role, rule

EKS = role("eks:node-bootstrapper", rule("get", "nodes"))


@pytest.mark.parametrize("verb", ["update", "patch", "*"])
@pytest.mark.parametrize("names", ["aws-auth", "coredns aws-auth"])
def test_the_named_object(verb, names):
    """Who names aws-auth means EKS, whatever else is known of the cluster."""
    (one,) = found("RL2001", grant(verb, "configmaps", names=names, namespace="kube-system"))
    assert (one.severity.title, one.scopes, str(one.principal)) == ("Critical", ("kube-system",), "user:mallory")


@pytest.mark.parametrize("namespace", ["", "kube-system"])
@pytest.mark.parametrize("verb", ["update", "patch"])
def test_any_config_map_counts_as_well(verb, namespace):
    """A right without names covers it; where nothing says that the cluster is EKS it is a level less."""
    objects = grant(verb, "configmaps", namespace=namespace)
    (perhaps,) = found("RL2001", objects)
    (surely,) = found("RL2001", objects, EKS)
    assert (perhaps.severity.title, surely.severity.title) == ("High", "Critical")
    assert surely.scopes == (namespace or "*",)


def test_nodes_tell_the_platform():
    """A label of EKS on a node is enough to know."""
    node = plain("Node", "ip-10-0-0-1", labels={"eks.amazonaws.com/nodegroup": "main"})
    (one,) = found("RL2001", node, grant("patch", "configmaps", namespace="kube-system"))
    assert one.severity.title == "Critical"


def test_creation_alone():
    """A creation matters on EKS until the object is there, and is nobody's concern elsewhere."""
    objects = grant("create", "configmaps", namespace="kube-system")
    assert found("RL2001", objects) == ()
    (one,) = found("RL2001", objects, EKS)
    assert one.severity.title == "High"
