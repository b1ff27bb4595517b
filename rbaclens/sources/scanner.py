"""A small scanner over JSON text: finds where values stand. Offsets count bytes."""

from __future__ import annotations

import re

import msgspec

from rbaclens.model.location import Step

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.S)
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.S)
_KEY = re.compile(rb'[ \t\r\n,]*"(?:[^"\\]++|\\.)*+"[ \t\r\n]*:[ \t\r\n]*')
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_SCALAR = re.compile(rb"[^\[\]{},:\"\s]*")

_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


def skip_space(data: bytes, position: int) -> int:
    """The next offset that is not white space."""
    match = _SPACE.match(data, position)
    return match.end() if match else position


def value_end(data: bytes, position: int) -> int:
    """The offset behind the value that starts at ``position``, or some offset behind that if there is no whole value."""
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


def child(text: bytes, step: Step) -> tuple[int, bytes] | None:
    """Offset and text of a member or element of the value ``text``; ``None`` where there is no such."""
    try:
        if isinstance(step, str):
            return _member(text, step)
        offsets = elements(text)
        return offsets[step] if step < len(offsets) else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _member(text: bytes, key: str) -> tuple[int, bytes] | None:
    position = 1
    for name, raw in _decode_members(text).items():
        match = _KEY.match(text, position)
        value = bytes(raw)
        # A key that stands twice comes once from the decoder, and what follows is then out of step.
        if match is None or not text.startswith(value, match.end()):
            return None
        if name == key:
            return match.end(), value
        position = match.end() + len(value)
    return None


def elements(text: bytes) -> list[tuple[int, bytes]]:
    """Offsets and texts of all elements of the array ``text``. The decoder knows their lengths, so that even a large list is
    walked through quickly. Raises ``msgspec.DecodeError`` for what is no array."""
    found = []
    position = 1
    for raw in _decode_elements(text):
        value = bytes(raw)
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]
        found.append((position, value))
        position += len(value)
    return found
