"""From the bytes of a file to its documents: encoding, and where each document starts and ends."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.sources.scanner import skip_space, value_end

_UTF16 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_JSON_START = re.compile(rb'[ \t\r\n]*(?:\{[ \t\r\n]*["}]|\[|\Z)')
_MARKER = re.compile(rb"^(---|\.\.\.)(?=[ \t\r\n]|\Z)([^\n]*)\n?", re.M)
_BLANK = re.compile(rb"(?:[ \t\r\n]+|#[^\n]*)*+\Z")

check_json = msgspec.json.Decoder(msgspec.Raw).decode


class Chunk(msgspec.Struct, frozen=True):
    """One document: its text, and the offset in the file at which that starts. ``json`` texts are complete JSON."""

    start: int
    data: bytes
    json: bool


def to_utf8(data: bytes, file: str) -> bytes:
    """The text as UTF-8 without a byte order mark; UTF-16 and UTF-32 are converted. Refuses what is not text."""
    if data.startswith(_UTF16):
        try:
            data = data.decode("utf-32" if data.startswith(_UTF16[:2]) else "utf-16").encode()
        except UnicodeError:
            raise PolicyFileError("not valid UTF-16 text", file=file) from None
    data = data.removeprefix(codecs.BOM_UTF8)
    if (zero := data.find(0)) >= 0:
        raise PolicyFileError("holds a zero byte: a binary file, not YAML or JSON", file=file, line=data.count(b"\n", 0, zero) + 1)
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise PolicyFileError("not valid UTF-8 text", file=file, line=line) from None
    return data


def looks_like_json(data: bytes) -> bool:
    """Whether the text starts as JSON does, and as YAML that people write does not."""
    return _JSON_START.match(data) is not None


def has_template(data: bytes) -> bool:
    """Whether there are the double braces of a template somewhere."""
    return b"{{" in data


def is_blank(data: bytes) -> bool:
    """Whether there is nothing but white space and comments."""
    return _BLANK.match(data) is not None


def yaml_documents(data: bytes) -> Iterator[Chunk]:
    """The documents of a YAML file, split at ``---`` lines as kubectl does; directives stay with their document.

    Empty documents are left out. Documents that are JSON are recognised.
    """
    start = 0
    for marker in _MARKER.finditer(data):
        piece = data[start : marker.start()]
        ends = marker[1] == b"..."
        if not ends and _is_directives(piece):
            continue
        yield from _yaml_chunk(start, piece)
        start = marker.end() if ends or is_blank(marker[2]) else marker.start()
    yield from _yaml_chunk(start, data[start:])


def _yaml_chunk(start: int, data: bytes) -> Iterator[Chunk]:
    if is_blank(data):
        return
    if looks_like_json(data):
        try:
            check_json(data)
        except (msgspec.DecodeError, RecursionError):
            pass
        else:
            yield Chunk(start, data, True)
            return
    yield Chunk(start, data, False)


def _is_directives(piece: bytes) -> bool:
    return b"%" in piece and all(not line.strip() or line.startswith((b"%", b"#")) for line in piece.splitlines())


def json_documents(data: bytes) -> Iterator[Chunk]:
    """The documents of a text that holds JSON values one after another, one a line or otherwise.

    Raises ``msgspec.DecodeError`` with offsets into ``data`` where one is broken.
    """
    try:
        check_json(data)
    except msgspec.DecodeError:
        yield from _json_stream(data)
    else:
        yield Chunk(0, data, True)


def _json_stream(data: bytes) -> Iterator[Chunk]:
    position = skip_space(data, 0)
    while position < len(data):
        line_end = data.find(b"\n", position)
        piece = data[position : line_end if line_end >= 0 else len(data)]
        try:
            check_json(piece)
        except msgspec.DecodeError:
            piece = data[position : value_end(data, position)]
            _check(piece, position)
        yield Chunk(position, piece, True)
        position = skip_space(data, position + len(piece))


def _check(piece: bytes, position: int) -> None:
    try:
        check_json(piece)
    except msgspec.DecodeError as error:
        text = re.sub(r"\(byte (\d+)\)", lambda match: f"(byte {int(match[1]) + position})", str(error))
        raise msgspec.DecodeError(text) from None
