"""Which nodes may do what a pattern says: each is listed if and only if the authorizer allows it on some object."""

from __future__ import annotations

import itertools

import pytest

from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.node_holders import node_holders
from rbaclens.model.identity import AUTHENTICATED, NODES
from rbaclens.model.location import Origin
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod

POD = {
    "metadata": {"name": "p1", "namespace": "prod"},
    "spec": {"nodeName": "n1", "serviceAccountName": "a1", "containers": [{"envFrom": [{"secretRef": {"name": "s1"}}]}]},
}


@pytest.fixture
def authorizer():
    """Node n1 runs a pod of prod that uses a secret."""
    import msgspec

    return NodeAuthorizer(NodeGraphObjects(pods=(Placed(msgspec.convert(POD, Pod), Origin("x")),)))


QUESTIONS = [
    ("get", "secrets", "", ""),
    ("get", "services", "", ""),
    ("list", "services", "", ""),
    ("create", "serviceaccounts", "", "token"),
    ("create", "events", "", ""),
    ("get", "leases", "coordination.k8s.io", ""),
    ("create", "leases", "coordination.k8s.io", ""),
    ("get", "nodes", "", ""),
    ("delete", "pods", "", ""),
    ("delete", "secrets", "", ""),
]
NAMESPACES = ["", "prod", "other", "kube-node-lease"]
NAMES = ["", "s1", "a1", "n1", "n2", "fresh"]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("namespace", [None, *NAMESPACES])
@pytest.mark.parametrize("name", [None, "", "s1", "n1"])
def test_nodes_are_listed_exactly_if_they_may(authorizer, question, namespace, name):
    """NODE-16 to NODE-24, with the namespace and the name open or given; n2 is known and runs nothing."""
    verb, resource, group, subresource = question
    listed = {held.node for held in node_holders(authorizer, Pattern(verb, resource, group, subresource, namespace, name), ["n2"])}
    spaces, names = (NAMESPACES if namespace is None else [namespace]), (NAMES if name is None else [name])
    allowed = {
        node
        for node, at, called in itertools.product(("n1", "n2"), spaces, names)
        if authorizer.authorize(
            Request(verb, resource, group, subresource, at, called, None, f"system:node:{node}", (NODES, AUTHENTICATED))
        ).evidence
    }
    assert listed == allowed
