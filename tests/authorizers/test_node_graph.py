"""The node authorizer's graph, edge by edge."""

import msgspec
import pytest

from rbaclens.authorizers.node_graph import NodeGraph
from rbaclens.model.location import Origin
from rbaclens.model.volumes import PersistentVolume
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod, PodCertificateRequest, ResourceSlice, VolumeAttachment


def placed(kind, *objects):
    return tuple(Placed(msgspec.convert(o, type=kind), Origin("cluster.json", i)) for i, o in enumerate(objects))


def pod(spec, status=None, annotations=None, node="n1", name="p1"):
    metadata = {"namespace": "ns1", "name": name, "annotations": annotations}
    return {"metadata": metadata, "spec": {"nodeName": node, **spec}, "status": status}


def bound(spec, name="pv1"):
    return {"metadata": {"name": name}, "spec": {"claimRef": {"namespace": "ns1", "name": "v1"}, **spec}}


def graph(pods=(), volumes=(), attachments=(), slices=(), certificates=()):
    return NodeGraph(
        NodeGraphObjects(
            pods=placed(Pod, *pods),
            persistent_volumes=placed(PersistentVolume, *volumes),
            volume_attachments=placed(VolumeAttachment, *attachments),
            resource_slices=placed(ResourceSlice, *slices),
            pod_certificate_requests=placed(PodCertificateRequest, *certificates),
        )
    )


def volume(source, name="vol"):
    return {"volumes": [{"name": name, **source}]}


USES_V1 = pod(volume({"persistentVolumeClaim": {"claimName": "v1"}}))
REF = {"name": "x"}
ENV = {"env": [{"name": "E", "valueFrom": {"secretKeyRef": {**REF, "key": "k"}}}]}
ENV_FROM = {"envFrom": [{"prefix": "A", "secretRef": REF}]}
CONFIG_ENV = {"env": [{"name": "E", "valueFrom": {"configMapKeyRef": {**REF, "key": "k"}}}]}
CONFIG_ENV_FROM = {"envFrom": [{"configMapRef": REF}]}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("serviceaccount", {"serviceAccountName": "x"}),
        ("secret", {"imagePullSecrets": [REF]}),
        *[
            ("secret", {where: [{"name": "c", **container}]})
            for where in ("containers", "initContainers", "ephemeralContainers")
            for container in (ENV, ENV_FROM)
        ],
        *[
            ("configmap", {where: [{"name": "c", **container}]})
            for where in ("containers", "initContainers", "ephemeralContainers")
            for container in (CONFIG_ENV, CONFIG_ENV_FROM)
        ],
        ("secret", volume({"secret": {"secretName": "x"}})),
        ("secret", volume({"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"secret": REF}]}})),
        ("secret", volume({"azureFile": {"secretName": "x", "shareName": "s"}})),
        ("secret", volume({"cephfs": {"secretRef": REF}})),
        ("secret", volume({"cinder": {"secretRef": REF}})),
        ("secret", volume({"flexVolume": {"driver": "d", "secretRef": REF}})),
        ("secret", volume({"rbd": {"secretRef": REF}})),
        ("secret", volume({"scaleIO": {"secretRef": REF}})),
        ("secret", volume({"iscsi": {"secretRef": REF}})),
        ("secret", volume({"storageos": {"secretRef": REF}})),
        ("secret", volume({"csi": {"driver": "d", "nodePublishSecretRef": REF}})),
        ("configmap", volume({"configMap": REF})),
        ("configmap", volume({"projected": {"sources": [{"configMap": REF}]}})),
        ("persistentvolumeclaim", volume({"persistentVolumeClaim": {"claimName": "x"}})),
        ("resourceclaim", {"resourceClaims": [{"name": "r", "resourceClaimName": "x"}]}),
    ],
)
def test_what_a_pod_refers_to(kind, spec):
    """NODE-09, NODE-14: one edge from each kind of reference, in the pod's namespace, and no other."""
    built = graph([pod(spec)])
    assert built.path(kind, "ns1", "x", "n1") == (f"{kind} ns1/x", "pod ns1/p1", "node n1")
    assert built.nodes_reaching(kind, "ns1", "x") == {"n1"}
    assert built.nodes_reaching(kind, "ns2", "x") == frozenset()
    assert built.path(kind, "ns1", "x", "n2") == ()
    for other in {"serviceaccount", "secret", "configmap", "persistentvolumeclaim", "resourceclaim"} - {kind}:
        assert built.nodes_reaching(other, "ns1", "x") == frozenset()


def test_generic_ephemeral_volumes():
    """NODE-09: the claim is named after the pod and the volume, whatever the template says."""
    built = graph([pod(volume({"ephemeral": {"volumeClaimTemplate": {"metadata": {"name": "other"}, "spec": {}}}}, name="scratch"))])
    assert built.nodes_reaching("persistentvolumeclaim", "ns1", "p1-scratch") == {"n1"}
    assert built.nodes_reaching("persistentvolumeclaim", "ns1", "other") == frozenset()


@pytest.mark.parametrize(
    ("status", "reaches"),
    [
        (None, set()),
        ({"resourceClaimStatuses": []}, set()),
        ({"resourceClaimStatuses": [{"name": "other", "resourceClaimName": "x"}]}, set()),
        ({"resourceClaimStatuses": [{"name": "r", "resourceClaimName": None}]}, set()),
        ({"resourceClaimStatuses": [{"name": "r", "resourceClaimName": "x"}]}, {"n1"}),
    ],
)
def test_resource_claims_from_a_template(status, reaches):
    """NODE-09: only a claim that the status records for that entry; the template's name is not a claim's name."""
    built = graph([pod({"resourceClaims": [{"name": "r", "resourceClaimTemplateName": "t"}]}, status)])
    assert built.nodes_reaching("resourceclaim", "ns1", "x") == reaches
    assert built.nodes_reaching("resourceclaim", "ns1", "t") == frozenset()


def test_a_recorded_claim_counts_for_templates_only():
    """NODE-09: a status for an entry with a direct name, with neither name nor template, or for no entry at all, opens nothing."""
    status = {"resourceClaimStatuses": [{"name": name, "resourceClaimName": f"of-{name}"} for name in ("direct", "neither", "gone")]}
    built = graph([pod({"resourceClaims": [{"name": "direct", "resourceClaimName": "x"}, {"name": "neither"}]}, status)])
    assert built.nodes_reaching("resourceclaim", "ns1", "x") == {"n1"}
    assert [built.nodes_reaching("resourceclaim", "ns1", f"of-{n}") for n in ("direct", "neither", "gone")] == [frozenset()] * 3


def test_claims_for_extended_resources():
    """NODE-09: status.extendedResourceClaimStatus names a claim without any entry in the spec."""
    built = graph([pod({}, {"extendedResourceClaimStatus": {"resourceClaimName": "x", "requestMappings": []}})])
    assert built.nodes_reaching("resourceclaim", "ns1", "x") == {"n1"}


FULL = {
    "serviceAccountName": "a",
    "imagePullSecrets": [{"name": "s"}],
    "volumes": [{"configMap": {"name": "c"}}, {"persistentVolumeClaim": {"claimName": "v"}}],
    "resourceClaims": [{"name": "r", "resourceClaimName": "r"}],
}
NEEDED = [("serviceaccount", "a"), ("secret", "s"), ("configmap", "c"), ("persistentvolumeclaim", "v"), ("resourceclaim", "r")]


@pytest.mark.parametrize("text", ["", "hash"])
def test_mirror_pods_open_nothing(text):
    """NODE-10: of a mirror pod there is only the way from the pod itself to the node."""
    built = graph([pod(FULL, {"extendedResourceClaimStatus": {"resourceClaimName": "r"}}, {"kubernetes.io/config.mirror": text})])
    assert built.path("pod", "ns1", "p1", "n1") == ("pod ns1/p1", "node n1")
    assert [built.nodes_reaching(kind, "ns1", name) for kind, name in NEEDED] == [frozenset()] * 5
    ordinary = graph([pod(FULL)])
    assert [ordinary.nodes_reaching(kind, "ns1", name) for kind, name in NEEDED] == [{"n1"}] * 5


@pytest.mark.parametrize("node", ["", None])
def test_pods_without_a_node_do_not_count(node):
    """NODE-11: an unscheduled pod is no vertex, nor is what it refers to."""
    built = graph([pod(FULL, node=node)])
    assert built.nodes_reaching("pod", "ns1", "p1") == frozenset()
    assert [built.nodes_reaching(kind, "ns1", name) for kind, name in NEEDED] == [frozenset()] * 5


def test_terminated_pods_count():
    """NODE-12: until it is deleted."""
    assert graph([pod(FULL, {"phase": "Succeeded"})]).nodes_reaching("secret", "ns1", "s") == {"n1"}


def test_empty_references_are_no_vertices():
    """An optional reference without a name, or with null, opens nothing and harms nothing."""
    spec = {
        "serviceAccountName": "",
        "imagePullSecrets": [{}],
        "containers": [{"env": [{"valueFrom": None}, {"valueFrom": {}}], "envFrom": [{}]}],
        "volumes": [{"projected": {"sources": [{}]}}, {"rbd": {}}, {"csi": {}}, {"secret": {}}, {"emptyDir": {}}],
        "resourceClaims": [{"name": "r"}],
    }
    built = graph([pod(spec, {"extendedResourceClaimStatus": {}})])
    assert built.nodes_reaching("pod", "ns1", "p1") == {"n1"}
    assert [built.nodes_reaching(kind, "ns1", "") for kind, _ in NEEDED] == [frozenset()] * 5


def test_volumes_of_a_claim():
    """NODE-09, NODE-13: persistentvolume, claim, pod, node."""
    built = graph([USES_V1], [bound({})])
    assert built.path("persistentvolume", "", "pv1", "n1") == (
        "persistentvolume pv1",
        "persistentvolumeclaim ns1/v1",
        "pod ns1/p1",
        "node n1",
    )
    assert graph([USES_V1], [{"metadata": {"name": "pv1"}, "spec": {}}]).nodes_reaching("persistentvolume", "", "pv1") == frozenset()
    assert graph([], [bound({})]).nodes_reaching("persistentvolume", "", "pv1") == frozenset()


@pytest.mark.parametrize(
    ("source", "namespace"),
    [
        ({"azureFile": {"secretName": "x"}}, "ns1"),
        ({"azureFile": {"secretName": "x", "secretNamespace": None}}, "ns1"),
        ({"azureFile": {"secretName": "x", "secretNamespace": "other"}}, "other"),
        *[({kind: {"secretRef": REF}}, "ns1") for kind in ("cephfs", "flexVolume", "rbd", "scaleIO", "iscsi")],
        *[
            ({kind: {"secretRef": {"name": "x", "namespace": "other"}}}, "other")
            for kind in ("cephfs", "flexVolume", "rbd", "scaleIO", "iscsi", "cinder", "storageos")
        ],
        *[({kind: {"secretRef": REF}}, "") for kind in ("cinder", "storageos")],
        *[
            ({"csi": {"driver": "d", key: {"name": "x", "namespace": "other"}}}, "other")
            for key in ("nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef")
        ],
    ],
)
def test_secrets_of_volumes(source, namespace):
    """NODE-09, NODE-14: every source that names a secret, and whose namespace counts."""
    built = graph([USES_V1], [bound(source)])
    assert len(built.path("secret", namespace, "x", "n1")) == 5
    for other in {"", "ns1", "other"} - {namespace}:
        assert built.nodes_reaching("secret", other, "x") == frozenset()


@pytest.mark.parametrize("key", ["controllerPublishSecretRef", "controllerExpandSecretRef"])
def test_the_csi_controllers_secrets_are_not_the_nodes(key):
    """NODE-09: secrets that only the controller needs have no edge."""
    built = graph([USES_V1], [bound({"csi": {"driver": "d", key: {"name": "x", "namespace": "other"}}})])
    assert built.nodes_reaching("secret", "other", "x") == frozenset()


def test_secrets_of_a_volume_without_a_claim():
    """NODE-09: an unbound volume has no edges at all."""
    unbound = {"metadata": {"name": "pv1"}, "spec": {"rbd": {"secretRef": {"name": "x", "namespace": "other"}}}}
    assert graph([USES_V1], [unbound]).nodes_reaching("secret", "other", "x") == frozenset()


@pytest.mark.parametrize("kind", ["volumeattachment", "resourceslice"])
def test_objects_that_name_a_node(kind):
    """NODE-09: attachments and slices with a node name lead straight to it; those without are not in the graph."""
    objects = [{"metadata": {"name": "x"}, "spec": {"nodeName": "n1"}}, {"metadata": {"name": "y"}, "spec": {}}]
    built = graph(attachments=objects) if kind == "volumeattachment" else graph(slices=objects)
    assert built.path(kind, "", "x", "n1") == (f"{kind} x", "node n1")
    assert built.nodes_reaching(kind, "", "y") == frozenset()
    assert built.path(kind, "ns1", "x", "n1") == ()


def test_pod_certificate_requests_are_left_out():
    """NODE-09, NODE-25: their gate is off."""
    built = graph(certificates=[{"metadata": {"namespace": "ns1", "name": "x"}, "spec": {"nodeName": "n1"}}])
    assert built.nodes_reaching("podcertificaterequest", "ns1", "x") == frozenset()


def test_a_shortest_way_is_shown_for_each_node():
    """A secret that two nodes need, one of them directly and through a volume, gives each its shortest way."""
    needs_both = pod({"volumes": [{"persistentVolumeClaim": {"claimName": "v1"}}, {"secret": {"secretName": "x"}}]})
    through_volume = pod(volume({"persistentVolumeClaim": {"claimName": "v1"}}), node="n2", name="p2")
    source = {"csi": {"nodeStageSecretRef": {"name": "x", "namespace": "ns1"}}}
    for order in (1, -1):
        built = graph([needs_both, through_volume][::order], [bound(source)])
        assert built.nodes_reaching("secret", "ns1", "x") == {"n1", "n2"}
        assert built.path("secret", "ns1", "x", "n1") == ("secret ns1/x", "pod ns1/p1", "node n1")
        assert built.path("secret", "ns1", "x", "n2") == (
            "secret ns1/x",
            "persistentvolume pv1",
            "persistentvolumeclaim ns1/v1",
            "pod ns1/p2",
            "node n2",
        )


def test_many_pods_of_one_secret():
    """NODE-15: above the threshold of the server's index the answer is the same."""
    pods = [pod({"imagePullSecrets": [{"name": "x"}]}, node=f"n{i}", name=f"p{i}") for i in range(300)]
    built = graph(pods)
    assert built.nodes_reaching("secret", "ns1", "x") == {f"n{i}" for i in range(300)}
    assert built.path("secret", "ns1", "x", "n299") == ("secret ns1/x", "pod ns1/p299", "node n299")
