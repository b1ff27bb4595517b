"""A small scanner over JSON text that is known to be well formed: finds where values stand, decodes nothing.

Every function takes and gives byte offsets; on text that is not well formed they give some offset within it, never an error.
"""

from __future__ import annotations

import re

import msgspec

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.S)
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.S)
_SCALAR = re.compile(rb"[^\[\]{},:\"\s]*")


def skip_space(data: bytes, position: int) -> int:
    """The next offset that is not white space."""
    match = _SPACE.match(data, position)
    return match.end() if match else position


def value_end(data: bytes, position: int) -> int:
    """The offset behind the value that starts at ``position``; behind at least one byte."""
    first = data[position : position + 1]
    if first not in (b"{", b"["):
        match = (_STRING if first == b'"' else _SCALAR).match(data, position)
        return max(match.end() if match else 0, position + 1)
    depth = 0
    for token in _STRUCTURE.finditer(data, position):
        if token[0] in (b"{", b"["):
            depth += 1
        elif token[0] in (b"}", b"]"):
            depth -= 1
            if not depth:
                return token.end()
    return len(data)


def member(data: bytes, position: int, key: str) -> int | None:
    """The offset of the value of ``key`` in the object at ``position``: the last one where a key stands twice."""
    if data[position : position + 1] != b"{":
        return None
    found = None
    position = skip_space(data, position + 1)
    while data[position : position + 1] == b'"':
        end = value_end(data, position)
        name = _text(data[position:end])
        position = skip_space(data, skip_space(data, end) + 1)
        if name == key:
            found = position
            # What follows the items of a large list is not worth walking through them.
            if key == "items":
                break
        position = _behind_comma(data, value_end(data, position))
    return found


def element(data: bytes, position: int, index: int) -> int | None:
    """The offset of element number ``index`` of the array at ``position``."""
    if data[position : position + 1] != b"[":
        return None
    position = skip_space(data, position + 1)
    while data[position : position + 1] not in (b"]", b""):
        if not index:
            return position
        index -= 1
        position = _behind_comma(data, value_end(data, position))
    return None


def elements(data: bytes, position: int, raws: list[msgspec.Raw]) -> list[int]:
    """The offsets of all elements of the array at ``position``, of which the undecoded values are known."""
    offsets = []
    position = skip_space(data, position + 1)
    for raw in raws:
        offsets.append(position)
        position = _behind_comma(data, position + len(memoryview(raw)))
    return offsets


def _behind_comma(data: bytes, position: int) -> int:
    position = skip_space(data, position)
    return skip_space(data, position + 1) if data[position : position + 1] == b"," else position


def _text(literal: bytes) -> str:
    if b"\\" not in literal:
        return literal[1:-1].decode("utf-8", "replace")
    try:
        return msgspec.json.decode(literal, type=str)
    except msgspec.DecodeError:
        return ""
