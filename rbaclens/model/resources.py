"""API resources: what a cluster serves, as facts, custom resource definitions or discovery tell it."""

from __future__ import annotations

import msgspec


class ApiResource(msgspec.Struct, frozen=True, rename="camel"):
    """One served resource (plural), with every way to name it."""

    group: str
    version: str
    resource: str
    kind: str
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    namespaced: bool = True
    verbs: tuple[str, ...] = ()
    subresources: tuple[ApiSubresource, ...] = ()
    preferred: bool = True


class ApiSubresource(msgspec.Struct, frozen=True):
    """A subresource, the kind of object that it takes, and the verbs that it serves."""

    name: str
    kind: str = ""
    verbs: tuple[str, ...] = ()
