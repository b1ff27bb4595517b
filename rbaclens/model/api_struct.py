"""What the API's objects have in common: how they decode, and their metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec

T = TypeVar("T")

# Decoders accept null everywhere, and ``__post_init__`` replaces it, so that no reader ever meets a None that is not declared.
if TYPE_CHECKING:
    Nullable = Annotated[T, "null reads as the default"]
    Texts = dict[str, str]
else:
    Nullable = T | None
    Texts = dict[str, str | None]

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
