"""A test server that speaks enough of the Kubernetes API over real HTTP and TLS.

::

    with ApiServer(objects, tokens={"t0k": Identity("bob", ("devs",))}) as server:
        kubeconfig = server.kubeconfig(tmp_path, token="t0k")

Knobs, all of which may be turned while it runs:

- ``server.publish("ADDED" | "MODIFIED" | "DELETED", object)``: a change, seen by lists and watches; ``server.bookmark()`` sends
  one to every watch that wants them; ``server.end_watches()`` ends them properly, ``server.break_watches()`` cuts them;
  ``server.compact()`` forgets all history: watches from before get an ERROR event 410 (``gone_as_status``: HTTP 410).
- ``server.expire_pages()``: the continue tokens given so far get 410, with a token to go on inconsistently.
- ``server.faults.append(Fault(...))``: the next matching requests are answered by the fault instead (429 with Retry-After, 5xx,
  HTML, slow, cut in the middle). ``server.forbid(PATH, ...)``: 403 for these paths as long as it runs.
- ``allow``: a function from a ``Received`` to whether it is authorized (403 otherwise); ``decide``: from the spec of a
  SubjectAccessReview (user, groups, uid, extra, resourceAttributes or nonResourceAttributes) to its status; ``rules``: from
  an Identity and a namespace to the status of a SelfSubjectRulesReview. ``recorded(folder)`` makes a ``decide`` of a recording,
  ``stored_objects(folder)`` gives its objects.
- ``server.received``: every request, in order.

Bearer tokens and client certificates (``server.authority.client``) say who asks; others are ``anonymous`` (``None``: 401).
Impersonation headers are obeyed. ``aggregated=False`` serves the classic discovery only;
``keep_pages`` has each page ready when it is asked for a second time, for measurements.
"""

import base64
import contextlib
import json
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from apiserver_handler import Handler, Server
from apiserver_store import Object, Store
from apiserver_tls import Authority, server_context, shared_authority, shared_server
from apiserver_types import ADMIN, ANONYMOUS, Fault, Identity, Received, status_object

from rbaclens.facts import bootstrap_bytes

__all__ = ["ADMIN", "ANONYMOUS", "ApiServer", "Authority", "Fault", "Identity", "Received", "recorded", "status_object", "stored_objects"]


def recorded(folder: Path) -> Callable[[Object], Object]:
    """A ``decide`` that answers from a recording: its requests.jsonl and expected.jsonl, by what is asked."""
    known: dict[str, Object] = {}
    with (folder / "requests.jsonl").open() as requests, (folder / "expected.jsonl").open() as expected:
        for request, status in zip(requests, expected, strict=True):
            known[_canonical(json.loads(request)["spec"])] = json.loads(status)

    def decide(spec: Object) -> Object:
        return known.get(_canonical(spec), {"allowed": False, "evaluationError": "this question was not recorded"})

    return decide


def stored_objects(folder: Path) -> list[Object]:
    """The objects of a recording as the server stored them: on top of the bootstrap policy, aggregated roles filled in."""

    def read(name: str) -> list[Object]:
        file = folder / name
        content = json.loads(file.read_text()) if file.exists() else []
        return content["items"] if isinstance(content, dict) else content

    found: dict[tuple[str, str, str], Object] = {}
    for one in (*json.loads(bootstrap_bytes())["items"], *read("objects.json"), *read("aggregated.json")):
        meta = one["metadata"]
        found[one["kind"], meta.get("namespace", ""), meta["name"]] = one
    return list(found.values())


def _canonical(spec: Any) -> str:
    """A text that is equal for specs that ask the same: empty fields say nothing, groups are a set."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: clean(one) for key, one in value.items() if one not in ("", None, [], {})}
        return value

    cleaned = clean(spec)
    if "groups" in cleaned:
        cleaned["groups"] = sorted(set(cleaned["groups"]))
    return json.dumps(cleaned, sort_keys=True)


class ApiServer:
    """See the module's docstring."""

    def __init__(
        self,
        objects: Iterable[Object] = (),
        *,
        tls: bool = True,
        tokens: Mapping[str, Identity] | None = None,
        anonymous: Identity | None = None,
        allow: Callable[[Received], bool] | None = None,
        decide: Callable[[Object], Object] | None = None,
        rules: Callable[[Identity, str], Object] | None = None,
        aggregated: bool = True,
        authority: Authority | None = None,
        certificate: str = "",
        address: str = "127.0.0.1",
        keep_pages: bool = False,
    ) -> None:
        self.store = Store(objects)
        self.tokens: dict[str, Identity] = dict(tokens if tokens is not None else {"admin-token": ADMIN})
        self.anonymous = anonymous if tls else anonymous or ADMIN
        self.allow = allow or (lambda _: True)
        self.decide = decide or (lambda _: {"allowed": False})
        self.rules = rules or (lambda *_: {"resourceRules": [], "nonResourceRules": [], "incomplete": False})
        self.aggregated = aggregated
        self.authority = authority or shared_authority()
        self.faults: list[Fault] = []
        self.forbidden: set[str] = set()
        self.received: list[Received] = []
        self.gone_as_status = False
        self.watches: list[Handler] = []
        self.generation = 0
        self.keep_pages = keep_pages
        self.pages: dict[tuple[object, ...], tuple[bytes, str]] = {}
        self._lock = threading.Lock()
        self._stack = contextlib.ExitStack()
        self.context: ssl.SSLContext | None = None
        if tls:
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
            self.context = server_context(self.authority, certificate or shared_server(), folder)
        self._server = Server((address, 0), self)
        self.url = f"{'https' if tls else 'http'}://{address}:{self._server.server_address[1]}"

    def __enter__(self) -> "ApiServer":
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.break_watches()
        self._server.shutdown()
        self._thread.join()
        self._server.close_all()
        self._stack.close()

    def publish(self, event: str, one: Object) -> int:
        """A change of an object; the resourceVersion that it made."""
        self.pages.clear()
        return self.store.put(event, one)

    def bookmark(self) -> None:
        """A BOOKMARK to every watch that asked for them."""
        with self.store.changed:
            for watch in self.watches:
                watch.bookmark_due = True
            self.store.changed.notify_all()

    def compact(self) -> None:
        """Forget all history: watches from an older resourceVersion get 410."""
        with self.store.changed:
            self.store.events.clear()
            self.store.oldest = self.store.version

    def end_watches(self) -> None:
        """End every watch as the server's time limit does."""
        with self.store.changed:
            self.generation += 1
            self.store.changed.notify_all()

    def break_watches(self) -> None:
        """Cut every watch's connection in the middle."""
        with self.store.changed:
            for watch in self.watches:
                watch.broken = True
            self.store.changed.notify_all()

    def wait_for_watches(self, number: int, timeout: float = 10.0) -> None:
        """Return when ``number`` watches are open."""
        with self.store.changed:
            assert self.store.changed.wait_for(lambda: len(self.watches) >= number, timeout), "the watches were not opened"

    def expire_pages(self) -> None:
        """The continue tokens given so far get 410."""
        self.pages.clear()
        self.store.forget_pages()

    def forbid(self, *paths: str) -> None:
        """403 for exactly these paths."""
        self.forbidden.update(paths)

    def targets(self, skip: str = "") -> list[str]:
        """Method and path of every request, without those that contain ``skip``."""
        return [one.target for one in self.received if not skip or skip not in one.path]

    def fault_for(self, request: Received) -> Fault | None:
        """The fault to answer ``request`` with, used up by one."""
        with self._lock:
            self.received.append(request)
            for fault in self.faults:
                if fault.times > 0 and request.path.startswith(fault.path) and fault.when(request):
                    fault.times -= 1
                    return fault
        return None

    def kubeconfig(
        self,
        folder: Path,
        *,
        token: str = "admin-token",  # noqa: S107
        context: str = "test",
        namespace: str = "",
        cluster: Object | None = None,
        user: Object | None = None,
        name: str = "config",
    ) -> Path:
        """Write a kubeconfig with one context; ``cluster`` and ``user`` add to (``None`` values: take from) what is right."""
        right: Object = {"server": self.url}
        if self.context:
            right["certificate-authority-data"] = base64.b64encode(self.authority.pem.encode()).decode()
        cluster = {key: value for key, value in {**right, **(cluster or {})}.items() if value is not None}
        user = {key: value for key, value in {"token": token, **(user or {})}.items() if value is not None}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "contexts": [
                {"name": context, "context": {"cluster": context, "user": context, **({"namespace": namespace} if namespace else {})}}
            ],
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": user}],
        }
        path = folder / name
        path.write_text(json.dumps(content))
        return path
