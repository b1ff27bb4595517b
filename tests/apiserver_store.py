"""What the test server stores: objects by resource, each change with a resourceVersion, pages of lists, discovery documents."""

import base64
import bisect
import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rbaclens.facts.resources import api_resources
from rbaclens.model.resources import ApiResource, ApiSubresource

Object = dict[str, Any]


class Event(NamedTuple):
    """One change: ``line`` is the watch event."""

    version: int
    resource: str
    namespace: str
    line: bytes


class Line(NamedTuple):
    """An object as a GET shows it, and as an item of a list: there the server leaves out kind and apiVersion of built-in kinds."""

    whole: bytes
    item: Object


def _line(one: Object, meta: Object, bare: bool) -> Line:
    whole = {**one, "metadata": meta}
    item = {key: value for key, value in whole.items() if key not in ("kind", "apiVersion")} if bare else whole
    return Line(json.dumps(whole).encode(), item)


class Page(NamedTuple):
    """A page of a list: the whole body, and the token of the page behind it."""

    body: bytes
    continue_: str


class Store:
    """Objects by ``GROUP/RESOURCE`` and ``(namespace, name)``; ``changed`` is notified of every event."""

    def __init__(self, objects: Iterable[Object]) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.version = 1000
        self.oldest = 0
        self.events: list[Event] = []
        self.resources: list[ApiResource] = list(api_resources())
        self.stored: dict[str, dict[tuple[str, str], Line]] = {}
        self._snapshots: dict[str, list[Line]] = {}
        for one in sorted(objects, key=lambda one: one["kind"] != "CustomResourceDefinition"):
            self.put("ADDED", one, announce=False)

    def put(self, event: str, one: Object, *, announce: bool = True) -> int:
        """Store (ADDED, MODIFIED) or remove (DELETED) an object; the version that this made."""
        resource = self._resource_of(one)
        with self.changed:
            self.version += 1
            meta = {**one.get("metadata", {}), "resourceVersion": str(self.version), "managedFields": [{"manager": "kubectl"}]}
            meta.setdefault("uid", f"uid-{self.version}")
            line = _line(one, meta, bare=not resource.group.endswith(".example.com"))
            key = (meta.get("namespace", ""), meta["name"])
            objects = self.stored.setdefault(f"{resource.group}/{resource.resource}", {})
            if event == "DELETED":
                objects.pop(key, None)
            else:
                objects[key] = line
            if resource.resource == "customresourcedefinitions":
                self._define(one)
            if announce:
                wrapped = b'{"type":"%s","object":%s}' % (event.encode(), line.whole)
                self.events.append(Event(self.version, f"{resource.group}/{resource.resource}", key[0], wrapped))
                self.changed.notify_all()
            return self.version

    def page(self, resource: ApiResource, namespace: str, limit: int, continue_: str) -> Page | None:
        """A page of a list; ``None`` for a token that nothing knows any more."""
        with self.changed:
            if continue_:
                token = json.loads(base64.b64decode(continue_))
                lines = self._snapshots.get(token["list"])
                start, version = token["start"], token["rv"]
                if lines is None:
                    return None
            else:
                lines = list(self._lines(resource, namespace))
                start, version = 0, self.version
            end = min(len(lines), start + limit) if limit else len(lines)
            meta: dict[str, Any] = {"resourceVersion": str(version)}
            if end < len(lines):
                name = f"{resource.group}/{resource.resource}/{namespace}@{version}"
                self._snapshots[name] = lines
                meta["continue"] = base64.b64encode(json.dumps({"list": name, "start": end, "rv": version}).encode()).decode()
                meta["remainingItemCount"] = len(lines) - end
        head = {"kind": f"{resource.kind}List", "apiVersion": api_version(resource), "metadata": meta}
        # Encoded when it is asked for, as the server does.
        body = json.dumps({**head, "items": [line.item for line in lines[start:end]]}, separators=(",", ":")).encode()
        return Page(body, meta.get("continue", ""))

    def forget_pages(self) -> None:
        """All continue tokens given so far expire."""
        with self.changed:
            self._snapshots.clear()

    def inconsistent(self, continue_: str) -> str:
        """The token that goes on behind an expired one, in a list of now."""
        token = json.loads(base64.b64decode(continue_))
        name, _, _ = token["list"].rpartition("@")
        group, resource, namespace = name.split("/")
        with self.changed:
            found = next(one for one in self.resources if (one.group, one.resource) == (group, resource))
            fresh = f"{name}@{self.version}"
            self._snapshots[fresh] = list(self._lines(found, namespace))
            return base64.b64encode(json.dumps({"list": fresh, "start": token["start"], "rv": self.version}).encode()).decode()

    def get(self, resource: ApiResource, namespace: str, name: str) -> bytes | None:
        """One object."""
        line = self.stored.get(f"{resource.group}/{resource.resource}", {}).get((namespace, name))
        return line.whole if line else None

    def since(self, version: int) -> list[Event]:
        """The changes after ``version``."""
        return self.events[bisect.bisect_right(self.events, version, key=lambda event: event.version) :]

    def find(self, group: str, version: str, name: str) -> ApiResource | None:
        """The resource that a path names."""
        return next((one for one in self.resources if (one.group, one.version, one.resource) == (group, version, name)), None)

    def _lines(self, resource: ApiResource, namespace: str) -> Iterator[Line]:
        # etcd's order: namespace, then name.
        for key, line in sorted(self.stored.get(f"{resource.group}/{resource.resource}", {}).items()):
            if not namespace or key[0] == namespace:
                yield line

    def _resource_of(self, one: Object) -> ApiResource:
        group, _, version = one["apiVersion"].rpartition("/")
        for resource in self.resources:
            if (resource.group, resource.kind) == (group, one["kind"]) and version in (resource.version, "v1", "v1beta1", "v1alpha1"):
                return resource
        raise AssertionError(f"nothing serves {one['apiVersion']} {one['kind']}")

    def _define(self, definition: Object) -> None:
        spec = definition["spec"]
        names = spec["names"]
        for index, version in enumerate(one for one in spec["versions"] if one.get("served")):
            self.resources.append(
                ApiResource(
                    group=spec["group"],
                    version=version["name"],
                    resource=names["plural"],
                    kind=names["kind"],
                    singular=names.get("singular", names["kind"].lower()),
                    short_names=tuple(names.get("shortNames", ())),
                    namespaced=spec.get("scope") != "Cluster",
                    verbs=("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
                    subresources=tuple(
                        ApiSubresource(name, names["kind"], ("get", "patch", "update")) for name in version.get("subresources", {})
                    ),
                    preferred=index == 0,
                )
            )


def api_version(resource: ApiResource) -> str:
    """``group/version`` as objects carry it."""
    return f"{resource.group}/{resource.version}" if resource.group else resource.version


def _by_group(resources: Iterable[ApiResource]) -> dict[str, dict[str, list[ApiResource]]]:
    groups: dict[str, dict[str, list[ApiResource]]] = {}
    for one in sorted(resources, key=lambda one: not one.preferred):
        groups.setdefault(one.group, {}).setdefault(one.version, []).append(one)
    return groups


def aggregated_discovery(resources: Iterable[ApiResource], core: bool) -> Object:
    """An APIGroupDiscoveryList (apidiscovery.k8s.io/v2): of the core group, or of all others."""
    items = []
    for group, versions in _by_group(resources).items():
        if (group == "") != core:
            continue
        found = [
            {"version": version, "freshness": "Current", "resources": [_aggregated(one) for one in known]}
            for version, known in versions.items()
        ]
        items.append({"metadata": {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None}, "versions": found})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _aggregated(one: ApiResource) -> Object:
    found: Object = {
        "resource": one.resource,
        "responseKind": {"group": "", "version": "", "kind": one.kind},
        "scope": "Namespaced" if one.namespaced else "Cluster",
        "singularResource": one.singular,
        "verbs": list(one.verbs),
    }
    if one.short_names:
        found["shortNames"] = list(one.short_names)
    if one.categories:
        found["categories"] = list(one.categories)
    if one.subresources:
        found["subresources"] = [
            {"subresource": sub.name, "responseKind": {"group": "", "version": "", "kind": sub.kind}, "verbs": list(sub.verbs)}
            for sub in one.subresources
        ]
    return found


def group_list(resources: Iterable[ApiResource]) -> Object:
    """The classic APIGroupList of ``/apis``."""
    groups = []
    for group, versions in _by_group(resources).items():
        if group:
            known = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
            groups.append({"name": group, "versions": known, "preferredVersion": known[0]})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def resource_list(resources: Iterable[ApiResource], group: str, version: str) -> Object | None:
    """The classic APIResourceList of one group and version."""
    found: list[Object] = []
    for one in resources:
        if (one.group, one.version) != (group, version):
            continue
        entry: Object = {
            "name": one.resource,
            "singularName": one.singular,
            "namespaced": one.namespaced,
            "kind": one.kind,
            "verbs": list(one.verbs),
        }
        if one.short_names:
            entry["shortNames"] = list(one.short_names)
        if one.categories:
            entry["categories"] = list(one.categories)
        found.append(entry)
        for sub in one.subresources:
            name = f"{one.resource}/{sub.name}"
            found.append({"name": name, "singularName": "", "namespaced": one.namespaced, "kind": sub.kind, "verbs": list(sub.verbs)})
    if not found:
        return None
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/{version}" if group else version, "resources": found}
