"""The Go types that the API server decodes RBAC objects into: field names, and the type names that its errors show."""

from __future__ import annotations

from typing import Union

import msgspec


class GoStruct(msgspec.Struct, frozen=True):
    """A struct; ``name`` as Go prints the type, ``fields`` by their JSON name. A ``pointer`` may be absent as a whole."""

    name: str
    fields: dict[str, GoType]
    pointer: bool = False

    @property
    def short(self) -> str:
        """The name without its package, as errors put it before a field."""
        return self.name.rpartition(".")[2]


class GoList(msgspec.Struct, frozen=True):
    """A slice."""

    element: GoType


class GoMap(msgspec.Struct, frozen=True):
    """A map from strings to strings."""


class GoScalar(msgspec.Struct, frozen=True):
    """A string, bool or int64 (``holds``), a time, or ``any`` for JSON that is kept as it is."""

    name: str
    holds: str


GoType = Union[GoStruct, GoList, GoMap, GoScalar]  # noqa: UP007 - the structs above name it before it exists

STRING = GoScalar("string", "string")
BOOL = GoScalar("bool", "bool")
INT64 = GoScalar("int64", "int64")
TIME = GoScalar("v1.Time", "time")
ANY = GoScalar("v1.FieldsV1", "any")
STRINGS = GoList(STRING)
UID = GoScalar("types.UID", "string")


def go_name(go_type: GoType) -> str:
    """The type as Go prints it."""
    if isinstance(go_type, GoList):
        return f"[]{go_name(go_type.element)}"
    return "map[string]string" if isinstance(go_type, GoMap) else go_type.name


_OWNER = GoStruct(
    "v1.OwnerReference",
    {"apiVersion": STRING, "kind": STRING, "name": STRING, "uid": UID, "controller": BOOL, "blockOwnerDeletion": BOOL},
)
_MANAGED = GoStruct(
    "v1.ManagedFieldsEntry",
    {
        "manager": STRING,
        "operation": GoScalar("v1.ManagedFieldsOperationType", "string"),
        "apiVersion": STRING,
        "time": TIME,
        "fieldsType": STRING,
        "fieldsV1": ANY,
        "subresource": STRING,
    },
)
_META = GoStruct(
    "v1.ObjectMeta",
    {
        "name": STRING,
        "generateName": STRING,
        "namespace": STRING,
        "selfLink": STRING,
        "uid": UID,
        "resourceVersion": STRING,
        "generation": INT64,
        "creationTimestamp": TIME,
        "deletionTimestamp": TIME,
        "deletionGracePeriodSeconds": INT64,
        "labels": GoMap(),
        "annotations": GoMap(),
        "ownerReferences": GoList(_OWNER),
        "finalizers": STRINGS,
        "managedFields": GoList(_MANAGED),
    },
)
_RULE = GoStruct(
    "v1.PolicyRule",
    {"verbs": STRINGS, "apiGroups": STRINGS, "resources": STRINGS, "resourceNames": STRINGS, "nonResourceURLs": STRINGS},
)
_REQUIREMENT = GoStruct(
    "v1.LabelSelectorRequirement", {"key": STRING, "operator": GoScalar("v1.LabelSelectorOperator", "string"), "values": STRINGS}
)
_SELECTOR = GoStruct("v1.LabelSelector", {"matchLabels": GoMap(), "matchExpressions": GoList(_REQUIREMENT)})
_AGGREGATION = GoStruct("v1.AggregationRule", {"clusterRoleSelectors": GoList(_SELECTOR)}, pointer=True)
_SUBJECT = GoStruct("v1.Subject", {"kind": STRING, "apiGroup": STRING, "name": STRING, "namespace": STRING})
_ROLE_REF = GoStruct("v1.RoleRef", {"apiGroup": STRING, "kind": STRING, "name": STRING})

_OBJECT: dict[str, GoType] = {"kind": STRING, "apiVersion": STRING, "metadata": _META}
_BINDING: dict[str, GoType] = {**_OBJECT, "subjects": GoList(_SUBJECT), "roleRef": _ROLE_REF}
_ROLE: dict[str, GoType] = {**_OBJECT, "rules": GoList(_RULE)}

KINDS = {
    "Role": GoStruct("v1.Role", _ROLE),
    "ClusterRole": GoStruct("v1.ClusterRole", {**_ROLE, "aggregationRule": _AGGREGATION}),
    "RoleBinding": GoStruct("v1.RoleBinding", _BINDING),
    "ClusterRoleBinding": GoStruct("v1.ClusterRoleBinding", _BINDING),
}
