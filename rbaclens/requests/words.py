"""From the words of a question (``get pods/log web-0``) to the request that a real client would send."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from rbaclens.errors import UsageError
from rbaclens.model.request import Request
from rbaclens.requests.resources import Resolved, ResourceCatalogue
from rbaclens.requests.virtual import AUTHENTICATION

DEFAULT_NAMESPACE = "default"
GET_WITHOUT_NAME = "a real GET without a name is a list: this asks for get on any name"
_NAMELESS = {
    "create": "a real create by POST carries no name, so that rules with resourceNames never allow it",
    "list": "a real list carries a name only through the field selector metadata.name=NAME",
    "watch": "a real watch carries a name only through the field selector metadata.name=NAME",
    "deletecollection": "a real deletecollection never carries a name",
}


class Phrase(msgspec.Struct, frozen=True):
    """A request without its user, and what a person should know about how the words were read."""

    request: Request
    notes: tuple[str, ...] = ()


class Scope(NamedTuple):
    """The namespace that the words ask for (``None``: none was given) and whether they ask for all of them."""

    namespace: str | None = None
    all_namespaces: bool = False


def request_from_words(
    verb: str,
    target: str,
    name: str = "",
    *,
    namespace: str | None = None,
    all_namespaces: bool = False,
    subresource: str = "",
    catalogue: ResourceCatalogue,
    force: bool = False,
) -> Phrase:
    """The request that ``verb target [name]`` stands for, as ``kubectl auth can-i`` reads it (SSRR-09, SSRR-10).

    ``target`` is TYPE, TYPE/NAME, TYPE/SUBRESOURCE or, beginning with ``/``, a non-resource path. ``namespace`` is
    ``None`` when none was given. Where a real request would look different from the words, the request follows the
    real one or a note says so: never is anything changed silently. Raises UsageError and UnknownNameError.
    """
    scope = Scope(namespace, all_namespaces)
    if target.startswith("/"):
        if name or subresource:
            raise UsageError(f'the path "{target}" has neither a name nor a subresource', "write only the verb and the path")
        return _path_phrase(verb, target, scope, catalogue, force)
    if verb == "request-serviceaccounts-token-audience":
        # ESC-50: the audience itself stands where a resource stands
        resolved, inline = Resolved("", "v1", target, namespaced=True, how="audience"), ""
    else:
        resolved, inline = catalogue.resolve_target(target, subresource=subresource, force=force)
    if inline and name:
        raise UsageError(f'the name is given twice: "{target}" and "{name}"', f"write {target.partition('/')[0]} {name}")
    resolved, notes = _impersonation_group(verb, target, resolved)
    name = name or inline
    notes += catalogue.check_verb(verb, resolved, force=force)
    notes += _name_notes(verb, resolved, name)
    where, scope_notes = _namespace(verb, resolved, name, scope)
    request = Request(
        verb=verb,
        resource=resolved.resource,
        api_group=resolved.group,
        version=resolved.version,
        subresource=resolved.subresource,
        namespace=where,
        name=name,
    )
    return Phrase(request, notes + scope_notes)


def _path_phrase(verb: str, target: str, scope: Scope, catalogue: ResourceCatalogue, force: bool) -> Phrase:
    notes = catalogue.check_verb(verb, None, force=force)
    path, question, _ = target.partition("?")
    if question:
        notes += ("authorizers never see the query string: it was dropped",)
    if scope.namespace is not None:
        notes += (f'a non-resource path has no namespace: "{scope.namespace}" was dropped',)
    parts = path.strip("/").split("/")
    if (parts[0] == "api" and len(parts) >= 3) or (parts[0] == "apis" and len(parts) >= 4):
        notes += (f"the API server reads {path} as a resource request (RI-07, RI-08), so that rules for paths never count for it",)
    return Phrase(Request(verb=verb, path=path), notes)


def _impersonation_group(verb: str, target: str, resolved: Resolved) -> tuple[Resolved, tuple[str, ...]]:
    """The constrained impersonation verbs are asked in another API group than ``impersonate`` (ESC-47c)."""
    fields = ("users", "groups", "serviceaccounts", "nodes")
    if not verb.startswith("impersonate:") or resolved.group or "." in target.partition("/")[0] or resolved.resource not in fields:
        return resolved, ()
    moved = msgspec.structs.replace(resolved, group=AUTHENTICATION, version="v1")
    return moved, (f"{verb} is asked in the API group {AUTHENTICATION}",)


def _name_notes(verb: str, resolved: Resolved, name: str) -> tuple[str, ...]:
    if name:
        # POST pods/NAME/exec, serviceaccounts/NAME/token: create on a subresource does carry the name (RI-14)
        return () if verb not in _NAMELESS or (verb == "create" and resolved.subresource) else (_NAMELESS[verb],)
    if verb == "get" and resolved.resource != "*":
        return (GET_WITHOUT_NAME,)
    return ()


def _namespace(verb: str, resolved: Resolved, name: str, scope: Scope) -> tuple[str, tuple[str, ...]]:
    given = scope.namespace
    if (resolved.group, resolved.resource) == ("", "namespaces") and name and verb not in _NAMELESS:
        # RI-20: a request on one namespace stands inside it, so that the RoleBindings there count
        return name, (f"a request on the namespace {name} carries it as its namespace too: RoleBindings in {name} count",)
    if resolved.namespaced is False:
        if not given:
            return "", ()
        return "", (f'{resolved} is cluster-scoped: a real request has no namespace, "{given}" was dropped',)
    if scope.all_namespaces:
        return "", (f'all namespaces were asked for: "{given}" was dropped',) if given else ()
    if given is not None:
        return given, ()
    if resolved.namespaced is None:
        why = (
            f"whether {resolved} is namespaced is not known: asked in the namespace {DEFAULT_NAMESPACE}, as kubectl does (-A: cluster-wide)"
        )
        return DEFAULT_NAMESPACE, (why,)
    return DEFAULT_NAMESPACE, (f"no namespace was given: asked in {DEFAULT_NAMESPACE}, as kubectl does",)
