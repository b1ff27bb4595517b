"""RBAC rules and label selectors, in the shape of the API (RBAC-02)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

# Go writes an empty list as null. Decoders accept it and ``__post_init__`` replaces it, so that no reader ever meets None.
if TYPE_CHECKING:
    Strings = tuple[str, ...]
else:
    Strings = tuple[str, ...] | None


def _without_none(struct: msgspec.Struct) -> None:
    for name in struct.__struct_fields__:
        if getattr(struct, name) is None:
            msgspec.structs.force_setattr(struct, name, ())


class PolicyRule(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """One rule of a Role or ClusterRole. What its fields mean is decided in ``authorizers.matching`` and nowhere else."""

    verbs: Strings = ()
    api_groups: Strings = ()
    resources: Strings = ()
    resource_names: Strings = ()
    non_resource_urls: Strings = msgspec.field(name="nonResourceURLs", default=())

    def __post_init__(self) -> None:
        # Tens of thousands of rules are decoded at a time, and hardly one of them holds a null.
        if None in (self.verbs, self.api_groups, self.resources, self.resource_names, self.non_resource_urls):
            _without_none(self)


class SelectorRequirement(msgspec.Struct, frozen=True, omit_defaults=True):
    """One ``matchExpressions`` entry: operator is In, NotIn, Exists or DoesNotExist."""

    key: str = ""
    operator: str = ""
    values: Strings = ()

    def __post_init__(self) -> None:
        _without_none(self)


class LabelSelector(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A label selector; without any requirement it matches every object."""

    match_labels: dict[str, str] | None = None
    match_expressions: tuple[SelectorRequirement, ...] | None = None


class AggregationRule(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Which ClusterRoles a controller gathers into this one (RBAC-41)."""

    cluster_role_selectors: tuple[LabelSelector, ...] | None = None

    @property
    def selectors(self) -> tuple[LabelSelector, ...]:
        """The selectors in list order; no list and an empty list mean the same."""
        return self.cluster_role_selectors or ()
