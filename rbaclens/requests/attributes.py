"""Requests in the field names of the review API (WH-03 to WH-05), and the bulk form that resolves HTTP requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from rbaclens.errors import RequestError
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request
from rbaclens.requests.http import HttpAttributes, attributes_from_http
from rbaclens.requests.selectors import SelectorError, parse_field_selector, parse_label_selector

_FIELD_OPERATORS = {"=": "In", "==": "In", "!=": "NotIn"}
_LABEL_OPERATORS = {**_FIELD_OPERATORS, "in": "In", "notin": "NotIn", "exists": "Exists", "!": "DoesNotExist"}
_Requirements = tuple[FieldRequirement, ...] | tuple[LabelRequirement, ...]


class _HttpLine(msgspec.Struct):
    method: str
    path: str


_DECODER = msgspec.json.Decoder(_HttpLine)


def attributes_object(asked: HttpAttributes | Request | RequestError) -> dict[str, Any]:
    """``asked`` as ``{"resourceAttributes": …}``, ``{"nonResourceAttributes": …}`` or ``{"error": text}``; empty fields left out.

    Selectors come as requirements, in the order that authorizers see. A query's selector that requirements cannot say in
    full comes as the ``rawSelector`` that it was, which a review would read the same way.
    """
    if isinstance(asked, RequestError):
        return {"error": asked.message}
    http = asked if isinstance(asked, HttpAttributes) else HttpAttributes(asked)
    request = http.request
    if request.path is not None:
        return {"nonResourceAttributes": _without_empty({"path": request.path, "verb": request.verb})}
    return {
        "resourceAttributes": _without_empty(
            {
                "verb": request.verb,
                "namespace": request.namespace,
                "group": request.api_group,
                "version": request.version,
                "resource": request.resource,
                "subresource": request.subresource,
                "name": request.name,
                "fieldSelector": _selector(http.field_selector, request.field_selector, parse_field_selector),
                "labelSelector": _selector(http.label_selector, request.label_selector, parse_label_selector),
            }
        )
    }


def attributes_line(raw: bytes) -> bytes:
    """One line ``{"method": …, "path": …}`` answered by one line of ``attributes_object``.

    A request that the server refuses is an answer (``error``); ``RequestError`` means that the line itself cannot be read.
    """
    try:
        line = _DECODER.decode(raw)
    except (ValueError, RecursionError) as error:
        raise RequestError(f'not a line {{"method": …, "path": …}}: {error}') from None
    try:
        answer = attributes_object(attributes_from_http(line.method, line.path))
    except RequestError as error:
        answer = attributes_object(error)
    return msgspec.json.encode(answer)


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _selector(raw: str, requirements: _Requirements, parse: Callable[[str], _Requirements]) -> dict[str, Any]:
    """A selector as the review API writes it (WH-04): what has no operator there (``>``, ``<``) is left out of requirements."""
    terms = [term for requirement in requirements if (term := _term(requirement))]
    if raw and (len(terms) < len(requirements) or not _can_parse(parse, raw)):
        return {"rawSelector": raw}
    return {"requirements": terms} if terms else {}


def _can_parse(parse: Callable[[str], _Requirements], raw: str) -> bool:
    try:
        parse(raw)
    except SelectorError:
        return False
    return True


def _term(requirement: FieldRequirement | LabelRequirement) -> dict[str, Any] | None:
    values: tuple[str, ...]
    if isinstance(requirement, FieldRequirement):
        operator, values = _FIELD_OPERATORS.get(requirement.operator), (requirement.value,)
    else:
        operator, values = _LABEL_OPERATORS.get(requirement.operator), requirement.values
    if operator is None:
        return None
    term = {"key": requirement.key, "operator": operator}
    return term | {"values": list(values)} if values else term
