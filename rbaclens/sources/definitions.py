"""CustomResourceDefinitions: which resources a cluster serves besides the built-in ones."""

from __future__ import annotations

import re

import msgspec

from rbaclens.model.location import Origin
from rbaclens.model.resources import ApiResource, ApiSubresource
from rbaclens.sources import wire

_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_SUBRESOURCE_VERBS = ("get", "patch", "update")
_VERSION = re.compile(r"v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?")
_STABILITY = {None: 2, "beta": 1, "alpha": 0}


class Definition(msgspec.Struct, frozen=True):
    """The resources that one CustomResourceDefinition makes, one for each served version."""

    name: str
    origin: Origin
    resources: tuple[ApiResource, ...]


class Names(msgspec.Struct, rename="camel"):
    """How the resource is called."""

    plural: str | None = None
    singular: str | None = None
    kind: str | None = None
    short_names: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None


class Subresources(msgspec.Struct):
    """Which of the two subresources there are; only presence counts."""

    status: dict[str, object] | None = None
    scale: dict[str, object] | None = None


class Version(msgspec.Struct):
    """One version of the resource."""

    name: str | None = None
    served: bool | None = None
    subresources: Subresources | None = None


class Spec(msgspec.Struct):
    """``version`` and ``subresources`` stand here in v1beta1 only."""

    group: str | None = None
    names: Names | None = None
    scope: str | None = None
    version: str | None = None
    versions: tuple[Version, ...] | None = None
    subresources: Subresources | None = None


class CustomResourceDefinition(msgspec.Struct, rename="camel"):
    """A definition as it is written down, v1 or v1beta1."""

    metadata: wire.Metadata | None = None
    spec: Spec | None = None


def read_definition(written: CustomResourceDefinition, origin: Origin) -> Definition:
    """The resources of a definition, the preferred version first: the highest by Kubernetes' order of versions."""
    spec = written.spec or Spec()
    versions = [version for version in spec.versions or () if version.served and version.name]
    if spec.version and not spec.versions:
        versions = [Version(spec.version, True)]
    versions.sort(key=lambda version: _priority(version.name or ""))
    name = (written.metadata and written.metadata.name) or ""
    return Definition(name, origin, tuple(_resource(spec, version, version is versions[0]) for version in versions))


def _priority(version: str) -> tuple[object, ...]:
    """Sort key: stable before beta before alpha, higher before lower, names of any other form last by alphabet."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return (1, version)
    major, stability, minor = match.groups()
    return (0, -_STABILITY[stability], -int(major), -int(minor or 0))


def _resource(spec: Spec, version: Version, preferred: bool) -> ApiResource:
    names = spec.names or Names()
    kind = names.kind or ""
    present = version.subresources or spec.subresources or Subresources()
    subresources = []
    if present.status is not None:
        subresources.append(ApiSubresource("status", kind, _SUBRESOURCE_VERBS))
    if present.scale is not None:
        subresources.append(ApiSubresource("scale", "Scale", _SUBRESOURCE_VERBS))
    return ApiResource(
        group=spec.group or "",
        version=version.name or "",
        resource=names.plural or "",
        kind=kind,
        singular=names.singular or kind.lower(),
        short_names=names.short_names or (),
        categories=names.categories or (),
        namespaced=spec.scope != "Cluster",
        verbs=_VERBS,
        subresources=tuple(subresources),
        preferred=preferred,
    )
