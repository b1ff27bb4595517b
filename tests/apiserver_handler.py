"""How the test server answers one request after another on a connection."""

import contextlib
import gzip
import json
import socket
import ssl
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from apiserver_protobuf import MAGIC, read_review
from apiserver_store import Object, aggregated_discovery, api_version, group_list, resource_list
from apiserver_types import ANONYMOUS, Identity, Received, status_object

from rbaclens.model.resources import ApiResource

if TYPE_CHECKING:
    from apiserver import ApiServer

AGGREGATED = "as=APIGroupDiscoveryList"
VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.0", "platform": "linux/amd64"}


class _Cut(Exception):  # noqa: N818
    """The connection is to be closed at once."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], api: "ApiServer") -> None:
        super().__init__(address, Handler)
        self.api = api
        self.open: set[socket.socket] = set()

    def handle_error(self, *_: object) -> None:
        """Broken connections and handshakes are what tests are about."""

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def close_all(self) -> None:
        """End the connections that clients keep open."""
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet
    disable_nagle_algorithm = True
    server: Server
    bookmark_due = False
    broken = False

    def setup(self) -> None:
        self.plain = self.request
        if self.server.api.context:
            self.request = self.server.api.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        if self.request is not self.plain:
            self.request.close()

    def handle(self) -> None:
        with contextlib.suppress(_Cut, OSError, ssl.SSLError):
            super().handle()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def _answer(self) -> None:
        api = self.server.api
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        identity = self._identity()
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.asked = Received(self.command, unquote(parts.path), query, headers, identity or ANONYMOUS, body)
        self.cut: int | None = None
        fault = api.fault_for(self.asked)
        if fault:
            time.sleep(fault.delay)
            if fault.status:
                self._send(fault.status, fault.body, headers=fault.headers)
                return
            self.cut = fault.cut
            if self.cut == 0:
                self.close_connection = True
                raise _Cut
        if identity is None:
            self._fail(401, "Unauthorized", "Unauthorized")
        elif self.asked.path in api.forbidden or not api.allow(self.asked):
            self._fail(403, "Forbidden", f'{self.asked.path} is forbidden: User "{identity.user}" cannot do that')
        else:
            self._route()

    def _identity(self) -> Identity | None:
        api = self.server.api
        authorization = self.headers.get("Authorization")
        certificate = self.request.getpeercert() if isinstance(self.request, ssl.SSLSocket) else None
        found: Identity | None
        if authorization:
            found = api.tokens.get(authorization.partition(" ")[2])
        elif certificate:
            subject = [pair[0] for pair in certificate["subject"]]
            groups = tuple(value for key, value in subject if key == "organizationName")
            found = Identity(next(value for key, value in subject if key == "commonName"), (*groups, "system:authenticated"))
        else:
            found = api.anonymous
        user = self.headers.get("Impersonate-User")
        if found is None or user is None:
            return found
        groups = tuple(self.headers.get_all("Impersonate-Group") or ())
        extra: dict[str, tuple[str, ...]] = {}
        for name, value in self.headers.items():
            if name.lower().startswith("impersonate-extra-"):
                key = unquote(name[len("impersonate-extra-") :]).lower()
                extra[key] = (*extra.get(key, ()), value)
        # As the server's impersonation filter: it adds what authentication would.
        if user != "system:anonymous" and "system:authenticated" not in groups:
            groups = (*groups, "system:authenticated")
        return Identity(user, groups, self.headers.get("Impersonate-Uid") or "", extra)

    def _route(self) -> None:
        path = self.asked.path.rstrip("/")
        parts = path.strip("/").split("/")
        if self.command == "POST":
            self._review(parts)
        elif path == "/version":
            self._send(200, VERSION)
        elif path in ("/api", "/apis"):
            self._discover(core=path == "/api")
        elif (parts[0] == "api" and len(parts) == 2) or (parts[0] == "apis" and len(parts) == 3):
            group, version = ("", parts[1]) if parts[0] == "api" else (parts[1], parts[2])
            found = resource_list(self.server.api.store.resources, group, version)
            self._send(200, found) if found else self._missing()
        elif parts[0] in ("api", "apis"):
            self._objects(parts[1:] if parts[0] == "apis" else ["", *parts[1:]])
        else:
            self._missing()

    def _discover(self, core: bool) -> None:
        api = self.server.api
        if api.aggregated and AGGREGATED in self.asked.headers.get("accept", ""):
            media = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            self._send(200, aggregated_discovery(api.store.resources, core), media=media)
        elif core:
            self._send(200, {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
        else:
            self._send(200, group_list(api.store.resources))

    def _objects(self, parts: list[str]) -> None:
        group, version, *rest = parts
        namespace = ""
        if len(rest) >= 3 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        resource = self.server.api.store.find(group, version, rest[0]) if rest else None
        if resource is None or len(rest) > 2:
            self._missing()
        elif len(rest) == 2:
            found = self.server.api.store.get(resource, namespace, rest[1])
            self._send(200, found) if found else self._missing()
        elif self.asked.query.get("watch") in ("1", "true"):
            self._watch(resource, namespace)
        else:
            self._list(resource, namespace)

    def _list(self, resource: ApiResource, namespace: str) -> None:
        api, query = self.server.api, self.asked.query
        continue_, limit = query.get("continue", ""), int(query.get("limit") or 0)
        zipped = "gzip" in self.asked.headers.get("accept-encoding", "")
        key = (resource.group, resource.resource, namespace, limit, continue_, zipped)
        answer = api.pages.get(key)
        if answer is None:
            page = api.store.page(resource, namespace, limit, continue_)
            if page is None:
                message = "The provided continue parameter is too old to display a consistent list result."
                self._send(410, status_object(410, "Expired", message, **{"continue": api.store.inconsistent(continue_)}))
                return
            # As the server: no compression of small answers.
            small = len(page.body) <= 128 * 1024
            answer = (page.body, "") if small or not zipped else (gzip.compress(page.body, 1), "gzip")
            if api.keep_pages:
                api.pages[key] = answer
        body, encoding = answer
        self._send(200, body, headers={"Content-Encoding": encoding} if encoding else {})

    def _watch(self, resource: ApiResource, namespace: str) -> None:
        api, query = self.server.api, self.asked.query
        version = int(query.get("resourceVersion") or 0)
        if version and version < api.store.oldest:
            gone = status_object(410, "Expired", f"too old resource version: {version} ({api.store.oldest})")
            if api.gone_as_status:
                self._send(410, gone)
                return
            self._start_stream()
            self._chunk(json.dumps({"type": "ERROR", "object": gone}).encode())
            self._chunk(b"")
            return
        self._start_stream()
        with api.store.changed:
            self.broken, self.bookmark_due, self.generation = False, False, api.generation
            version = version or api.store.version
            api.watches.append(self)
            api.store.changed.notify_all()
        try:
            self._follow(f"{resource.group}/{resource.resource}", resource, namespace, version)
        finally:
            with api.store.changed:
                api.watches.remove(self)

    def _follow(self, name: str, resource: ApiResource, namespace: str, version: int) -> None:
        api, store = self.server.api, self.server.api.store
        end = time.monotonic() + float(self.asked.query.get("timeoutSeconds") or 3600)
        generation = self.generation
        while True:
            with store.changed:
                while not (self.broken or self.bookmark_due or generation != api.generation or store.version > version):
                    if time.monotonic() >= end:
                        generation = -1
                        break
                    store.changed.wait(min(1.0, max(0.0, end - time.monotonic())))
                events = store.since(version)
                version = store.version
                bookmark, self.bookmark_due = self.bookmark_due, False
            if self.broken:
                raise _Cut
            lines = [one.line for one in events if one.resource == name and (not namespace or one.namespace == namespace)]
            if bookmark and self.asked.query.get("allowWatchBookmarks") == "true":
                head = {"kind": resource.kind, "apiVersion": api_version(resource), "metadata": {"resourceVersion": str(version)}}
                lines.append(json.dumps({"type": "BOOKMARK", "object": head}).encode())
            if lines:
                self._chunk(b"\n".join(lines))
            if generation != api.generation:
                self._chunk(b"")
                return

    def _start_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()

    def _chunk(self, data: bytes) -> None:
        """One piece of a stream, which is a line; an empty one ends it."""
        data = data + b"\n" if data else data
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _review(self, parts: list[str]) -> None:
        api, identity = self.server.api, self.asked.identity
        review = read_review(self.asked.body) if self.asked.body.startswith(MAGIC) else json.loads(self.asked.body)
        spec = review.get("spec") or {}
        kind = parts[-1]
        if parts[:2] == ["apis", "authentication.k8s.io"] and kind == "selfsubjectreviews":
            review["status"] = {"userInfo": identity.info()}
        elif parts[:2] != ["apis", "authorization.k8s.io"]:
            self._missing()
            return
        elif kind == "selfsubjectaccessreviews":
            extra = {key: list(values) for key, values in identity.extra.items()}
            who = {"user": identity.user, "groups": list(identity.groups), "uid": identity.uid, "extra": extra}
            review["status"] = api.decide({**{key: value for key, value in who.items() if value}, **spec})
        elif kind in ("subjectaccessreviews", "localsubjectaccessreviews"):
            review["status"] = api.decide(spec)
        elif kind == "selfsubjectrulesreviews":
            review["status"] = api.rules(identity, spec.get("namespace", ""))
        else:
            self._missing()
            return
        self._send(201, review)

    def _missing(self) -> None:
        self._fail(404, "NotFound", "the server could not find the requested resource")

    def _fail(self, code: int, reason: str, message: str) -> None:
        self._send(code, status_object(code, reason, message))

    def _send(self, code: int, body: bytes | Object, *, media: str = "application/json", headers: Mapping[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = headers or {}
        self.send_response(code)
        if "Content-Type" not in headers:
            self.send_header("Content-Type", media)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.cut is not None:
            self.wfile.write(data[: self.cut])
            self.close_connection = True
            raise _Cut
        self.wfile.write(data)
        self.wfile.flush()
