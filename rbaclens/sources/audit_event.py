"""One audit event of an API server as the request that its authorizers judged, with what they decided (ATTR-09)."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from rbaclens.errors import RequestError
from rbaclens.model.request import Request
from rbaclens.model.server_answer import ServerAnswer
from rbaclens.requests.http import attributes_from_http

DECISION = "authorization.k8s.io/decision"
REASON = "authorization.k8s.io/reason"
_METHODS = {
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETE",
    "get": "GET",
    "list": "GET",
    "watch": "GET",
    "proxy": "GET",
    "": "OPTIONS",
}
_REMEMBERED = 8192


class AuditUser(msgspec.Struct, gc=False):
    """``user`` or ``impersonatedUser``."""

    username: str = ""
    groups: tuple[str, ...] | None = None
    uid: str = ""
    extra: dict[str, tuple[str, ...]] | None = None


class ObjectRef(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """``objectRef``. For a create its name may come from the body, which the authorizers never saw."""

    resource: str = ""
    namespace: str = ""
    name: str = ""
    api_group: str = ""
    api_version: str = ""
    subresource: str = ""


class AuditEvent(msgspec.Struct, gc=False, rename="camel"):
    """The fields of an ``audit.k8s.io`` Event that matter here; all others are passed over."""

    api_version: str = ""
    audit_id: str = msgspec.field(name="auditID", default="")
    stage: str = ""
    verb: str = ""
    request_uri: str = msgspec.field(name="requestURI", default="")
    user: AuditUser | None = None
    impersonated_user: AuditUser | None = None
    object_ref: ObjectRef | None = None
    annotations: dict[str, str] | None = None
    request_received_timestamp: str = ""

    def answer(self) -> ServerAnswer | None:
        """The recorded decision; ``None`` for an event without one (ATTR-09: an internal error, a stage before it)."""
        notes = self.annotations
        decision = notes.get(DECISION) if notes else None
        if notes is None or decision is None:
            return None
        return ServerAnswer(decision == "allow", False, notes.get(REASON, ""))

    def request(self) -> Request:
        """The request as the authorizers saw it: by whoever was impersonated, where somebody was (ESC-46)."""
        who = self.impersonated_user or self.user or _NOBODY
        ref = self.object_ref
        if ref is not None and self.verb != "create" and "Selector=" not in self.request_uri:
            # Here the objectRef says all, and reading the URI would cost more than everything else.
            return Request(
                self.verb,
                ref.resource,
                ref.api_group,
                ref.subresource,
                ref.namespace,
                ref.name,
                None,
                who.username,
                who.groups or (),
                who.uid,
                who.extra or {},
                ref.api_version or "*",
            )
        what = _attributes(self.verb, self.request_uri, ref)
        return Request(
            what.verb,
            what.resource,
            what.api_group,
            what.subresource,
            what.namespace,
            what.name,
            what.path,
            who.username,
            who.groups or (),
            who.uid,
            who.extra or {},
            what.version,
            what.field_selector,
            what.label_selector,
        )


_NOBODY = AuditUser()


@lru_cache(_REMEMBERED)
def _attributes(verb: str, uri: str, ref: ObjectRef | None) -> Request:
    """What was asked, by nobody yet.

    The URI says exactly what the server resolved (selectors too, and no name that came from a body); the verb is the event's,
    because the HTTP method is not recorded. A URI that does not lead to the object (a prefix before ``/api``) leaves the
    objectRef.
    """
    try:
        parsed = attributes_from_http(_METHODS.get(verb, verb.upper()), uri).request if uri else None
    except RequestError:
        parsed = None
    if parsed is not None and (parsed.is_resource or ref is None):
        return parsed if parsed.verb == verb else msgspec.structs.replace(parsed, verb=verb)
    if ref is None:
        return Request(verb, path=uri.partition("?")[0])
    name = "" if verb == "create" and not ref.subresource else ref.name
    return Request(verb, ref.resource, ref.api_group, ref.subresource, ref.namespace, name, version=ref.api_version or "*")
