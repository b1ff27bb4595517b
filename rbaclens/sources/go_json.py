"""JSON as Go's decoder takes it, with repeated keys kept and Go's words for what is wrong."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class GoJsonError(Exception):
    """What Go's decoder would say; turned into an error of the file by whoever reads one."""


class Pairs(list[tuple[str, Any]]):
    """An object's members in order: Go assigns them one after another, so that a repeated key counts again."""


def parse(text: bytes) -> Any:
    """The value of a JSON text, objects as ``Pairs``. Bytes that are not UTF-8 become replacement characters. Raises ``GoJsonError``."""
    decoded = text.decode("utf-8", "replace")
    try:
        return _DECODER.decode(decoded)
    except json.JSONDecodeError as error:
        raise GoJsonError(f"couldn't get version/kind; json parse error: {_words(error, decoded)}") from None
    except RecursionError:
        raise GoJsonError("couldn't get version/kind; json parse error: exceeded max depth") from None
    except ValueError as error:
        # Python alone limits the digits of a number.
        raise GoJsonError(str(error)) from None


def pairs(value: Any) -> Any:
    """``value`` with every dict in it turned into ``Pairs``."""
    if isinstance(value, dict):
        return Pairs((key, pairs(item)) for key, item in value.items())
    if isinstance(value, list):
        return [pairs(item) for item in value]
    return value


def type_name(value: object) -> str:
    """What Go calls the type of a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Pairs) else "array"


def _no_constant(text: str) -> NoReturn:
    letter = text.removeprefix("-")[0]
    where = "in numeric literal" if text.startswith("-") else "looking for beginning of value"
    raise GoJsonError(f"couldn't get version/kind; json parse error: invalid character '{letter}' {where}")


_DECODER = json.JSONDecoder(object_pairs_hook=Pairs, parse_constant=_no_constant, parse_int=float)
_EXPECTATIONS = {
    "Expecting value": "looking for beginning of value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Extra data": "after top-level value",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
}


def _words(error: json.JSONDecodeError, text: str) -> str:
    expectation = _EXPECTATIONS.get(error.msg)
    position = error.pos
    if error.msg.startswith("Illegal trailing comma"):
        position += 1 + len(text[position + 1 :]) - len(text[position + 1 :].lstrip())
    if error.msg.startswith("Unterminated") or position >= len(text.rstrip()):
        return "unexpected end of JSON input"
    return f"invalid character '{text[position]}' {expectation}" if expectation else error.msg
