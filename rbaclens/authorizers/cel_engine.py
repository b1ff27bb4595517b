"""The CEL engine, and the only importer of it: environments over message types, with Kubernetes' list functions."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from rbaclens.authorizers.cel_library import FUNCTIONS, LibraryFunction

_STRINGS_VERSION = 2
_OPTIONAL_VERSION = 2
_MAP = "map of "
Messages = dict[str, dict[str, str]]
"""Fields of each message by name. A kind is ``string``, ``strings``, ``bool``, ``int``, ``double``, ``map of KIND`` (keys are texts),
another message, or ``*`` and a message for a list of them."""


class LiteralError(Exception):
    """A literal that can never work, in the words of a compiler."""


class Environments(msgspec.Struct, frozen=True):
    """One language in two: ``checking`` compiles, ``running`` evaluates what was compiled. ``error`` is the type of a failed value."""

    checking: Any
    running: Any
    error: Any


class MessageTypes(msgspec.Struct, frozen=True):
    """Message types that expressions may be about."""

    package: str
    pool: Any

    def message(self, name: str) -> Any:
        """The class of a message."""
        from google.protobuf import message_factory

        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(f"{self.package}.{name}"))

    def environments(self, variables: dict[str, str], running: dict[str, str] | None = None) -> Environments:
        """The environments with these variables, by kind; ``running`` where a variable is handed over in another form."""
        from cel_expr_python import cel
        from cel_expr_python.ext import ext_optional, ext_strings

        kinds = {"dyn": cel.Type.DYN, "bool": cel.Type.BOOL, "string": cel.Type.STRING, "bytes": cel.Type.BYTES}
        kinds |= {"int": cel.Type.INT, "uint": cel.Type.UINT, "double": cel.Type.DOUBLE}
        kinds |= {"strings": cel.Type.List(cel.Type.STRING), "anything by name": cel.Type.Map(cel.Type.STRING, cel.Type.DYN)}

        def kind(name: str) -> Any:
            if name in kinds:
                return kinds[name]
            if name.startswith("*"):
                return cel.Type.List(kind(name[1:]))
            return cel.Type(f"{self.package}.{name}")

        def environment(names: dict[str, str], functions: list[Any]) -> Any:
            extensions = [ext_optional.ExtOptional(_OPTIONAL_VERSION), ext_strings.ExtStrings(_STRINGS_VERSION)]
            typed = {name: kind(one) for name, one in names.items()}
            return cel.NewEnv(self.pool, variables=typed, extensions=extensions, functions=functions)

        def declare(function: LibraryFunction, elements: tuple[str, ...], run: Any = None) -> Any:
            overloads = []
            for element in elements:
                result = kinds["bool" if function.result == "bool" else element]
                arguments = [cel.Type.List(kinds[element])] * function.lists
                overloads.append(cel.Overload(f"{function.name}_{element}", result, arguments, function.member, **run or {}))
            return cel.FunctionDecl(function.name, overloads)

        # The engine tells functions apart by their arguments' kinds only, and every list is of one kind: the running environment
        # has each function once, for any list, while the checking one has it type by type.
        checking = environment(variables, [declare(function, function.elements) for function in FUNCTIONS])
        running_functions = [declare(function, ("dyn",), {"impl": function.run}) for function in FUNCTIONS]
        return Environments(checking, environment(running or variables, running_functions), cel.Type.ERROR)


def message_types(package: str, messages: Messages, syntax: Literal["proto2", "proto3"]) -> MessageTypes | None:
    """The message types of a package; ``None`` when the engine is not installed.

    Whether ``has`` is true of a field that is there and empty depends on the syntax: of ``proto3`` it is not.
    """
    try:
        import cel_expr_python.cel  # noqa: F401
        from google.protobuf import descriptor_pb2, descriptor_pool, struct_pb2
    except ImportError:
        return None
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax=syntax)
    file.dependency.append(struct_pb2.DESCRIPTOR.name)
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, kind in fields.items():
            _add(message, field, kind, f".{package}.")
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(file.SerializeToString())
    return MessageTypes(package, pool)


def _add(message: Any, name: str, kind: str, prefix: str) -> None:
    """A field of a message that is being described."""
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Shape

    plain = {"string": Shape.TYPE_STRING, "strings": Shape.TYPE_STRING, "bool": Shape.TYPE_BOOL}
    plain |= {"int": Shape.TYPE_INT64, "double": Shape.TYPE_DOUBLE}
    field = message.field.add(name=name, number=len(message.field) + 1, json_name=name)
    field.label = Shape.LABEL_REPEATED if kind == "strings" or kind.startswith(("*", _MAP)) else Shape.LABEL_OPTIONAL
    field.type = plain.get(kind, Shape.TYPE_MESSAGE)
    if kind.startswith(_MAP):
        entry = message.nested_type.add(name=f"{name[0].upper()}{name[1:]}Entry")
        entry.options.map_entry = True
        _add(entry, "key", "string", prefix)
        _add(entry, "value", kind.removeprefix(_MAP), prefix)
        field.type_name = f"{prefix}{message.name}.{entry.name}"
    elif field.type == Shape.TYPE_MESSAGE:
        field.type_name = kind if kind.startswith(".") else prefix + kind.removeprefix("*")


_STRING_LITERAL = r"""[rR]?(?:'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_LITERAL_CALL = re.compile(rf"//[^\n]*|\b(matches|duration|timestamp)\s*\(\s*({_STRING_LITERAL})\s*\)|{_STRING_LITERAL}")
_PROBES = {"matches": "''.matches({})", "duration": "duration({}) == duration({})", "timestamp": "timestamp({}) == timestamp({})"}


def check_literals(expression: str, environment: Any) -> None:
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
            raise LiteralError(f"ERROR: <input>:{line}:{column}: invalid {name} argument\n | {source}\n | {pointer}")


def compiler_words(text: str) -> str:
    """The engine's message without its status codes."""
    text = re.sub(r"^[A-Z_]+: (.*?)(?: \[[A-Z_]+\])?$", r"\1", text, flags=re.DOTALL)
    return re.sub(r"(undefined field '[^']*') not found in struct '[^']*'", r"\1", text)


def runtime_words(text: str) -> str:
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


def type_words(name: str) -> str:
    """A type's name as the server prints it: ``LIST<STRING>`` is ``list(string)``."""
    lowered = re.sub(r"\b[A-Z]+\b", lambda word: word[0].lower(), name)
    return lowered.replace("<", "(").replace(">", ")")
