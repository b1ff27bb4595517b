"""The node authorizer and its plain definition agree."""

import itertools

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.reference.node import decide_node, needs
from rbaclens.model.decision import Verdict
from rbaclens.model.location import Origin
from rbaclens.model.request import FieldRequirement, Request
from rbaclens.model.volumes import PersistentVolume
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod, ResourceSlice, VolumeAttachment

GRAPH_KINDS = {
    ("", "secrets"): "secret",
    ("", "configmaps"): "configmap",
    ("", "persistentvolumeclaims"): "persistentvolumeclaim",
    ("", "persistentvolumes"): "persistentvolume",
    ("", "serviceaccounts"): "serviceaccount",
    ("", "pods"): "pod",
    ("resource.k8s.io", "resourceclaims"): "resourceclaim",
    ("resource.k8s.io", "resourceslices"): "resourceslice",
    ("storage.k8s.io", "volumeattachments"): "volumeattachment",
}
OTHERS = [("coordination.k8s.io", "leases"), ("storage.k8s.io", "csinodes"), ("", "nodes"), ("", "services"), ("", "events"), ("x", "pods")]
VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "*"]

names = st.sampled_from(["a", "b", "a-b"])
namespaces = st.sampled_from(["ns1", "ns2"])
nodes = st.sampled_from(["n1", "n2", "n2", ""])


def has(**fields):
    """An object with all of the fields."""
    return st.fixed_dictionaries(fields)


def some(**fields):
    """An object with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def few(items):
    return st.lists(items, max_size=2)


SECRET_REF_VOLUMES = ("cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos")
local_ref = has(name=names)
any_ref = st.fixed_dictionaries({"name": names}, optional={"namespace": st.sampled_from(["ns2", "ns1", ""])})
container = st.one_of(
    has(env=few(has(valueFrom=st.one_of(st.none(), has(secretKeyRef=local_ref), has(configMapKeyRef=local_ref))))),
    has(envFrom=few(has(secretRef=local_ref) | has(configMapRef=local_ref))),
)
pod_volume = st.one_of(
    has(secret=has(secretName=names)),
    has(configMap=local_ref),
    has(projected=has(sources=few(has(secret=local_ref) | has(configMap=local_ref)))),
    has(persistentVolumeClaim=has(claimName=names)),
    has(name=names, ephemeral=st.just({})),
    has(azureFile=has(secretName=names)),
    has(csi=has(nodePublishSecretRef=local_ref)),
    *[has(**{kind: has(secretRef=local_ref)}) for kind in SECRET_REF_VOLUMES],
)
resource_claim = st.one_of(has(name=names), has(name=names, resourceClaimName=names), has(name=names, resourceClaimTemplateName=names))
spec_parts = st.one_of(
    has(serviceAccountName=names),
    has(imagePullSecrets=few(local_ref)),
    *[has(**{where: few(container)}) for where in ("containers", "initContainers", "ephemeralContainers")],
    *[has(volumes=st.lists(pod_volume, min_size=1, max_size=3))] * 3,
    *[has(resourceClaims=st.lists(resource_claim, min_size=1, max_size=2))] * 2,
)
pods = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries(
            {"name": names, "namespace": namespaces},
            optional={"annotations": st.sampled_from([{"other": ""}, {"kubernetes.io/config.mirror": ""}])},
        ),
        "spec": st.builds(lambda node, *parts: {"nodeName": node, **parts[0], **parts[1]}, nodes, spec_parts, spec_parts),
    },
    optional={
        "status": some(
            resourceClaimStatuses=few(has(name=names, resourceClaimName=names | st.none())),
            extendedResourceClaimStatus=some(resourceClaimName=names),
        )
    },
)
CSI_SECRETS = ("nodePublish", "nodeStage", "nodeExpand", "controllerPublish", "controllerExpand")
volume_source = st.one_of(
    has(azureFile=has(secretName=names, secretNamespace=st.sampled_from([None, "ns1", "ns2"]))),
    *[has(csi=has(**{f"{use}SecretRef": any_ref})) for use in CSI_SECRETS],
    *[has(**{kind: has(secretRef=any_ref)}) for kind in SECRET_REF_VOLUMES],
)
claim_refs = st.sampled_from([*[("ns1", "a")] * 3, ("ns1", "b"), ("ns2", "a"), None]).map(
    lambda claim: claim and {"namespace": claim[0], "name": claim[1]}
)
volumes = st.builds(
    lambda name, source, claim: {"metadata": {"name": name}, "spec": {**source, "claimRef": claim}}, names, volume_source, claim_refs
)
# Most volumes are of this pod's claim, so that ways through volumes are common.
HUB = {
    "metadata": {"namespace": "ns1", "name": "hub"},
    "spec": {"nodeName": "n1", "volumes": [{"persistentVolumeClaim": {"claimName": "a"}}]},
}
on_node = st.fixed_dictionaries({"metadata": st.fixed_dictionaries({"name": names}), "spec": some(nodeName=nodes)})


def placed(kind, objects, size):
    def key(o):
        return o["metadata"].get("namespace"), o["metadata"]["name"]

    def place(items):
        return tuple(Placed(msgspec.convert(item, type=kind), Origin("any")) for item in items)

    always = [HUB] if kind is Pod else []
    return st.lists(objects, max_size=size, unique_by=key).map(lambda items: place([*always, *items]))


clusters = st.builds(
    NodeGraphObjects,
    pods=placed(Pod, pods, 4),
    persistent_volumes=placed(PersistentVolume, volumes, 3),
    volume_attachments=placed(VolumeAttachment, on_node, 2),
    resource_slices=placed(ResourceSlice, on_node, 2),
)
requests = st.builds(
    lambda what, verb, subresource, namespace, name, user, groups, fields, path: Request(
        verb, what[1], what[0], subresource, namespace, name, path, user, groups, field_selector=fields
    ),
    st.sampled_from([*GRAPH_KINDS, *GRAPH_KINDS, *OTHERS]),
    st.sampled_from(["get", "get", *VERBS]),
    st.sampled_from(["", "", "", "status", "token", "eviction", "log"]),
    st.sampled_from(["ns1", "ns1", "ns2", "", "kube-node-lease"]),
    st.sampled_from(["a", "a", "b", "a-b", "n1", "n2", ""]),
    st.sampled_from([*["system:node:n1", "system:node:n2"] * 4, "system:node:", "system:node:n3", "bob"]),
    st.sampled_from([*[("system:nodes",)] * 4, ("system:authenticated",)]),
    st.lists(
        st.builds(FieldRequirement, st.sampled_from(["spec.nodeName", "metadata.name"]), st.sampled_from(["=", "!="]), nodes), max_size=2
    ).map(tuple),
    st.sampled_from([None] * 9 + ["/api"]),
)


@settings(max_examples=300, deadline=None)
@given(clusters)
def test_graph_answers_agree(objects):
    """NODE-06 to NODE-14: for every object that could be asked for, the same nodes need it, and a way is shown to each."""
    graph = NodeAuthorizer(objects).graph
    for ((_, resource), kind), namespace, name in itertools.product(GRAPH_KINDS.items(), ("", "ns1", "ns2"), ("a", "b", "a-b", "c", "hub")):
        reached = graph.nodes_reaching(kind, namespace, name)
        assert reached == {node for node in ("n1", "n2", "n3") if needs(objects, node, resource, namespace, name)}
        for node in ("n1", "n2"):
            steps = graph.path(kind, namespace, name, node)
            assert bool(steps) is (node in reached)
            assert not steps or (steps[-1] == f"node {node}" and len(set(steps)) == len(steps) <= 5)


@settings(max_examples=150, deadline=None)
@given(clusters, st.lists(requests, min_size=20, max_size=40))
def test_opinions_agree(objects, asked):
    """NODE-01 to NODE-26: the same verdict and the same reason, and evidence exactly with an allow."""
    authorizer = NodeAuthorizer(objects)
    for request in asked:
        opinion, expected = authorizer.authorize(request), decide_node(objects, request)
        assert (opinion.verdict, opinion.reason, opinion.error) == (expected.verdict, expected.reason, "")
        assert opinion.verdict in (Verdict.ALLOW, Verdict.NO_OPINION)
        assert (opinion.evidence is not None) is (opinion.verdict is Verdict.ALLOW)
