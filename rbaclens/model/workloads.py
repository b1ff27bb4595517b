"""The objects that the node authorizer's graph is built from (NODE-05 to NODE-14), in the shape of the API.

Each decodes straight from the API's JSON (``msgspec.json.decode(text, type=Pod)`` or ``msgspec.convert``): unknown fields
are skipped, and ``null`` reads as the field's default, as Go reads it. Only what some question needs is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import msgspec

from rbaclens.model.location import Origin

T = TypeVar("T")

# Decoders accept null everywhere, and ``__post_init__`` replaces it, so that no reader ever meets a None that is not declared.
if TYPE_CHECKING:
    Nullable = Annotated[T, "null reads as the default"]
    Texts = dict[str, str]
else:
    Nullable = T | None
    Texts = dict[str, str | None]

MIRROR_ANNOTATION = "kubernetes.io/config.mirror"
_MAPS = frozenset({"labels", "annotations"})


class ApiStruct(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Base of everything here: camel case names, every field with a default, ``null`` read as that default."""

    def __post_init__(self) -> None:
        for name, default in zip(self.__struct_fields__, self.__struct_defaults__, strict=True):
            if default is not None and getattr(self, name) is None:
                # msgspec keeps the factory of an empty dict as the default, not the dict.
                msgspec.structs.force_setattr(self, name, {} if name in _MAPS else default)


class OwnerReference(ApiStruct, frozen=True):
    """Who made an object, such as the ReplicaSet of a pod."""

    api_version: Nullable[str] = ""
    kind: Nullable[str] = ""
    name: Nullable[str] = ""
    controller: Nullable[bool] = False


class Metadata(ApiStruct, frozen=True):
    """Name and labels; ``namespace`` is empty for a cluster-scoped object."""

    name: Nullable[str] = ""
    namespace: Nullable[str] = ""
    labels: Nullable[Texts] = {}
    annotations: Nullable[Texts] = {}
    owner_references: Nullable[tuple[OwnerReference, ...]] = ()

    def __post_init__(self) -> None:
        ApiStruct.__post_init__(self)
        for texts in (self.labels, self.annotations):
            for key, text in texts.items():
                texts[key] = text or ""


class NameRef(ApiStruct, frozen=True):
    """A reference to a Secret or ConfigMap; in a pod always one of the pod's own namespace (NODE-14)."""

    name: Nullable[str] = ""
    namespace: Nullable[str] = ""


class SecretName(ApiStruct, frozen=True):
    """Volume sources that write the secret's name out: ``secret`` and ``azureFile`` (only there with a namespace)."""

    secret_name: Nullable[str] = ""
    secret_namespace: Nullable[str] = ""


class SecretRef(ApiStruct, frozen=True):
    """What cephfs, cinder, flexVolume, rbd, scaleIO, iscsi and storageos volumes have in common."""

    secret_ref: NameRef | None = None


class EnvSource(ApiStruct, frozen=True):
    """Where an environment variable's value comes from."""

    secret_key_ref: NameRef | None = None
    config_map_key_ref: NameRef | None = None


class EnvVar(ApiStruct, frozen=True):
    """One environment variable; its plain value is not kept."""

    name: Nullable[str] = ""
    value_from: EnvSource | None = None


class EnvFrom(ApiStruct, frozen=True):
    """A Secret or ConfigMap of which every key becomes a variable."""

    secret_ref: NameRef | None = None
    config_map_ref: NameRef | None = None


class SecurityContext(ApiStruct, frozen=True):
    """What a container may do to its node."""

    privileged: Nullable[bool] = False


class Container(ApiStruct, frozen=True):
    """A container, init container or ephemeral container."""

    name: Nullable[str] = ""
    image: Nullable[str] = ""
    env: Nullable[tuple[EnvVar, ...]] = ()
    env_from: Nullable[tuple[EnvFrom, ...]] = ()
    security_context: Nullable[SecurityContext] = SecurityContext()


class ProjectedSource(ApiStruct, frozen=True):
    """One source of a projected volume."""

    secret: NameRef | None = None
    config_map: NameRef | None = None


class Projected(ApiStruct, frozen=True):
    """A projected volume."""

    sources: Nullable[tuple[ProjectedSource, ...]] = ()


class InlineCsi(ApiStruct, frozen=True):
    """A CSI volume written in a pod."""

    node_publish_secret_ref: NameRef | None = None


class ClaimVolume(ApiStruct, frozen=True):
    """A persistentVolumeClaim volume."""

    claim_name: Nullable[str] = ""


class EphemeralVolume(ApiStruct, frozen=True):
    """A generic ephemeral volume: what it holds does not matter, its claim is named after pod and volume (NODE-09)."""


class HostPath(ApiStruct, frozen=True):
    """A directory or file of the node."""

    path: Nullable[str] = ""
    type: Nullable[str] = ""


class Volume(ApiStruct, frozen=True):
    """A volume of a pod: every source that names a secret, configmap or claim, and hostPath."""

    name: Nullable[str] = ""
    secret: SecretName | None = None
    config_map: NameRef | None = None
    projected: Projected | None = None
    persistent_volume_claim: ClaimVolume | None = None
    ephemeral: EphemeralVolume | None = None
    host_path: HostPath | None = None
    azure_file: SecretName | None = None
    cephfs: SecretRef | None = None
    cinder: SecretRef | None = None
    flex_volume: SecretRef | None = None
    rbd: SecretRef | None = None
    scale_io: SecretRef | None = msgspec.field(name="scaleIO", default=None)
    iscsi: SecretRef | None = None
    storageos: SecretRef | None = None
    csi: InlineCsi | None = None


class PodResourceClaim(ApiStruct, frozen=True):
    """A resource claim of a pod: by name, or made from a template (``None``: not that way)."""

    name: Nullable[str] = ""
    resource_claim_name: str | None = None
    resource_claim_template_name: str | None = None


class PodSpec(ApiStruct, frozen=True):
    """What a pod asks for. ``automount_service_account_token`` is ``None`` when the service account decides."""

    node_name: Nullable[str] = ""
    service_account_name: Nullable[str] = ""
    automount_service_account_token: bool | None = None
    host_network: Nullable[bool] = False
    host_pid: Nullable[bool] = msgspec.field(name="hostPID", default=False)
    host_ipc: Nullable[bool] = msgspec.field(name="hostIPC", default=False)
    image_pull_secrets: Nullable[tuple[NameRef, ...]] = ()
    containers: Nullable[tuple[Container, ...]] = ()
    init_containers: Nullable[tuple[Container, ...]] = ()
    ephemeral_containers: Nullable[tuple[Container, ...]] = ()
    volumes: Nullable[tuple[Volume, ...]] = ()
    resource_claims: Nullable[tuple[PodResourceClaim, ...]] = ()

    @property
    def all_containers(self) -> tuple[Container, ...]:
        """Init, regular and ephemeral containers."""
        return self.init_containers + self.containers + self.ephemeral_containers


class ResourceClaimStatus(ApiStruct, frozen=True):
    """The claim that was made for the pod's resource claim ``name`` (``None``: none is needed)."""

    name: Nullable[str] = ""
    resource_claim_name: str | None = None


class ExtendedResourceClaimStatus(ApiStruct, frozen=True):
    """The claim that was made for the pod's extended resources."""

    resource_claim_name: Nullable[str] = ""


class PodStatus(ApiStruct, frozen=True):
    """What was decided about a pod."""

    resource_claim_statuses: Nullable[tuple[ResourceClaimStatus, ...]] = ()
    extended_resource_claim_status: ExtendedResourceClaimStatus | None = None


class Pod(ApiStruct, frozen=True):
    """A pod."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[PodSpec] = PodSpec()
    status: Nullable[PodStatus] = PodStatus()

    @property
    def is_mirror(self) -> bool:
        """Whether the kubelet made this pod from a file of its own: whatever the annotation's value (NODE-10)."""
        return MIRROR_ANNOTATION in self.metadata.annotations


class VolumeCsi(ApiStruct, frozen=True):
    """A persistent volume's CSI source: only the secrets that the kubelet uses, not the controller's (NODE-09)."""

    node_publish_secret_ref: NameRef | None = None
    node_stage_secret_ref: NameRef | None = None
    node_expand_secret_ref: NameRef | None = None


class PersistentVolumeSpec(ApiStruct, frozen=True):
    """Whose claim a volume is bound to, and the sources that name a secret."""

    claim_ref: NameRef | None = None
    azure_file: SecretName | None = None
    cephfs: SecretRef | None = None
    cinder: SecretRef | None = None
    flex_volume: SecretRef | None = None
    rbd: SecretRef | None = None
    scale_io: SecretRef | None = msgspec.field(name="scaleIO", default=None)
    iscsi: SecretRef | None = None
    storageos: SecretRef | None = None
    csi: VolumeCsi | None = None


class PersistentVolume(ApiStruct, frozen=True):
    """A persistent volume."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[PersistentVolumeSpec] = PersistentVolumeSpec()


class NodeNameSpec(ApiStruct, frozen=True):
    """All that matters of a spec that names a node."""

    node_name: Nullable[str] = ""


class VolumeAttachment(ApiStruct, frozen=True):
    """A volume that is, or is to be, attached to a node."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[NodeNameSpec] = NodeNameSpec()


class ResourceSlice(ApiStruct, frozen=True):
    """The devices of one node, or (no node name) of the network."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[NodeNameSpec] = NodeNameSpec()


class PodCertificateRequest(ApiStruct, frozen=True):
    """A node's request for a pod's certificate."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[NodeNameSpec] = NodeNameSpec()


class Placed(msgspec.Struct, Generic[T], frozen=True):
    """An object of the API and where it stands."""

    obj: T
    origin: Origin


class NodeGraphObjects(msgspec.Struct, frozen=True):
    """What names a node, and what those things refer to; each object once, namespaced ones with their namespace filled in."""

    pods: tuple[Placed[Pod], ...] = ()
    persistent_volumes: tuple[Placed[PersistentVolume], ...] = ()
    volume_attachments: tuple[Placed[VolumeAttachment], ...] = ()
    resource_slices: tuple[Placed[ResourceSlice], ...] = ()
    pod_certificate_requests: tuple[Placed[PodCertificateRequest], ...] = ()
