"""Volumes of pods, and persistent ones, as far as the node authorizer's graph needs them (NODE-09, NODE-14)."""

from __future__ import annotations

import msgspec

from rbaclens.model.api_struct import ApiStruct, Metadata, Nullable


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


class SecretSources(ApiStruct, frozen=True):
    """The sources that name a secret in the same way in a pod's volume and in a persistent one."""

    azure_file: SecretName | None = None
    cephfs: SecretRef | None = None
    cinder: SecretRef | None = None
    flex_volume: SecretRef | None = None
    rbd: SecretRef | None = None
    scale_io: SecretRef | None = msgspec.field(name="scaleIO", default=None)
    iscsi: SecretRef | None = None
    storageos: SecretRef | None = None


class TokenSource(ApiStruct, frozen=True):
    """A token of the pod's service account; for ``audience``, empty: for the API server."""

    audience: Nullable[str] = ""


class ProjectedSource(ApiStruct, frozen=True):
    """One source of a projected volume."""

    secret: NameRef | None = None
    config_map: NameRef | None = None
    service_account_token: TokenSource | None = None


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


class Volume(SecretSources, frozen=True):
    """A volume of a pod: every source that names a secret, configmap or claim, and hostPath."""

    name: Nullable[str] = ""
    secret: SecretName | None = None
    config_map: NameRef | None = None
    projected: Projected | None = None
    persistent_volume_claim: ClaimVolume | None = None
    ephemeral: EphemeralVolume | None = None
    host_path: HostPath | None = None
    csi: InlineCsi | None = None


class VolumeCsi(ApiStruct, frozen=True):
    """A persistent volume's CSI source: only the secrets that the kubelet uses, not the controller's (NODE-09)."""

    node_publish_secret_ref: NameRef | None = None
    node_stage_secret_ref: NameRef | None = None
    node_expand_secret_ref: NameRef | None = None


class PersistentVolumeSpec(SecretSources, frozen=True):
    """Whose claim a volume is bound to, the sources that name a secret, and hostPath."""

    claim_ref: NameRef | None = None
    csi: VolumeCsi | None = None
    host_path: HostPath | None = None


class PersistentVolume(ApiStruct, frozen=True):
    """A persistent volume."""

    metadata: Nullable[Metadata] = Metadata()
    spec: Nullable[PersistentVolumeSpec] = PersistentVolumeSpec()
