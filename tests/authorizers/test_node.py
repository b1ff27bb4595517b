"""The node authorizer's identity test and resource-specific rules."""

import msgspec
import pytest

from rbaclens.authorizers.node import NodeAuthorizer, node_name
from rbaclens.model.decision import NOTHING, NodeGrant, Opinion, Verdict
from rbaclens.model.location import Origin
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request
from rbaclens.model.volumes import PersistentVolume
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod, ResourceSlice, VolumeAttachment

ALLOW = object()
NODES = ("system:nodes",)
UNRELATED = "no relationship found between node 'n1' and this object"


def placed(kind, *objects):
    return tuple(Placed(msgspec.convert(o, type=kind), Origin("cluster.json", i)) for i, o in enumerate(objects))


def pod(namespace, name, node, **spec):
    return {"metadata": {"namespace": namespace, "name": name}, "spec": {"nodeName": node, **spec}}


CLUSTER = NodeGraphObjects(
    pods=placed(
        Pod,
        pod(
            "ns1",
            "p1",
            "n1",
            serviceAccountName="a1",
            volumes=[
                {"name": "s", "secret": {"secretName": "s1"}},
                {"name": "c", "configMap": {"name": "c1"}},
                {"name": "v", "persistentVolumeClaim": {"claimName": "v1"}},
            ],
        ),
        pod("ns1", "p2", "n2"),
    ),
    persistent_volumes=placed(
        PersistentVolume,
        {
            "metadata": {"name": "pv1"},
            "spec": {
                "claimRef": {"namespace": "ns1", "name": "v1"},
                "csi": {
                    "nodeStageSecretRef": {"namespace": "kube", "name": "ss"},
                    "controllerExpandSecretRef": {"namespace": "kube", "name": "cx"},
                },
            },
        },
    ),
    volume_attachments=placed(VolumeAttachment, {"metadata": {"name": "va1"}, "spec": {"nodeName": "n1"}}),
    resource_slices=placed(ResourceSlice, {"metadata": {"name": "sl1"}, "spec": {"nodeName": "n1"}}),
)
AUTHORIZER = NodeAuthorizer(CLUSTER)


def ask(verb, what, namespace="", name="", fields=()):
    """``what`` is ``resource[.group][/subresource]``; ``fields`` are (key, operator, value)."""
    resource, _, subresource = what.partition("/")
    resource, _, group = resource.partition(".")
    selector = tuple(FieldRequirement(*field) for field in fields)
    return Request(verb, resource, group, subresource, namespace, name, user="system:node:n1", groups=NODES, field_selector=selector)


def own(operator="=", node="n1"):
    return (("spec.nodeName", operator, node),)


def check(request, expected):
    opinion = AUTHORIZER.authorize(request)
    if expected is ALLOW:
        assert (opinion.verdict, opinion.reason) == (Verdict.ALLOW, "")
        assert isinstance(opinion.evidence, NodeGrant)
    else:
        assert opinion == (Opinion(Verdict.NO_OPINION, "node", expected) if expected else NOTHING)


@pytest.mark.parametrize(
    ("user", "groups", "node"),
    [
        ("system:node:n1", ("system:nodes",), "n1"),
        ("system:node:n1", (), None),
        ("system:node:n1", ("system:authenticated",), None),
        ("n1", ("system:nodes",), None),
        ("system:node:", ("system:nodes",), ""),
        ("system:node:A b", ("x", "system:nodes"), "A b"),
        ("System:node:n1", ("system:nodes",), None),
    ],
)
def test_identity(user, groups, node):
    """NODE-01, NODE-02, table NODE-A: who is a node, and what everybody else gets."""
    assert node_name(user, groups) == node
    opinion = AUTHORIZER.authorize(Request("get", "nodes", name=node or "", user=user, groups=groups))
    if node is None:
        assert opinion is NOTHING
    elif node == "":
        assert opinion == Opinion(Verdict.NO_OPINION, "node", 'unknown node for user "system:node:"')
    else:
        assert opinion == Opinion(Verdict.ALLOW, "node", evidence=NodeGrant("NODE-23"))


def test_people_share_one_opinion_and_build_no_graph():
    """Every request of every user passes here: the way past must cost nothing."""
    authorizer = NodeAuthorizer(CLUSTER)
    requests = [Request("get", "secrets", user=user) for user in ("bob", "system:node:n1")]
    assert authorizer.authorize(requests[0]) is authorizer.authorize(requests[1])
    assert "graph" not in vars(authorizer)
    authorizer.authorize(ask("get", "secrets", "ns1", "s1"))
    assert "graph" in vars(authorizer)


SLICES = "resourceslices.resource.k8s.io"
LEASES = "leases.coordination.k8s.io"
SLICE_TEXT = "can only list/watch/deletecollection resourceslices with nodeName field selector"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (ask("get", "secrets", "ns1", "s1"), ALLOW),
        (ask("list", "secrets", "ns1", "s1", [("metadata.name", "=", "s1")]), ALLOW),
        (ask("list", "secrets", "ns1"), "No Object name found"),
        (ask("list", "secrets", "", "s1", [("metadata.name", "=", "s1")]), "can only read namespaced object of this type"),
        (ask("get", "secrets", "ns2", "s1"), UNRELATED),
        (ask("create", "secrets", "ns1"), "can only read resources of this type"),
        (ask("delete", "secrets", "ns1", "s1"), "can only read resources of this type"),
        (ask("get", "secrets/x", "ns1", "s1"), "cannot read subresource"),
        (ask("get", "configmaps", "ns1", "c1"), ALLOW),
        (ask("get", "persistentvolumeclaims", "ns1", "v1"), ALLOW),
        (ask("get", "persistentvolumes", "", "pv1"), ALLOW),
        (ask("get", "volumeattachments.storage.k8s.io", "", "va1"), ALLOW),
        (ask("list", "persistentvolumes"), "can only get individual resources of this type"),
        (ask("update", "persistentvolumeclaims/status", "ns1", "v1"), ALLOW),
        (ask("get", "persistentvolumeclaims/status", "ns1", "v1"), "can only get/update/patch this type"),
        (ask("get", "secrets", "kube", "ss"), ALLOW),
        (ask("get", "secrets", "kube", "cx"), UNRELATED),
        (ask("create", "serviceaccounts/token", "ns1", "a1"), ALLOW),
        (ask("create", "serviceaccounts/token", "ns1"), "can only create tokens for individual service accounts"),
        (ask("get", "serviceaccounts", "ns1", "a1"), ALLOW),
        (ask("list", "serviceaccounts", "ns1"), "can only create tokens for individual service accounts"),
        (ask("get", LEASES, "kube-node-lease", "n1"), ALLOW),
        (ask("get", LEASES, "kube-node-lease", "n2"), "can only access node lease with the same name as the requesting node"),
        (ask("create", LEASES, "kube-node-lease"), ALLOW),
        (ask("get", LEASES, "other-ns", "n1"), 'can only access leases in the "kube-node-lease" system namespace'),
        (ask("list", LEASES, "kube-node-lease"), "can only get, create, update, patch, or delete a node lease"),
        (ask("list", SLICES, fields=own()), ALLOW),
        (ask("deletecollection", SLICES, fields=[("spec.driver", "=", "d"), *own()]), ALLOW),
        (ask("list", SLICES), SLICE_TEXT),
        (ask("list", SLICES, fields=own(node="n2")), SLICE_TEXT),
        (ask("list", SLICES, fields=own("!=")), SLICE_TEXT),
        (ask("get", SLICES, name="sl1"), ALLOW),
        (ask("get", "nodes", name="n1"), ALLOW),
        (ask("get", "nodes", name="n2"), "node 'n1' cannot read 'n2', only its own Node object"),
        (ask("watch", "nodes", name="n1", fields=[("metadata.name", "=", "n1")]), ALLOW),
        (ask("list", "nodes"), "node 'n1' cannot read all nodes, only its own Node object"),
        (ask("update", "nodes", name="n2"), ALLOW),
        (ask("delete", "nodes", name="n1"), ""),
        (ask("list", "pods", fields=own()), ALLOW),
        (ask("list", "pods", "ns1", "p1", [("metadata.name", "=", "p1")]), ALLOW),
        (ask("get", "pods", "ns1", "p1"), ALLOW),
        (ask("get", "pods", "ns1", "p2"), UNRELATED),
        (ask("create", "pods", "anywhere"), ALLOW),
        (ask("delete", "pods", "ns1", "p2"), ALLOW),
        (ask("update", "pods/status", "ns1", "p2"), ALLOW),
        (ask("create", "pods/eviction", "ns1", "p2"), ALLOW),
        (ask("patch", "pods", "ns1", "p1"), ""),
        (ask("get", "pods/log", "ns1", "p1"), ""),
        (ask("list", "services"), ALLOW),
        (ask("create", "events", "ns1"), ALLOW),
        (ask("create", "subjectaccessreviews.authorization.k8s.io"), ALLOW),
        (Request("get", path="/healthz", user="system:node:n1", groups=NODES), ""),
    ],
)
def test_table_node_b(request_, expected):
    """Table NODE-B, in full."""
    check(request_, expected)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        # NODE-16: the order of the tests
        (ask("update", "secrets/x"), "can only read resources of this type"),
        (ask("watch", "configmaps/x"), "cannot read subresource"),
        (ask("watch", "configmaps"), "can only read namespaced object of this type"),
        (ask("get", "secrets.apps", "ns1", "s1"), ""),
        # NODE-17
        (ask("patch", "persistentvolumeclaims/status", "ns1"), "No Object name found"),
        (ask("patch", "persistentvolumeclaims/status", "ns1", "v2"), UNRELATED),
        (ask("get", "persistentvolumeclaims/x", "ns1", "v1"), "cannot get subresource"),
        (ask("update", "persistentvolumeclaims/x", "ns1", "v1"), "can only get individual resources of this type"),
        (ask("get", "persistentvolumeclaims", "", "v1"), UNRELATED),
        # NODE-18: the graph knows cluster-scoped objects without a namespace only
        (ask("get", "persistentvolumes", "ns1", "pv1"), UNRELATED),
        (ask("get", "persistentvolumes/status", "", "pv1"), "cannot get subresource"),
        (ask("get", "resourceclaims.resource.k8s.io", "ns1", "x"), UNRELATED),
        (ask("watch", "volumeattachments.storage.k8s.io", "", "va1"), "can only get individual resources of this type"),
        # NODE-19
        (ask("get", "serviceaccounts", "", "a1"), "can only read namespaced object of this type"),
        (ask("get", "serviceaccounts", "ns1"), "No Object name found"),
        (ask("get", "serviceaccounts", "ns1", "a2"), UNRELATED),
        (ask("get", "serviceaccounts/token", "ns1", "a1"), "can only create tokens for individual service accounts"),
        (ask("create", "serviceaccounts", "ns1", "a1"), "can only create token subresource of serviceaccount"),
        (ask("create", "serviceaccounts/token", "", "a1"), UNRELATED),
        # NODE-20: subresources are not looked at
        (ask("patch", LEASES + "/x", "kube-node-lease", "n1"), ALLOW),
        (ask("delete", LEASES, "kube-node-lease"), "can only access node lease with the same name as the requesting node"),
        # NODE-21
        (ask("create", "csinodes.storage.k8s.io"), ALLOW),
        (ask("delete", "csinodes.storage.k8s.io", name="n1"), ALLOW),
        (ask("update", "csinodes.storage.k8s.io", name="n2"), "can only access CSINode with the same name as the requesting node"),
        (ask("update", "csinodes.storage.k8s.io/status", name="n1"), "cannot authorize CSINode subresources"),
        (ask("watch", "csinodes.storage.k8s.io/status"), "can only get, create, update, patch, or delete a CSINode"),
        # NODE-22
        (ask("impersonate", SLICES + "/status"), "cannot authorize ResourceSlice subresources"),
        (
            ask("impersonate", SLICES),
            "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection",
        ),
        (ask("create", SLICES), ALLOW),
        (ask("delete", SLICES, name="sl1"), ALLOW),
        (ask("patch", SLICES), "No Object name found"),
        (ask("update", SLICES, name="sl2"), UNRELATED),
        (ask("watch", SLICES, name="sl1"), SLICE_TEXT),
        # NODE-23
        (ask("create", "nodes"), ALLOW),
        (ask("patch", "nodes/status", name="n2"), ALLOW),
        (ask("get", "nodes/status", name="n1"), ""),
        (ask("get", "nodes/proxy", name="n1"), ""),
        (ask("deletecollection", "nodes"), ""),
        # NODE-24
        (ask("watch", "pods", "ns1"), "can only list/watch pods with spec.nodeName field selector"),
        (ask("watch", "pods", "ns1", "p2"), UNRELATED),
        (ask("watch", "pods", "ns1", "p2", own()), ALLOW),
        (ask("get", "pods", "ns1", fields=own()), "No Object name found"),
        (ask("deletecollection", "pods", "ns1", fields=own()), ""),
        (ask("create", "pods/binding", "ns1", "p1"), ""),
        (ask("create", "pods/exec", "ns1", "p1"), ""),
        (ask("update", "pods/eviction", "ns1", "p1"), ""),
    ],
)
def test_special_rules(request_, expected):
    """NODE-16 to NODE-24: which test comes first, and what each says."""
    check(request_, expected)


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ([("spec.nodeName", "=", "n1")], True),
        ([("a", "!=", "b"), ("spec.nodeName", "=", "n1")], True),
        ([("spec.nodeName", "=", "n2"), ("spec.nodeName", "=", "n1")], True),
        ([("spec.nodeName", "!=", "n1")], False),
        ([("spec.nodeName", "=", "N1")], False),
        ([("spec.nodename", "=", "n1")], False),
        ([("nodeName", "=", "n1")], False),
        ([("spec.nodeName", "=", "")], False),
        ([], False),
    ],
)
def test_field_requirements(fields, allowed):
    """NODE-26, SEL-05, SEL-11: any exact requirement is enough; unparsable selectors arrive as none."""
    for request in (ask("list", "pods", fields=fields), ask("list", SLICES, fields=fields)):
        assert (AUTHORIZER.authorize(request).verdict is Verdict.ALLOW) is allowed


def test_label_selectors_do_not_count():
    """NODE-26: a label requirement of the same words confines nothing."""
    request = Request(
        "list", "pods", user="system:node:n1", groups=NODES, label_selector=(LabelRequirement("spec.nodeName", "=", ("n1",)),)
    )
    check(request, "can only list/watch pods with spec.nodeName field selector")


def test_evidence_is_the_way_through_the_graph():
    """NODE-13: a PV's secret is needed through the PV, its claim and a pod."""
    opinion = AUTHORIZER.authorize(ask("get", "secrets", "kube", "ss"))
    assert opinion.evidence == NodeGrant(
        "NODE-16", ("secret kube/ss", "persistentvolume pv1", "persistentvolumeclaim ns1/v1", "pod ns1/p1", "node n1")
    )
    assert AUTHORIZER.authorize(ask("get", SLICES, name="sl1")).evidence == NodeGrant("NODE-22", ("resourceslice sl1", "node n1"))
    assert AUTHORIZER.authorize(ask("list", "services")).evidence == NodeGrant("NODE-32")


def test_resources_of_a_path_are_not_looked_at():
    """NODE-04: a non-resource request falls to the static rules even when it carries the name of a resource."""
    check(Request("get", "nodes", name="n1", path="/api", user="system:node:n1", groups=NODES), "")
