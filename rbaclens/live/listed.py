"""Which kinds are listed of a cluster, and what each is needed for."""

from __future__ import annotations

import msgspec

from rbaclens.model import volumes, workloads
from rbaclens.model.objects import RBAC_GROUP
from rbaclens.sources import wire


class Listed(msgspec.Struct, frozen=True):
    """A kind to list: ``form`` is what its JSON is decoded into, ``policy`` whether authorization hangs on it.

    The others serve node identities (``graph``: the node authorizer's graph) and lists of names.
    """

    group: str
    version: str
    resource: str
    form: type
    namespaced: bool = False
    policy: bool = False
    graph: bool = False

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.form.__name__

    @property
    def api_version(self) -> str:
        """Group and version as objects carry it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "") -> str:
        """Where the objects are listed: everywhere, or in one namespace."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{namespace}/{self.resource}" if namespace else f"{root}/{self.resource}"


FIXED = (
    Listed(RBAC_GROUP, "v1", "roles", wire.Role, namespaced=True, policy=True),
    Listed(RBAC_GROUP, "v1", "rolebindings", wire.RoleBinding, namespaced=True, policy=True),
    Listed(RBAC_GROUP, "v1", "clusterroles", wire.ClusterRole, policy=True),
    Listed(RBAC_GROUP, "v1", "clusterrolebindings", wire.ClusterRoleBinding, policy=True),
    Listed("", "v1", "namespaces", wire.Namespace),
    Listed("", "v1", "serviceaccounts", wire.ServiceAccount, namespaced=True),
    Listed("", "v1", "nodes", wire.Node),
    Listed("", "v1", "pods", workloads.Pod, namespaced=True, graph=True),
    Listed("", "v1", "persistentvolumes", volumes.PersistentVolume, graph=True),
    Listed("storage.k8s.io", "v1", "volumeattachments", workloads.VolumeAttachment, graph=True),
)
# Served by some clusters only, and in a version that discovery tells.
OPTIONAL = (
    Listed("resource.k8s.io", "v1", "resourceslices", workloads.ResourceSlice, graph=True),
    Listed("certificates.k8s.io", "v1", "podcertificaterequests", workloads.PodCertificateRequest, namespaced=True, graph=True),
)
