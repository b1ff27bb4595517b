"""The requests that a kubectl command line sends, while they are being collected."""

from __future__ import annotations

import msgspec

from rbaclens.errors import UnknownNameError, UsageError
from rbaclens.model.request import Request
from rbaclens.requests.http import request_from_http
from rbaclens.requests.kubectl_flags import KubectlLine
from rbaclens.requests.kubectl_manifests import ReadFile
from rbaclens.requests.resources import Resolved, ResourceCatalogue
from rbaclens.requests.virtual import METRICS, VIRTUAL

_SOME_NAME = "NAME"
_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class PlannedRequest(msgspec.Struct, frozen=True):
    """One request of a command, as ``method`` and ``uri`` and as authorizers see it (without its user).

    ``method`` and ``uri`` are empty for what the server asks about by itself while it handles another request.
    ``required``: without it the command does not do what it is for. ``why`` says what the request is for, or when it is
    sent. ``open_name``: it goes to objects whose names only the server knows; ``uri`` has ``NAME`` in their place, and
    ``request`` asks for any name.
    """

    request: Request
    method: str
    uri: str
    required: bool = True
    why: str = ""
    open_name: bool = False


class KubectlPlan(msgspec.Struct, frozen=True):
    """All requests of a command line in the order kubectl sends them (each once), and the impersonation that it asks for.

    Not among them: discovery (``/api``, ``/apis``, ``/openapi``), which kubectl reads for nearly every command, and its look at
    the namespace after an object was not found.
    """

    command: str
    requests: tuple[PlannedRequest, ...]
    notes: tuple[str, ...] = ()
    as_user: str = ""
    as_groups: tuple[str, ...] = ()
    as_uid: str = ""


class Target(msgspec.Struct, frozen=True):
    """An object (``name``) or all objects of a kind (no name) that a command is about, and the selectors for those.

    ``namespace`` is empty for what is cluster-scoped and for all namespaces. ``kind`` is set for an object from a file.
    """

    resource: Resolved
    namespace: str = ""
    name: str = ""
    labels: str = ""
    fields: str = ""
    kind: str = ""

    @property
    def each(self) -> str | None:
        """The name for requests on each object: ``None`` where only the server knows it."""
        return self.name or None


class Planner:
    """Collects the requests of one command line; what each command sends is written in the ``kubectl_*`` modules."""

    def __init__(self, line: KubectlLine, catalogue: ResourceCatalogue, read_file: ReadFile, namespace: str) -> None:
        self.line = line
        self.catalogue = catalogue
        self.read_file = read_file
        self.explicit_namespace = line.text("namespace")
        self.namespace = self.explicit_namespace or namespace
        self.notes: list[str] = []
        self._found: dict[tuple[str, str, str | None], PlannedRequest] = {}

    @property
    def requests(self) -> tuple[PlannedRequest, ...]:
        """What was collected."""
        return tuple(self._found.values())

    def note(self, text: str) -> None:
        """Something that a person should know, said once."""
        if text not in self.notes:
            self.notes.append(text)

    def resource(self, text: str) -> Resolved:
        """The served resource of a TYPE argument. Raises UnknownNameError; wildcards and virtual resources are none."""
        try:
            found = self.catalogue.resolve(text)
        except UnknownNameError as error:
            raise _served_only(error) from None
        key = (found.group, found.resource)
        if "*" in key or "/" in text or (found.group != METRICS and not self.catalogue.served_verbs(found) and _is_virtual(key)):
            raise UsageError(f'the server serves no resource "{text}"', "kubectl knows only resources that are served")
        return found

    def send(
        self, method: str, target: Target, name: str | None = "", subresource: str = "", *, required: bool = True, why: str = ""
    ) -> None:
        """Add a request on ``target``'s resource: on the collection (no name), on one object, or on each (``None``)."""
        resource = self._subresource(target.resource, subresource) if subresource else target.resource
        path = _path(resource, target.namespace, _SOME_NAME if name is None else name)
        query = []
        if name == "" and method in ("GET", "DELETE", "WATCH"):
            query = [("fieldSelector", target.fields), ("labelSelector", target.labels)]
            query += [("watch", "true")] if method == "WATCH" else []
        self._add("GET" if method == "WATCH" else method, path, query, name, required=required, why=why)

    def list_one(self, target: Target, *, required: bool = True, watch_required: bool = False, why: str = "") -> None:
        """Add the list and the watch by which kubectl follows one object: both name it in a field selector (RI-24)."""
        name = target.name or _SOME_NAME
        one = msgspec.structs.replace(target, fields=f"metadata.name={name}", labels="")
        for method, needed in (("GET", required), ("WATCH", watch_required)):
            path, query = _path(one.resource, one.namespace, ""), [("fieldSelector", one.fields)]
            query += [("watch", "true")] if method == "WATCH" else []
            self._add("GET", path, query, target.each, required=needed, why=why)

    def path(self, method: str, uri: str, *, why: str = "") -> None:
        """Add a request for a path given as it is."""
        self._add(method, uri, [], "", required=True, why=why)

    def check(self, request: Request, why: str, *, required: bool = True) -> None:
        """Add a permission that the server asks about while it handles a request; it is no request of its own."""
        key = (request.verb, f"{request.namespace}/{request.combined}/{request.name}", None)
        self._found.setdefault(key, PlannedRequest(request, "", "", required, why, not request.name))

    def _subresource(self, resource: Resolved, subresource: str) -> Resolved:
        try:
            return self.catalogue.with_subresource(resource, subresource)
        except UnknownNameError as error:
            raise _served_only(error) from None

    def _add(self, method: str, path: str, query: list[tuple[str, str]], name: str | None, *, required: bool, why: str) -> None:
        from urllib.parse import quote, urlencode

        given = [(key, value) for key, value in query if value]
        uri = path + (f"?{urlencode(given, quote_via=quote)}" if given else "")
        request = request_from_http(method, uri)
        if name is None:
            own = request.resource == "namespaces" and request.namespace == request.name
            fields = tuple(field for field in request.field_selector if field.value != _SOME_NAME)
            request = msgspec.structs.replace(request, name="", namespace="" if own else request.namespace, field_selector=fields)
        key = (method, uri, name)
        before = self._found.get(key)
        if before is None:
            self._found[key] = PlannedRequest(request, method, uri, required, why, name is None)
        elif required and not before.required:
            self._found[key] = msgspec.structs.replace(before, required=True, why=why)


def _served_only(error: UnknownNameError) -> UnknownNameError:
    """The same error without the offer to force it: kubectl sends nothing for what is not served."""
    return UnknownNameError(error.message, error.help.removesuffix("--force takes it as written").rstrip(), error.nearest)


def collection(target: Target) -> Target:
    """The same resource and namespace without a name or selectors."""
    return Target(target.resource, target.namespace)


def _is_virtual(key: tuple[str, str]) -> bool:
    return any((item.group, item.resource) == key for item in VIRTUAL)


def _path(resource: Resolved, namespace: str, name: str) -> str:
    from urllib.parse import quote

    version = resource.version if resource.version != "*" else "v1"
    parts = ["apis", resource.group, version] if resource.group else ["api", version]
    if namespace and resource.namespaced is not False:
        parts += ["namespaces", namespace]
    parts.append(resource.resource)
    parts += [part for part in (name, resource.subresource) if part]
    return "/" + "/".join(quote(part, safe="") for part in parts)
