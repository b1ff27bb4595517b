"""What a server serves: its API resources, by aggregated discovery, or the classic one where there is no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from rbaclens.live.interface import Connection, Reply
from rbaclens.live.replies import RefusedError, decode_reply, is_page
from rbaclens.model.resources import ApiResource, ApiSubresource

AGGREGATED = ",".join(
    (
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json",
    )
)
_WHAT = "discovering API resources"
_THREADS = 8


class Discovery(msgspec.Struct, frozen=True):
    """The resources in the server's order, core group first, and the groups that could not be asked about."""

    resources: tuple[ApiResource, ...]
    problems: tuple[str, ...] = ()


def discover(connection: Connection) -> Discovery:
    """The resources that the server serves, custom ones included. Raises ``RefusedError`` where discovery is not allowed at all."""
    resources: list[ApiResource] = []
    problems: list[str] = []
    for path in ("/api", "/apis"):
        reply = connection.get(path, accept=AGGREGATED)
        head = decode_reply(reply, connection.server, _WHAT, _decode_head)
        if head.kind == "APIGroupDiscoveryList":
            found = decode_reply(reply, connection.server, _WHAT, _decode_groups)
            resources += (resource for group in found.items for resource in _aggregated(group))
            problems += (problem for group in found.items for problem in _stale(group))
        else:
            _classic(connection, reply, resources, problems)
    return Discovery(tuple(resources), tuple(problems))


def server_version(connection: Connection) -> str:
    """The server's version, such as ``v1.36.0``; empty where it does not say."""
    reply = connection.get("/version")
    if reply.status != 200 or is_page(reply):
        return ""
    return str(decode_reply(reply, connection.server, "asking for the version", _decode_version).git_version)


class _Version(msgspec.Struct, rename="camel"):
    git_version: str = ""


class _Head(msgspec.Struct):
    kind: str = ""


class _Kind(msgspec.Struct):
    kind: str = ""


class _Sub(msgspec.Struct, rename="camel"):
    subresource: str = ""
    response_kind: _Kind | None = None
    verbs: tuple[str, ...] | None = None


class _Resource(msgspec.Struct, rename="camel"):
    resource: str = ""
    response_kind: _Kind | None = None
    scope: str = ""
    singular_resource: str = ""
    verbs: tuple[str, ...] | None = None
    short_names: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None
    subresources: tuple[_Sub, ...] | None = None


class _GroupVersion(msgspec.Struct):
    version: str = ""
    freshness: str = ""
    resources: tuple[_Resource, ...] | None = None


class _Name(msgspec.Struct):
    name: str = ""


class _Group(msgspec.Struct):
    metadata: _Name = msgspec.field(default_factory=_Name)
    versions: tuple[_GroupVersion, ...] | None = None


class _Groups(msgspec.Struct):
    items: tuple[_Group, ...] = ()


def _aggregated(group: _Group) -> Iterator[ApiResource]:
    seen: set[str] = set()
    # The versions stand in the server's order of preference.
    for version in group.versions or ():
        for one in version.resources or ():
            yield ApiResource(
                group=group.metadata.name,
                version=version.version,
                resource=one.resource,
                kind=one.response_kind.kind if one.response_kind else "",
                singular=one.singular_resource,
                short_names=one.short_names or (),
                categories=one.categories or (),
                namespaced=one.scope == "Namespaced",
                verbs=one.verbs or (),
                subresources=tuple(
                    ApiSubresource(sub.subresource, sub.response_kind.kind if sub.response_kind else "", sub.verbs or ())
                    for sub in one.subresources or ()
                ),
                preferred=one.resource not in seen,
            )
        seen.update(one.resource for one in version.resources or ())


def _stale(group: _Group) -> Iterator[str]:
    for version in group.versions or ():
        if version.freshness == "Stale":
            yield f"{group.metadata.name}/{version.version}: its server does not answer; its resources may be incomplete"


class _ClassicResource(msgspec.Struct, rename="camel"):
    name: str = ""
    singular_name: str = ""
    namespaced: bool = False
    kind: str = ""
    verbs: tuple[str, ...] | None = None
    short_names: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None


class _ClassicResources(msgspec.Struct):
    resources: tuple[_ClassicResource, ...] | None = None


class _ClassicVersion(msgspec.Struct):
    version: str = ""


class _ClassicGroup(msgspec.Struct, rename="camel"):
    name: str = ""
    versions: tuple[_ClassicVersion, ...] | None = None
    preferred_version: _ClassicVersion | None = None


class _ClassicRoot(msgspec.Struct):
    """``/api`` has versions, ``/apis`` has groups."""

    versions: tuple[str, ...] | None = None
    groups: tuple[_ClassicGroup, ...] | None = None


_decode_head = msgspec.json.Decoder(_Head).decode
_decode_groups = msgspec.json.Decoder(_Groups).decode
_decode_root = msgspec.json.Decoder(_ClassicRoot).decode
_decode_resources = msgspec.json.Decoder(_ClassicResources).decode
_decode_version = msgspec.json.Decoder(_Version).decode


def _classic(connection: Connection, root: Reply, resources: list[ApiResource], problems: list[str]) -> None:
    """Add the resources of each group and version, asked for one by one, several at once."""
    pairs = list(_versions(decode_reply(root, connection.server, _WHAT, _decode_root)))

    def ask(pair: tuple[str, str]) -> _ClassicResources | str:
        group, version = pair
        path = f"/apis/{group}/{version}" if group else f"/api/{version}"
        try:
            found: _ClassicResources = decode_reply(connection.get(path), connection.server, _WHAT, _decode_resources)
        except RefusedError as error:
            if error.reply.status == 401:
                raise
            return f"{group}/{version}: its resources are not known (HTTP {error.reply.status})"
        return found

    seen: set[tuple[str, str]] = set()
    with ThreadPoolExecutor(_THREADS) as pool:
        for (group, version), answer in zip(pairs, pool.map(ask, pairs), strict=True):
            if isinstance(answer, str):
                problems.append(answer)
            else:
                resources += _classic_resources(group, version, answer.resources or (), seen)


def _versions(root: _ClassicRoot) -> Iterator[tuple[str, str]]:
    """Group and version, each group's preferred version first."""
    for version in root.versions or ():
        yield "", version
    for group in root.groups or ():
        preferred = group.preferred_version.version if group.preferred_version else ""
        for one in sorted(group.versions or (), key=lambda one: one.version != preferred):
            yield group.name, one.version


def _classic_resources(group: str, version: str, written: Iterable[_ClassicResource], seen: set[tuple[str, str]]) -> Iterator[ApiResource]:
    written = list(written)
    subresources: dict[str, list[ApiSubresource]] = {}
    for one in written:
        parent, slash, name = one.name.partition("/")
        if slash:
            subresources.setdefault(parent, []).append(ApiSubresource(name, one.kind, one.verbs or ()))
    mains = [one for one in written if "/" not in one.name]
    # Some are served by their subresources alone.
    mains += [_ClassicResource(name, namespaced=True) for name in subresources if name not in {one.name for one in mains}]
    for one in mains:
        yield ApiResource(
            group=group,
            version=version,
            resource=one.name,
            kind=one.kind,
            singular=one.singular_name,
            short_names=one.short_names or (),
            categories=one.categories or (),
            namespaced=one.namespaced,
            verbs=one.verbs or (),
            subresources=tuple(subresources.get(one.name, ())),
            preferred=(group, one.name) not in seen,
        )
    seen.update((group, one.name) for one in mains)
