"""RBAC objects as the authorizers see them: defaulted, placed, immutable (RBAC-01 to RBAC-05)."""

from __future__ import annotations

from typing import Literal

import msgspec

from rbaclens.model.location import Origin
from rbaclens.model.rules import AggregationRule, PolicyRule

RBAC_GROUP = "rbac.authorization.k8s.io"

RoleKind = Literal["Role", "ClusterRole"]
BindingKind = Literal["RoleBinding", "ClusterRoleBinding"]
Labels = dict[str, str]


class Subject(msgspec.Struct, frozen=True, gc=False):
    """A subject of a binding. ``kind`` is free text here: an unknown kind loads, and never matches (RBAC-24)."""

    kind: str
    name: str
    namespace: str = ""
    api_group: str = ""


class RoleRef(msgspec.Struct, frozen=True, gc=False):
    """The role that a binding grants."""

    kind: str
    name: str
    api_group: str = RBAC_GROUP


class RuleOrigin(msgspec.Struct, frozen=True):
    """Where a rule of an aggregated role was written: the role that it came from and its number there."""

    role: Role
    index: int


class Role(msgspec.Struct, frozen=True):
    """A Role or (``namespace`` empty) a ClusterRole.

    ``rules`` are the rules in force: for an aggregated ClusterRole the gathered ones, and then ``gathered`` says, rule
    by rule, where each was written.
    """

    kind: RoleKind
    namespace: str
    name: str
    rules: tuple[PolicyRule, ...]
    origin: Origin
    labels: Labels = {}
    annotations: Labels = {}
    aggregation: AggregationRule | None = None
    gathered: tuple[RuleOrigin, ...] = ()

    def rule_origin(self, index: int) -> Origin:
        """Where rule number ``index`` was written, through any number of aggregations."""
        if self.gathered:
            source = self.gathered[index]
            return source.role.rule_origin(source.index)
        return self.origin.child("rules", index)


class Binding(msgspec.Struct, frozen=True):
    """A RoleBinding or (``namespace`` empty) a ClusterRoleBinding."""

    kind: BindingKind
    namespace: str
    name: str
    subjects: tuple[Subject, ...]
    role_ref: RoleRef
    origin: Origin
    labels: Labels = {}
    annotations: Labels = {}


class PlainObject(msgspec.Struct, frozen=True):
    """An object of which little more than the existence matters: ServiceAccount, Namespace, Node.

    Of a ServiceAccount, ``automount`` says whether its pods get a token (``None``: it does not say), and ``secrets`` are the names
    of the token secrets that it lists.
    """

    kind: str
    namespace: str
    name: str
    origin: Origin
    labels: Labels = {}
    annotations: Labels = {}
    automount: bool | None = None
    secrets: tuple[str, ...] = ()
