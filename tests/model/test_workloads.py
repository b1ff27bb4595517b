"""Decoding of the node graph's objects."""

import msgspec
import pytest

from rbaclens.model.location import Origin
from rbaclens.model.volumes import PersistentVolume
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod, PodCertificateRequest, ResourceSlice, VolumeAttachment


def test_a_pod_decodes_from_the_apis_json():
    """Every field that some question reads arrives under its name; unknown ones are skipped."""
    pod = msgspec.convert(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": "p1",
                "namespace": "ns1",
                "labels": {"app": "web"},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "rs", "controller": True}],
                "managedFields": [],
            },
            "spec": {
                "nodeName": "n1",
                "serviceAccountName": "a1",
                "automountServiceAccountToken": False,
                "hostPID": True,
                "hostIPC": True,
                "hostNetwork": True,
                "containers": [{"name": "c", "image": "i", "securityContext": {"privileged": True}, "ports": [{}]}],
                "initContainers": [{"name": "i"}],
                "ephemeralContainers": [{"name": "e", "targetContainerName": "c"}],
                "volumes": [{"name": "h", "hostPath": {"path": "/", "type": "Directory"}}],
            },
        },
        type=Pod,
    )
    assert (pod.metadata.namespace, pod.metadata.name, pod.metadata.labels) == ("ns1", "p1", {"app": "web"})
    assert (pod.metadata.owner_references[0].kind, pod.metadata.owner_references[0].controller) == ("ReplicaSet", True)
    assert (pod.spec.node_name, pod.spec.service_account_name, pod.spec.automount_service_account_token) == ("n1", "a1", False)
    assert (pod.spec.host_pid, pod.spec.host_ipc, pod.spec.host_network) == (True, True, True)
    assert [(c.name, c.image, c.security_context.privileged) for c in pod.spec.all_containers] == [
        ("i", "", False),
        ("c", "i", True),
        ("e", "", False),
    ]
    assert pod.spec.volumes[0].host_path is not None
    assert pod.spec.volumes[0].host_path.path == "/"


@pytest.mark.parametrize("kind", [Pod, PersistentVolume, VolumeAttachment, ResourceSlice, PodCertificateRequest])
def test_null_reads_as_the_default_at_every_level(kind):
    """Go writes and reads null for an empty list, map, object or text; none of it reaches a reader."""
    empty = msgspec.json.decode(b"{}", type=kind)
    assert msgspec.json.decode(b'{"metadata": null, "spec": null, "status": null}', type=kind) == empty
    nulls = {
        name: {field.encode_name: None for field in msgspec.structs.fields(type(getattr(empty, name)))} for name in empty.__struct_fields__
    }
    assert msgspec.convert(nulls, type=kind) == empty


def test_null_inside_lists_and_maps_of_a_pod():
    """Null is read as the default in containers, volumes and annotations too."""
    pod = msgspec.json.decode(
        b'{"metadata": {"annotations": {"a": null, "b": "c"}}, "spec": {"containers": [{"name": null, "env": [{"valueFrom": null}],'
        b' "envFrom": null, "securityContext": null}], "volumes": [{"secret": null, "projected": {"sources": null}}]}}',
        type=Pod,
    )
    assert pod.metadata.annotations == {"a": "", "b": "c"}
    assert pod.spec.containers[0].name == ""
    assert pod.spec.containers[0].security_context.privileged is False
    assert pod.spec.volumes[0].projected is not None
    assert pod.spec.volumes[0].projected.sources == ()


def test_defaults_are_not_shared():
    """Two pods without labels do not share one dict."""
    one, other = (msgspec.json.decode(b'{"metadata": {"labels": null}}', type=Pod) for _ in range(2))
    assert one.metadata.labels is not other.metadata.labels


def test_a_pod_writes_what_it_read():
    """Encoding gives the API's shape back, without defaults."""
    text = b'{"metadata":{"name":"p"},"spec":{"hostPID":true,"volumes":[{"name":"v","scaleIO":{"secretRef":{"name":"s"}}}]}}'
    assert msgspec.json.decode(msgspec.json.encode(msgspec.json.decode(text, type=Pod))) == msgspec.json.decode(text)


@pytest.mark.parametrize(
    ("annotations", "mirror"),
    [({}, False), ({"kubernetes.io/config.mirror": ""}, True), ({"kubernetes.io/config.mirror": "x"}, True), ({"other": "x"}, False)],
)
def test_mirror_pods_are_known_by_the_annotations_presence(annotations, mirror):
    """NODE-10: whatever its value."""
    assert msgspec.convert({"metadata": {"annotations": annotations}}, type=Pod).is_mirror is mirror


def test_objects_keep_where_they_stand():
    """An object and its origin travel together; the default is an empty cluster."""
    placed = Placed(Pod(), Origin("a.yaml", 1))
    objects = NodeGraphObjects(pods=(placed,))
    assert objects.pods[0].origin.file == "a.yaml"
    assert objects.persistent_volumes == objects.volume_attachments == objects.resource_slices == objects.pod_certificate_requests == ()
