"""Audit events out of what a log comes as; read as a stream, so that memory does not grow with the log.

JSON lines as the API server's log backend writes them, the webhook backend's ``EventList``, CloudWatch's exports (an object with
``events`` or ``logEvents``, or a line for each, whose ``message`` is the event), S3 exports with a time before each event; each
also compressed with gzip. A JSON document over many lines is read whole.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.sources.audit_event import AuditEvent

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_API = "audit.k8s.io/"


class BadLine(msgspec.Struct, frozen=True):
    """A line (from 1) that holds no audit event, and why."""

    line: int
    message: str


class _Message(msgspec.Struct, gc=False):
    message: str = ""


class _Line(AuditEvent, rename="camel", gc=False):
    """Everything that a line may be."""

    kind: str = ""
    items: list[msgspec.Raw] | None = None
    events: list[_Message] | None = None
    log_events: list[_Message] | None = None
    message: str | None = None


Found = AuditEvent | BadLine

_decode_line = msgspec.json.Decoder(_Line).decode
_decode_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_ERRORS = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def read_audit_log(name: str, stdin: IO[bytes]) -> Iterator[Found]:
    """The events of the file ``name`` (``-``: of ``stdin``) in order, and a ``BadLine`` for what is none.

    Raises ``PolicyFileError`` when the file cannot be read.
    """
    try:
        with stdin if name == "-" else Path(name).open("rb") as stream:
            yield from events_of(stream)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise PolicyFileError(f"cannot be read: {why}", "give a readable audit log, or - for stdin", file=name) from None


def events_of(stream: IO[bytes]) -> Iterator[Found]:
    """The events in a stream of bytes, compressed or not."""
    buffered = cast(io.BufferedReader, stream if hasattr(stream, "peek") else io.BufferedReader(cast(io.RawIOBase, stream)))
    lines: IO[bytes] = buffered
    if buffered.peek(2)[:2] == _GZIP:
        lines = io.BufferedReader(gzip.GzipFile(fileobj=buffered))
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            text = line.removeprefix(_BOM) if number == 1 else line
            if number == 1 and _begins_a_document(text):
                yield from _document(text + lines.read())
                return
            if not text.isspace():
                yield from _line(text, number)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield BadLine(number + 1, f"the compressed data is damaged: {error}")


def _begins_a_document(text: bytes) -> bool:
    """Whether the first line is only the beginning of a JSON value: a document that was printed over many lines."""
    stripped = text.strip()
    return stripped in (b"{", b"[") or (stripped[:1] in (b"{", b"[") and stripped[-1:] in (b"{", b"[", b","))


def _document(data: bytes) -> Iterator[Found]:
    from rbaclens.sources.text import json_documents

    line = 1
    try:
        for value in json_documents(data):
            line = 1 + data.count(b"\n", 0, value.start)
            yield from _line(value.data, line)
    except (ValueError, RecursionError) as error:
        yield BadLine(line, f"not JSON: {error}")


def _line(text: bytes, number: int) -> Iterator[Found]:
    """The events that a line holds; most hold one."""
    try:
        found = _decode_line(text)
        if found.api_version.startswith(_API) and found.kind == "Event":
            yield found
            return
        inner = _inner(found)
    except _ERRORS as error:
        yield from _unusual(text, number, error)
        return
    if inner is None:
        yield BadLine(number, f"not an audit event: {_what(found)}")
        return
    for item in inner:
        yield from _event(item, number)


def _unusual(text: bytes, number: int, error: Exception) -> Iterator[Found]:
    """A line that is no JSON object: a list, or an event behind the time of its export."""
    start = text.find(b"{")
    if text[:1].isdigit() and start > 0:
        yield from _event(text[start:], number)
        return
    try:
        items = _decode_list(text)
    except _ERRORS:
        yield BadLine(number, f"not an audit event: {error}")
        return
    for item in items:
        yield from _event(item, number)


def _inner(found: _Line) -> Iterator[bytes | msgspec.Raw | str] | None:
    """The events inside a list or an export, undecoded; ``None``: this is neither."""
    if found.items is not None and found.kind == "EventList":
        return iter(found.items)
    messages = found.events if found.events is not None else found.log_events
    if messages is not None:
        return (one.message for one in messages)
    return iter((found.message,)) if found.message is not None else None


def _event(item: bytes | msgspec.Raw | str, number: int) -> Iterator[Found]:
    try:
        found = _decode_line(item)
    except _ERRORS as error:
        yield BadLine(number, f"not an audit event: {error}")
        return
    # In an EventList the kind is said once, for all of its items.
    whole = found.kind == "Event" and found.api_version.startswith(_API)
    if whole or (not found.kind and not found.api_version and found.audit_id):
        yield found
    else:
        yield BadLine(number, f"not an audit event: {_what(found)}")


def _what(found: _Line) -> str:
    return f"apiVersion {found.api_version or 'missing'}, kind {found.kind or 'missing'}"


class Decided:
    """Which events to judge: those with a decision, one for each request.

    A watch is recorded when it starts and when it ends, with the same decision. Only the ids of requests judged at their
    start are remembered, and only the last ``remembered`` of them.
    """

    def __init__(self, remembered: int = 65_536) -> None:
        self._started: dict[str, None] = {}
        self._remembered = remembered

    def first(self, event: AuditEvent) -> bool:
        """Whether ``event``, which has a decision, is the first of its request."""
        if event.audit_id in self._started:
            del self._started[event.audit_id]
            return False
        if event.stage == "ResponseStarted" and event.audit_id:
            if len(self._started) >= self._remembered:
                del self._started[next(iter(self._started))]
            self._started[event.audit_id] = None
        return True
