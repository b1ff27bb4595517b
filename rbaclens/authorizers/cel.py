"""CEL expressions over a SubjectAccessReview: compiled as strictly as the API server compiles them, evaluated as it does.

WH-16 to WH-20. Two environments share the work. The checking one knows ``request`` as a
message type, so that an unknown field or a wrong type is refused (WH-17). The running one is handed what was checked and sees
``request`` as a map, as the server does: only so an absent block is an error and not an empty message (WH-18).

Not modelled: the cost limits of WH-19, and literals of mixed types, which the server refuses.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

import msgspec

from rbaclens.authorizers.cel_engine import (
    Environments,
    LiteralError,
    check_literals,
    compiler_words,
    message_types,
    runtime_words,
    type_words,
)
from rbaclens.authorizers.cel_library import missing_function
from rbaclens.authorizers.review import review_spec
from rbaclens.model.decision import quote
from rbaclens.model.request import Request

NEEDS_EXTRA = "needs an optional package: pip install 'rbaclens[cel]'"


class ExpressionError(Exception):
    """An expression that the API server would not load; the text is the server's."""


class Program(msgspec.Struct, frozen=True):
    """A compiled expression. Without ``executable`` it cannot be evaluated, and ``doubt`` says why."""

    expression: str
    executable: Any = None
    doubt: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What an expression came to: ``value``, or (``None``) the server's ``error``, or what rbaclens cannot do (``doubt``)."""

    value: bool | None
    error: str = ""
    doubt: str = ""


@functools.lru_cache(maxsize=1024)
def compile_expression(expression: str) -> Program:
    """``expression`` ready to be evaluated. Raises :class:`ExpressionError` with the server's words (WH-17)."""
    environments = _environments()
    if environments is None:
        return Program(expression, doubt=NEEDS_EXTRA)
    checking, running = environments.checking, environments.running
    try:
        checked = checking.compile(expression)
    except RuntimeError as error:
        problem = compiler_words(str(error))
        if missing := missing_function(problem):
            return Program(expression, doubt=f"{missing} is not supported by rbaclens")
        raise ExpressionError(f"compilation failed: {problem}") from None
    except TypeError:
        # The engine takes no half of a surrogate pair; no text that came from a file holds one.
        raise ExpressionError("compilation failed: the expression is not Unicode text") from None
    try:
        check_literals(expression, running)
    except LiteralError as error:
        raise ExpressionError(f"compilation failed: {error}") from None
    kind = type_words(checked.return_type().name())
    if kind != "bool":
        raise ExpressionError(f"must evaluate to bool but got {kind}")
    try:
        return Program(expression, running.deserialize(checked.serialize()))
    except RuntimeError as error:
        return Program(expression, doubt=f"not supported by rbaclens: {runtime_words(str(error))}")


def evaluate(program: Program, request: Request) -> Outcome:
    """The value of ``program`` for ``request``."""
    environments = _environments()
    if program.executable is None or environments is None:
        return Outcome(None, doubt=f"{quote(program.expression)} {program.doubt}")
    try:
        value = program.executable.eval(_activation(request))
        kind, result = value.type(), value.value()
    except (RuntimeError, ValueError) as error:
        # The engine itself gave up, which no expression's own error does.
        return Outcome(None, doubt=f"{quote(program.expression)} is not supported by rbaclens: {runtime_words(str(error))}")
    if kind == environments.error:
        words = runtime_words(str(result))
        return Outcome(None, f"cel evaluation error: expression '{program.expression}' resulted in error: {words}")
    return Outcome(bool(result))


class _Prepared(threading.local):
    """The last request of this thread in the engine's form: one conversion serves all expressions of a chain."""

    request: Request | None = None
    activation: Any = None


_prepared = _Prepared()


def _activation(request: Request) -> Any:
    if _prepared.request is not request:
        environments = _environments()
        if environments is not None:
            _prepared.activation = environments.running.Activation({"request": cel_request(request)})
            _prepared.request = request
    return _prepared.activation


def cel_request(request: Request) -> dict[str, Any]:
    """The variable ``request``: a v1 spec in which every string, list and map field stands, empty or not (WH-16)."""
    spec = review_spec(request)
    shown: dict[str, Any] = {"user": "", "groups": [], "uid": "", "extra": {}, **spec}
    if request.is_resource:
        attributes = dict.fromkeys(("namespace", "verb", "group", "version", "resource", "subresource", "name"), "")
        shown["resourceAttributes"] = {**attributes, **spec["resourceAttributes"]}
        for selector in ("fieldSelector", "labelSelector"):
            for requirement in spec["resourceAttributes"].get(selector, {}).get("requirements", ()):
                requirement.setdefault("values", [])
    else:
        shown["nonResourceAttributes"] = {"path": "", "verb": "", **spec["nonResourceAttributes"]}
    return shown


@functools.lru_cache(maxsize=1)
def _environments() -> Environments | None:
    """The checking and the running environment; ``None`` when the engine is not installed."""
    # A protocol buffer has no map to lists: extra maps to lists of any values.
    types = message_types("kubernetes", _MESSAGES, "proto2")
    return None if types is None else types.environments({"request": "SubjectAccessReviewSpec"}, {"request": "anything by name"})


_MESSAGES: dict[str, dict[str, str]] = {
    "SelectorRequirement": {"key": "string", "operator": "string", "values": "strings"},
    "FieldSelectorAttributes": {"rawSelector": "string", "requirements": "*SelectorRequirement"},
    "LabelSelectorAttributes": {"rawSelector": "string", "requirements": "*SelectorRequirement"},
    "ResourceAttributes": {
        **dict.fromkeys(("namespace", "verb", "group", "version", "resource", "subresource", "name"), "string"),
        "fieldSelector": "FieldSelectorAttributes",
        "labelSelector": "LabelSelectorAttributes",
    },
    "NonResourceAttributes": {"path": "string", "verb": "string"},
    "SubjectAccessReviewSpec": {
        "resourceAttributes": "ResourceAttributes",
        "nonResourceAttributes": "NonResourceAttributes",
        "user": "string",
        "groups": "strings",
        "uid": "string",
        "extra": "map of .google.protobuf.ListValue",
    },
}
