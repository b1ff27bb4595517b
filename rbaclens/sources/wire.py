"""The API's objects as they are written down, before defaulting: what manifests decode into.

YAML is turned into JSON first, as Kubernetes does, so that these forms are read from JSON only. Unknown fields are skipped and
``null`` is accepted wherever Go accepts it. Nothing here lives longer than the loading of its file.
"""

from __future__ import annotations

import msgspec

from rbaclens.model.rules import AggregationRule, PolicyRule

Texts = dict[str, str | None]


class Header(msgspec.Struct, rename="camel"):
    """What says which kind an object is, and the items of what may be a list, undecoded."""

    api_version: str | None = None
    kind: str | None = None
    items: list[msgspec.Raw] | None = None


class BareHeader(msgspec.Struct, rename="camel"):
    """The same for an object whose ``items`` are none of a list."""

    api_version: str | None = None
    kind: str | None = None


class Metadata(msgspec.Struct, gc=False):
    """Name and place of an object."""

    name: str | None = None
    namespace: str | None = None
    labels: Texts | None = None
    annotations: Texts | None = None


class _Object(msgspec.Struct, rename="camel", tag_field="kind", gc=False):
    api_version: str | None = None
    metadata: Metadata | None = None


class Role(_Object, tag="Role"):
    """A Role."""

    rules: tuple[PolicyRule, ...] | None = None


class ClusterRole(_Object, tag="ClusterRole"):
    """A ClusterRole."""

    rules: tuple[PolicyRule, ...] | None = None
    aggregation_rule: AggregationRule | None = None


class Subject(msgspec.Struct, rename="camel", gc=False):
    """A subject; ``api_version`` is v1alpha1's (RBAC-05), ``api_group`` that of the later versions."""

    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    api_group: str | None = None
    api_version: str | None = None


class RoleRef(msgspec.Struct, rename="camel", gc=False):
    """The role that a binding names."""

    kind: str | None = None
    name: str | None = None
    api_group: str | None = None


class _Binding(_Object):
    subjects: tuple[Subject, ...] | None = None
    role_ref: RoleRef | None = None


class RoleBinding(_Binding, tag="RoleBinding"):
    """A RoleBinding."""


class ClusterRoleBinding(_Binding, tag="ClusterRoleBinding"):
    """A ClusterRoleBinding."""


class SecretName(msgspec.Struct, gc=False):
    """A secret that a service account lists."""

    name: str | None = None


class ServiceAccount(_Object, tag="ServiceAccount"):
    """A ServiceAccount."""

    automount_service_account_token: bool | None = None
    secrets: tuple[SecretName, ...] | None = None


class Namespace(_Object, tag="Namespace"):
    """A Namespace."""


class Node(_Object, tag="Node"):
    """A Node."""


class Secret(_Object, tag="Secret"):
    """A Secret; its data is not read."""

    type: str | None = None


Policy = ClusterRole | Role | RoleBinding | ClusterRoleBinding | ServiceAccount | Namespace | Node
"""What nearly every item of a cluster's policy is: told apart by the decoder, without a look at the item before."""
