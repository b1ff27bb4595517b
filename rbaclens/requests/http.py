"""An HTTP request as the API server resolves it into what its authorizers see (RI-01 to RI-38)."""

from __future__ import annotations

import re

import msgspec

from rbaclens.errors import RequestError
from rbaclens.model.decision import quote
from rbaclens.model.request import Extra, FieldRequirement, Request
from rbaclens.requests import query
from rbaclens.requests.selector_syntax import is_int64
from rbaclens.requests.selectors import SelectorError, parse_field_selector, parse_label_selector, requirements_or_none

_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_SPECIAL_VERBS = frozenset(["proxy", "watch"])
_NAMESPACE_SUBRESOURCES = frozenset(["status", "finalize"])
_VERBS_WITH_SELECTORS = frozenset(["list", "watch", "deletecollection"])

_METHOD = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_VERSION = re.compile(r"HTTP/\d+(\.\d+)?")
_ABSOLUTE = re.compile(rb"[A-Za-z][-+.A-Za-z0-9]*://[^/?#]*([^#]*)(?:#.*)?", re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class HttpAttributes(msgspec.Struct, frozen=True):
    """A resolved HTTP request, and its selectors as they stood in the query (RI-29; empty where they do not count)."""

    request: Request
    field_selector: str = ""
    label_selector: str = ""


class _Resolved(msgspec.Struct):
    """A resource request while its parts are found; ``special`` when the verb came from the path (RI-10)."""

    verb: str
    group: str
    version: str
    namespace: str = ""
    resource: str = ""
    name: str = ""
    subresource: str = ""
    special: bool = False


def parse_http_line(line: str) -> tuple[str, str]:
    """Method and target of a line such as ``GET /api/v1/pods?watch=true``, with or without ``HTTP/1.1`` at its end.

    The method stays as written: methods are compared exactly (RI-12).
    """
    words = line.split()
    if len(words) == 3 and _VERSION.fullmatch(words[2]):
        words.pop()
    if len(words) != 2:
        raise RequestError(
            f"not a request line: {line.strip()!r}", "write a method and a path, such as: GET /api/v1/pods (a space in it as %20)"
        )
    return words[0], words[1]


def request_from_http(
    method: str, target: str, *, user: str = "", groups: tuple[str, ...] = (), uid: str = "", extra: Extra | None = None
) -> Request:
    """The request that authorizers see for ``method`` and ``target``; raises as ``attributes_from_http``."""
    resolved = attributes_from_http(method, target).request
    return msgspec.structs.replace(resolved, user=user, groups=groups, uid=uid, extra=extra or {})


def attributes_from_http(method: str, target: str) -> HttpAttributes:
    """What the API server makes of ``method`` and ``target`` (a path with query, or a whole URL); nobody's yet.

    ``RequestError`` where the server answers before anybody is asked: 500 for a deprecated verb with nothing behind it
    (RI-11), 400 for what its HTTP layer cannot read.
    """
    raw_path, mark, raw_query = _request_target(method, target).partition(b"?")
    bad = query.bad_escape(raw_path)
    if bad is not None:
        raise _bad_request(f"invalid URL escape {quote(query.as_text(bad))}", "write a percent sign in a path as %25")
    path = query.as_text(query.unescape(raw_path))
    parts = _split_path(path)
    if parts is None:
        return HttpAttributes(Request(method.lower(), path=path))  # RI-02, RI-13
    group, version, rest = parts
    if len(rest) == 1 and rest[0] in _SPECIAL_VERBS:
        url = query.as_text(query.path_as_printed(raw_path) + mark + raw_query)
        raise RequestError(f"unable to determine kind and namespace from url, {url}")
    resolved = _resolve(_Resolved(_VERBS.get(method, ""), group, version), rest)  # RI-12
    values = query.first_values(raw_query)
    if not resolved.name and resolved.verb == "get":
        _read_list_options(resolved, values)
    if not resolved.name and resolved.verb == "delete":
        resolved.verb = "deletecollection"  # RI-28
    return _with_selectors(resolved, values)


def _bad_request(what: str, help: str = "") -> RequestError:
    return RequestError(f"400 Bad Request: {what}", help)


def _request_target(method: str, target: str) -> bytes:
    """The path and query that a client sends for ``target``, refused where Go's HTTP server refuses it."""
    if not _METHOD.fullmatch(method):
        raise _bad_request(f"invalid method {quote(method)}")
    try:
        raw = target.encode()
    except UnicodeEncodeError:
        raise _bad_request("the path is not text", "write bytes that are not UTF-8 as percent-escapes") from None
    if _CONTROL.search(raw):
        raise _bad_request("net/url: invalid control character in URL")
    if b" " in raw:
        raise _bad_request("a space in the path", "write a space as %20")
    if method == "OPTIONS" and target == "*":
        raise RequestError("the HTTP server answers OPTIONS * itself: nobody is authorized for it")
    if absolute := _ABSOLUTE.fullmatch(raw):
        return absolute[1] if absolute[1].startswith(b"/") else b"/" + absolute[1]
    if method == "CONNECT" and raw[:1] not in (b"/", b""):
        return raw[raw.find(b"/") :] if b"/" in raw else b""  # host:port and no path
    if raw[:1] not in (b"/", b"") and raw != b"*":
        raise _bad_request("invalid URI for request", "start the path with /")
    return raw


def _split_path(path: str) -> tuple[str, str, list[str]] | None:
    """Group, version and the parts of the resource path; ``None`` for a non-resource request (RI-04 to RI-09)."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) >= 3:
        return "", parts[1], parts[2:]
    if parts[0] == "apis" and len(parts) >= 4:
        return parts[1], parts[2], parts[3:]
    return None


def _resolve(resolved: _Resolved, parts: list[str]) -> _Resolved:
    """Fill in what the parts of the resource path say (RI-10, RI-16 to RI-21)."""
    if parts[0] in _SPECIAL_VERBS:
        resolved.verb, resolved.special, parts = parts[0], True, parts[1:]
    if parts[0] == "namespaces" and len(parts) > 1:
        resolved.namespace = parts[1]
        if len(parts) > 2 and parts[2] not in _NAMESPACE_SUBRESOURCES:
            parts = parts[2:]  # RI-17: a namespaced resource
    resolved.resource = parts[0]
    if len(parts) > 1:
        resolved.name = parts[1]
    if len(parts) > 2 and resolved.verb != "proxy":  # RI-19, RI-32
        resolved.subresource = parts[2]
    return resolved


def _read_list_options(resolved: _Resolved, values: dict[str, str]) -> None:
    """Verb and name of a GET without a name, from the query (RI-22 to RI-27)."""
    watch = "watch" in values and values["watch"].lower() not in ("0", "false")
    resolved.verb = "watch" if watch else "list"
    if not all(is_int64(values[key]) for key in ("limit", "timeoutSeconds") if key in values):
        return
    try:
        fields = parse_field_selector(values.get("fieldSelector", ""))
        parse_label_selector(values.get("labelSelector", ""))
    except SelectorError:
        return
    resolved.name = _exact_name(fields)


def _exact_name(fields: tuple[FieldRequirement, ...]) -> str:
    """The object name that a field selector asks for: its first exact term's value, where a path could hold it (RI-24, RI-25)."""
    name = next((field.value for field in fields if field.key == "metadata.name" and field.operator == "="), "")
    return "" if name in (".", "..") or "/" in name or "%" in name else name


def _with_selectors(resolved: _Resolved, values: dict[str, str]) -> HttpAttributes:
    """The finished request, with the selectors that its verb takes (RI-29, ATTR-03)."""
    field_selector = label_selector = ""
    if resolved.verb in _VERBS_WITH_SELECTORS and not resolved.special:
        field_selector, label_selector = values.get("fieldSelector", ""), values.get("labelSelector", "")
    request = Request(
        resolved.verb,
        resolved.resource,
        resolved.group,
        resolved.subresource,
        resolved.namespace,
        resolved.name,
        version=resolved.version,
        field_selector=requirements_or_none(parse_field_selector, field_selector),
        label_selector=requirements_or_none(parse_label_selector, label_selector),
    )
    return HttpAttributes(request, field_selector, label_selector)
