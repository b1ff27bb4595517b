"""From objects to the one ``PolicySet``, whichever way they came in: each once, aggregated, on the bootstrap policy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence, Set
from typing import Any

import msgspec

from rbaclens.facts import bootstrap_bytes
from rbaclens.model import controllers, volumes, workloads
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.aggregation import aggregate_roles
from rbaclens.model.location import Location, Origin
from rbaclens.model.objects import Binding, PlainObject, Role
from rbaclens.model.policy import Notice, PolicySet
from rbaclens.model.rules import PolicyRule
from rbaclens.model.workloads import NodeGraphObjects, Placed
from rbaclens.model.written import Written
from rbaclens.sources.builders import Objects, title
from rbaclens.sources.reading import read_manifests

BOOTSTRAP = "bootstrap"
Locate = Callable[[Origin], Location]
Key = tuple[str, str, str]


def assemble(
    objects: Objects,
    *,
    bootstrap: bool = True,
    abac: tuple[AbacPolicy, ...] | None = None,
    gaps: Sequence[str] = (),
    locate: Locate | None = None,
) -> PolicySet:
    """The policy that ``objects`` make.

    Of objects of one name the last counts. With
    ``bootstrap`` the API server's own objects lie beneath, unless there is a ClusterRole ``cluster-admin`` or a snapshot: then the
    objects are a whole cluster's. The rules of aggregated roles are gathered (RBAC-41). ``locate`` is the policy set's.
    """
    locate = locate or PolicySet().locate
    notices = list(objects.notices)
    replaced: list[Role | Binding] = []
    roles = _once(objects.roles, notices, locate, replaced)
    bindings = _once(objects.bindings, notices, locate, replaced)
    if bootstrap and not objects.stored and ("ClusterRole", "", "cluster-admin") not in roles:
        beneath = _bootstrap_objects()
        roles = {_key(role): role for role in beneath.roles} | roles
        bindings = {_key(binding): binding for binding in beneath.bindings} | bindings
    plain = _once(objects.plain, notices, locate, [])
    definitions = _last(objects.definitions, lambda one: one.name, "CustomResourceDefinition", notices, locate)
    written = tuple(roles.values())
    gathered = aggregate_roles(written)
    if objects.stored:
        gathered = _as_stored(written, gathered, objects.stored, notices)
    return PolicySet(
        roles=gathered,
        bindings=tuple(bindings.values()),
        abac=abac,
        namespaces=_of_kind(plain.values(), "Namespace"),
        service_accounts=_of_kind(plain.values(), "ServiceAccount"),
        nodes=_of_kind(plain.values(), "Node"),
        node_graph=_node_graph(objects.graph, notices, locate),
        controllers=_controllers(objects.graph, notices, locate),
        secrets=tuple({(one.namespace, one.name): one for one in objects.secrets}.values()),
        resources=(*objects.resources, *(resource for definition in definitions for resource in definition.resources)),
        gaps=(*gaps, *objects.gaps),
        notices=tuple(notices),
        written=Written(
            refused=tuple(objects.refused),
            replaced=tuple(replaced),
            versions=objects.versions,
            unplaced=frozenset(objects.unplaced),
            misplaced=objects.misplaced,
            own_rules=_own_rules(written, objects.stored),
            refused_lines=tuple(objects.refused_lines),
        ),
        locate=locate,
    )


def _as_stored(written: Sequence[Role], gathered: Sequence[Role], stored: Set[str], notices: list[Notice]) -> tuple[Role, ...]:
    """A server's aggregated roles with the rules that it stores, by which it decides, where its controller would write others.

    Where other ClusterRoles come beside them, the question is what the controller would make of all.
    """
    if not all(role.origin.file in stored for role in written if role.kind == "ClusterRole"):
        return tuple(gathered)
    found = []
    for before, after in zip(written, gathered, strict=True):
        differs = after.aggregation is not None and set(before.rules) != set(after.rules)
        if differs:
            message = "its rules are not those that its aggregation rule gathers (yet); the stored ones count"
            notices.append(Notice(f"{title(before)}: {message}", before.origin))
        found.append(before if differs else after)
    return tuple(found)


def _own_rules(written: Sequence[Role], stored: Set[str]) -> dict[Origin, tuple[PolicyRule, ...]]:
    """The rules that were written into aggregated roles; in what a server stores they are its controller's."""
    own = [role for role in written if role.aggregation is not None and role.rules]
    return {role.origin: role.rules for role in own if role.origin.file != BOOTSTRAP and role.origin.file not in stored}


@functools.cache
def _bootstrap_objects() -> Objects:
    return read_manifests(bootstrap_bytes(), BOOTSTRAP).objects


def _key(one: Any) -> Key:
    return one.kind, one.namespace, one.name


def _once(objects: list[Any], notices: list[Notice], locate: Locate, replaced: list[Any]) -> dict[Key, Any]:
    found = {(one.kind, one.namespace, one.name): one for one in objects}
    if len(found) != len(objects):
        for one in objects:
            last = found[_key(one)]
            if last is not one:
                replaced.append(one)
                notices.append(_twice(title(one), one.origin, last.origin, locate))
    return found


def _last(objects: Sequence[Any], key: Callable[[Any], object], kind: str, notices: list[Notice], locate: Locate) -> list[Any]:
    found: dict[object, Any] = {}
    for one in objects:
        before = found.get(key(one))
        if before is not None:
            notices.append(_twice(f"{kind} {key(one)}", before.origin, one.origin, locate))
        found[key(one)] = one
    return list(found.values())


def _twice(title: str, first: Origin, last: Origin, locate: Locate) -> Notice:
    return Notice(f"{title} stands twice: {locate(first)} and {locate(last)}; the last one counts", last)


def _of_kind(objects: Iterable[PlainObject], kind: str) -> tuple[PlainObject, ...]:
    return tuple(one for one in objects if one.kind == kind)


_GRAPH_FIELDS = {
    workloads.Pod: "pods",
    volumes.PersistentVolume: "persistent_volumes",
    workloads.VolumeAttachment: "volume_attachments",
    workloads.ResourceSlice: "resource_slices",
    workloads.PodCertificateRequest: "pod_certificate_requests",
}


def _node_graph(graph: list[Placed[Any]], notices: list[Notice], locate: Locate) -> NodeGraphObjects:
    fields: dict[str, tuple[Any, ...]] = {}
    for form, field in _GRAPH_FIELDS.items():
        placed = [one for one in graph if type(one.obj) is form]
        fields[field] = tuple(_last(placed, _graph_name, form.__name__, notices, locate))
    return msgspec.structs.replace(NodeGraphObjects(), **fields)


_CONTROLLERS = (controllers.Controller, controllers.CronJob)


def _controllers(graph: list[Placed[Any]], notices: list[Notice], locate: Locate) -> tuple[Placed[Any], ...]:
    found: dict[type, list[Placed[Any]]] = {}
    for one in graph:
        if isinstance(one.obj, _CONTROLLERS):
            found.setdefault(type(one.obj), []).append(one)
    return tuple(one for form, placed in found.items() for one in _last(placed, _graph_name, form.__name__, notices, locate))


def _graph_name(placed: Placed[Any]) -> str:
    meta = placed.obj.metadata
    return f"{meta.namespace}/{meta.name}" if meta.namespace else str(meta.name)
