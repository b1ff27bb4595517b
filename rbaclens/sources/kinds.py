"""The one table of the kinds that policy consists of: by API group and kind, whatever else shares the name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from rbaclens.model import controllers, volumes, workloads
from rbaclens.model.objects import RBAC_GROUP
from rbaclens.sources import builders, wire
from rbaclens.sources.builders import Builder
from rbaclens.sources.definitions import CustomResourceDefinition

ABAC_GROUP = "abac.authorization.kubernetes.io"
SNAPSHOT_GROUP = "rbaclens.dev"
_ANY: dict[str, Builder] = {}


class Kind(msgspec.Struct, frozen=True):
    """One kind: its written form, and the builder for each version; ``any_version`` builds those that are not listed.

    What decides about no request (``must_be_right`` false) is passed over where it cannot be read.
    """

    group: str
    kind: str
    form: type
    versions: dict[str, Builder]
    any_version: Builder | None
    must_be_right: bool = True

    def decode(self, data: Any) -> Any:
        """The object written in ``data``, JSON text, in its written form."""
        return _decoder(self.form)(data)

    def builder(self, version: str) -> Builder | None:
        """The builder for objects of ``version``; ``None`` for a version that no API server knows."""
        return self.versions.get(version, self.any_version)


def _kind(group: str, form: type, versions: dict[str, Builder], any_version: Builder | None = None) -> Kind:
    return Kind(group, form.__name__, form, versions, any_version)


@cache
def _decoder(form: type) -> Callable[[Any], Any]:
    # Making the decoder of a Pod takes as long as reading a small policy: most policies hold none.
    return msgspec.json.Decoder(form).decode


def _rbac(form: type, build: Builder, old: Builder | None = None) -> Kind:
    older = builders.older
    return _kind(RBAC_GROUP, form, {"v1": build, "v1beta1": older("v1beta1", build), "v1alpha1": older("v1alpha1", old or build)})


def _core(form: type, build: Builder) -> Kind:
    return _kind("", form, {"v1": build})


def _made(group: str, form: type) -> Kind:
    """A controller that makes pods."""
    return Kind(group, form.__name__, form, _ANY, builders.workload(form.__name__, namespaced=True), must_be_right=False)


_DEFINITION: dict[str, Builder] = {"v1": builders.build_definition, "v1beta1": builders.build_definition}
_ALL = (
    _rbac(wire.Role, builders.build_role),
    _rbac(wire.ClusterRole, builders.build_cluster_role),
    _rbac(wire.RoleBinding, builders.build_role_binding, builders.alpha(builders.build_role_binding)),
    _rbac(wire.ClusterRoleBinding, builders.build_cluster_role_binding, builders.alpha(builders.build_cluster_role_binding)),
    _core(wire.ServiceAccount, builders.plain("ServiceAccount", namespaced=True)),
    _core(wire.Namespace, builders.plain("Namespace", namespaced=False)),
    _core(wire.Node, builders.plain("Node", namespaced=False)),
    _core(workloads.Pod, builders.workload("Pod", namespaced=True)),
    _core(volumes.PersistentVolume, builders.workload("PersistentVolume", namespaced=False)),
    _kind("storage.k8s.io", workloads.VolumeAttachment, _ANY, builders.workload("VolumeAttachment", namespaced=False)),
    _kind("resource.k8s.io", workloads.ResourceSlice, _ANY, builders.workload("ResourceSlice", namespaced=False)),
    _kind("certificates.k8s.io", workloads.PodCertificateRequest, _ANY, builders.workload("PodCertificateRequest", namespaced=True)),
    Kind("", "Secret", wire.Secret, _ANY, builders.build_secret, must_be_right=False),
    _made("", controllers.ReplicationController),
    *(_made("apps", form) for form in (controllers.Deployment, controllers.DaemonSet, controllers.StatefulSet, controllers.ReplicaSet)),
    *(_made("batch", form) for form in (controllers.Job, controllers.CronJob)),
    _kind("apiextensions.k8s.io", CustomResourceDefinition, _DEFINITION),
)

KINDS: dict[tuple[str, str], Kind] = {(kind.group, kind.kind): kind for kind in _ALL}
# For the decoder that takes a whole List at once: the builder by form and apiVersion as written.
FORMS: dict[tuple[type, str | None], Builder] = {
    (kind.form, f"{kind.group}/{version}" if kind.group else version): build for kind in _ALL for version, build in kind.versions.items()
}


def split_api_version(text: str) -> tuple[str, str]:
    """Group and version of an apiVersion; the core group is empty."""
    group, _, version = text.rpartition("/")
    return group, version
