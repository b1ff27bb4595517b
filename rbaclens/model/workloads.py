"""The objects that the node authorizer's graph is built from (NODE-05 to NODE-14), in the shape of the API.

Each decodes straight from the API's JSON (``msgspec.json.decode(text, type=Pod)`` or ``msgspec.convert``): unknown fields
are skipped, and ``null`` reads as the field's default, as Go reads it. Only what some question needs is kept.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from rbaclens.model.api_struct import ApiStruct, Metadata, Nullable
from rbaclens.model.location import Origin
from rbaclens.model.volumes import NameRef, PersistentVolume, Volume

T = TypeVar("T")

MIRROR_ANNOTATION = "kubernetes.io/config.mirror"


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


class Capabilities(ApiStruct, frozen=True):
    """Kernel capabilities that a container has beside the usual ones."""

    add: Nullable[tuple[str, ...]] = ()


class WindowsOptions(ApiStruct, frozen=True):
    """What a container may do to a Windows node."""

    host_process: Nullable[bool] = False


class PodSecurityContext(ApiStruct, frozen=True):
    """What all containers of a pod have in common."""

    windows_options: Nullable[WindowsOptions] = WindowsOptions()


class SecurityContext(PodSecurityContext, frozen=True):
    """What a container may do to its node."""

    privileged: Nullable[bool] = False
    capabilities: Nullable[Capabilities] = Capabilities()


class VolumeMount(ApiStruct, frozen=True):
    """A volume that a container sees."""

    name: Nullable[str] = ""
    read_only: Nullable[bool] = False


class Container(ApiStruct, frozen=True):
    """A container, init container or ephemeral container."""

    name: Nullable[str] = ""
    image: Nullable[str] = ""
    env: Nullable[tuple[EnvVar, ...]] = ()
    env_from: Nullable[tuple[EnvFrom, ...]] = ()
    security_context: Nullable[SecurityContext] = SecurityContext()
    volume_mounts: Nullable[tuple[VolumeMount, ...]] = ()


class PodResourceClaim(ApiStruct, frozen=True):
    """A resource claim of a pod: by name, or made from a template (``None``: not that way)."""

    name: Nullable[str] = ""
    resource_claim_name: str | None = None
    resource_claim_template_name: str | None = None


class PodSpec(ApiStruct, frozen=True):
    """What a pod asks for. ``automount_service_account_token`` is ``None`` when the service account decides; ``host_users`` false
    puts it into a user namespace.

    ``service_account`` is the older name of ``service_account_name``, which the API server fills in from it where that is empty.
    """

    node_name: Nullable[str] = ""
    service_account_name: Nullable[str] = ""
    service_account: Nullable[str] = ""
    automount_service_account_token: bool | None = None
    host_network: Nullable[bool] = False
    host_pid: Nullable[bool] = msgspec.field(name="hostPID", default=False)
    host_ipc: Nullable[bool] = msgspec.field(name="hostIPC", default=False)
    host_users: Nullable[bool] = True
    security_context: Nullable[PodSecurityContext] = PodSecurityContext()
    image_pull_secrets: Nullable[tuple[NameRef, ...]] = ()
    containers: Nullable[tuple[Container, ...]] = ()
    init_containers: Nullable[tuple[Container, ...]] = ()
    ephemeral_containers: Nullable[tuple[Container, ...]] = ()
    volumes: Nullable[tuple[Volume, ...]] = ()
    resource_claims: Nullable[tuple[PodResourceClaim, ...]] = ()

    def __post_init__(self) -> None:
        ApiStruct.__post_init__(self)
        if self.service_account and not self.service_account_name:
            msgspec.structs.force_setattr(self, "service_account_name", self.service_account)

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
