"""A small scanner over JSON text: finds where values stand. Offsets count bytes."""

from __future__ import annotations

import re

import msgspec

_SPACE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.S)
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.S)
_KEY = re.compile(rb'[ \t\r\n,]*"(?:[^"\\]++|\\.)*+"[ \t\r\n]*:[ \t\r\n]*')
_COLON = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")
_BETWEEN = b" \t\r\n,"
_SCALAR = re.compile(rb"[^\[\]{},:\"\s]*")

Span = tuple[int, int]
"""Offset and length of a value."""

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


def member(text: bytes, key: str) -> Span | None:
    """Where the value of ``key`` stands in the object ``text``; ``None`` where there is no such."""
    try:
        members = _decode_members(text)
        value = members[key]
    except (msgspec.DecodeError, RecursionError, KeyError):
        return None
    quoted = b'"%b"' % key.encode()
    # Without escapes a quoted word is a whole string, and one that stands once is the key.
    if b"\\" not in text and text.count(quoted) == 1:
        return _COLON.match(text, text.index(quoted) + len(quoted)).end(), len(value)  # type: ignore[union-attr]
    position = 1
    for name, raw in members.items():
        match = _KEY.match(text, position)
        # A key that stands twice comes once from the decoder, and what follows is then out of step.
        if match is None or not text.startswith(bytes(raw), match.end()):
            return None
        if name == key:
            return match.end(), len(raw)
        position = match.end() + len(raw)
    return None


def elements(text: bytes, start: int) -> list[Span]:
    """Where all elements of the array ``text`` stand, which starts at ``start``; none in what is no array. The decoder knows their
    lengths, so that even a large list is walked through quickly."""
    try:
        raws = _decode_elements(text)
    except (msgspec.DecodeError, RecursionError):
        return []
    found = []
    position = 1
    for raw in raws:
        while text[position] in _BETWEEN:
            position += 1
        length = len(raw)
        found.append((start + position, length))
        position += length
    return found
