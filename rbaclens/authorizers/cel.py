"""CEL expressions over a SubjectAccessReview: compiled as strictly as the API server compiles them, evaluated as it does.

The only importer of the CEL engine (WH-16 to WH-20). Two environments share the work. The checking one knows ``request`` as a
message type, so that an unknown field or a wrong type is refused (WH-17). The running one is handed what was checked and sees
``request`` as a map, as the server does: only so an absent block is an error and not an empty message (WH-18).

Not modelled: the cost limits of WH-19, and literals of mixed types, which the server refuses.
"""

from __future__ import annotations

import functools
import re
import threading
from typing import Any

import msgspec

from rbaclens.authorizers.cel_library import FUNCTIONS, missing_function
from rbaclens.authorizers.review import review_spec
from rbaclens.model.decision import quote
from rbaclens.model.request import Request

NEEDS_EXTRA = "needs an optional package: pip install 'rbaclens[cel]'"
_SPEC_TYPE = "kubernetes.SubjectAccessReviewSpec"
_STRINGS_VERSION = 2
_OPTIONAL_VERSION = 2


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
    checking, running, _ = environments
    try:
        checked = checking.compile(expression)
    except RuntimeError as error:
        problem = _compiler_words(str(error))
        if missing := missing_function(problem):
            return Program(expression, doubt=f"{missing} is not supported by rbaclens")
        raise ExpressionError(f"compilation failed: {problem}") from None
    except TypeError:
        # The engine takes no half of a surrogate pair; no text that came from a file holds one.
        raise ExpressionError("compilation failed: the expression is not Unicode text") from None
    _check_literals(expression, running)
    kind = _type_words(checked.return_type().name())
    if kind != "bool":
        raise ExpressionError(f"must evaluate to bool but got {kind}")
    try:
        return Program(expression, running.deserialize(checked.serialize()))
    except RuntimeError as error:
        return Program(expression, doubt=f"not supported by rbaclens: {_runtime_words(str(error))}")


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
        return Outcome(None, doubt=f"{quote(program.expression)} is not supported by rbaclens: {_runtime_words(str(error))}")
    if kind == environments[2].Type.ERROR:
        words = _runtime_words(str(result))
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
            _prepared.activation = environments[1].Activation({"request": cel_request(request)})
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
def _environments() -> tuple[Any, Any, Any] | None:
    """The checking and the running environment and the engine's module; ``None`` when the engine is not installed."""
    try:
        from cel_expr_python import cel
        from cel_expr_python.ext import ext_optional, ext_strings

        pool = _descriptors()
    except ImportError:
        return None

    def environment(request_type: Any, functions: list[Any]) -> Any:
        extensions = [ext_optional.ExtOptional(_OPTIONAL_VERSION), ext_strings.ExtStrings(_STRINGS_VERSION)]
        return cel.NewEnv(pool, variables={"request": request_type}, extensions=extensions, functions=functions)

    kinds = {"dyn": cel.Type.DYN, "bool": cel.Type.BOOL, "string": cel.Type.STRING, "bytes": cel.Type.BYTES}
    kinds |= {"int": cel.Type.INT, "uint": cel.Type.UINT, "double": cel.Type.DOUBLE}

    def declare(function: Any, elements: tuple[str, ...], run: Any = None) -> Any:
        overloads = []
        for element in elements:
            result = kinds["bool" if function.result == "bool" else element]
            arguments = [cel.Type.List(kinds[element])] * function.lists
            overloads.append(cel.Overload(f"{function.name}_{element}", result, arguments, function.member, **run or {}))
        return cel.FunctionDecl(function.name, overloads)

    # The engine tells functions apart by their arguments' kinds only, and every list is of one kind: the running environment
    # has each function once, for any list, while the checking one has it type by type.
    checking = environment(cel.Type(_SPEC_TYPE), [declare(function, function.elements) for function in FUNCTIONS])
    running_functions = [declare(function, ("dyn",), {"impl": function.run}) for function in FUNCTIONS]
    return checking, environment(cel.Type.Map(cel.Type.STRING, cel.Type.DYN), running_functions), cel


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
        "extra": "*SubjectAccessReviewSpec.ExtraEntry",
    },
}


def _descriptors() -> Any:
    """The review's message types (WH-16). A protocol buffer has no map to lists: ``extra`` maps to lists of any values."""
    from google.protobuf import descriptor_pb2, descriptor_pool, struct_pb2

    shape = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="review.proto", package="kubernetes", syntax="proto2")
    file.dependency.append(struct_pb2.DESCRIPTOR.name)

    def add(message: Any, name: str, kind: str) -> None:
        field = message.field.add(name=name, number=len(message.field) + 1)
        field.label = shape.LABEL_REPEATED if kind == "strings" or kind.startswith("*") else shape.LABEL_OPTIONAL
        field.type = shape.TYPE_STRING if kind in ("string", "strings") else shape.TYPE_MESSAGE
        if field.type == shape.TYPE_MESSAGE:
            field.type_name = kind if kind.startswith(".") else ".kubernetes." + kind.removeprefix("*")

    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, kind in fields.items():
            add(message, field, kind)
    entry = file.message_type[-1].nested_type.add(name="ExtraEntry")
    entry.options.map_entry = True
    add(entry, "key", "string")
    add(entry, "value", ".google.protobuf.ListValue")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return pool


_STRING_LITERAL = r"""[rR]?(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_LITERAL_CALL = re.compile(rf"//[^\n]*|\b(matches|duration|timestamp)\s*\(\s*({_STRING_LITERAL})\s*\)|{_STRING_LITERAL}")
_PROBES = {"matches": "''.matches({})", "duration": "duration({}) == duration({})", "timestamp": "timestamp({}) == timestamp({})"}


def _check_literals(expression: str, environment: Any) -> None:
    """Refuse a literal that can never work, as the server's compiler does and the engine's does not."""
    for found in _LITERAL_CALL.finditer(expression):
        name, literal = found.group(1), found.group(2)
        if not name:
            continue
        value = environment.compile(_PROBES[name].replace("{}", literal)).eval()
        if value.type().name() == "ERROR":
            before = expression[: found.start(2)]
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            source = expression.split("\n")[line - 1]
            pointer = "." * (column - 1) + "^"
            raise ExpressionError(f"compilation failed: ERROR: <input>:{line}:{column}: invalid {name} argument\n | {source}\n | {pointer}")


def _compiler_words(text: str) -> str:
    text = re.sub(r"^[A-Z_]+: (.*?)(?: \[[A-Z_]+\])?$", r"\1", text, flags=re.DOTALL)
    return re.sub(r"(undefined field '[^']*') not found in struct '[^']*'", r"\1", text)


def _runtime_words(text: str) -> str:
    """The engine's message as the server's engine words it, where the words are known."""
    text = re.sub(r"^[A-Z_]+: ", "", text)
    if text.startswith("Key not found in map : "):
        key = text.removeprefix("Key not found in map : ")
        return "no such key: " + (re.sub(r"\\(.)", r"\1", key[1:-1]) if key[:1] in ("'", '"') else key)
    if text.startswith("No matching overloads found"):
        return "no such overload"
    if found := re.match(r"Index error: index=(-?\d+) ", text):
        return f"index out of bounds: {found[1]}"
    return text.replace("divide by zero", "division by zero")


def _type_words(name: str) -> str:
    """A type's name as the server prints it: ``LIST<STRING>`` is ``list(string)``."""
    lowered = re.sub(r"\b[A-Z]+\b", lambda word: word[0].lower(), name)
    return lowered.replace("<", "(").replace(">", ")")
