"""The documents of manifest files, undecoded: each is to be judged as it would be sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Location, Origin, Step
from rbaclens.sources import files, text
from rbaclens.sources.positions import SourceText
from rbaclens.sources.text import Chunk

_EXPECTED = "expected a Kubernetes object with apiVersion and kind"


class Document(msgspec.Struct, frozen=True):
    """One object: JSON text, or what YAML holds; its API group and kind (empty: none), and where it stands."""

    raw: bytes | Mapping[str, Any]
    group: str
    kind: str
    at: Location


class _Header(msgspec.Struct, rename="camel"):
    api_version: Any = None
    kind: Any = None
    items: Any = None


class _Items(msgspec.Struct):
    items: tuple[msgspec.Raw, ...] = ()


def documents(path: str) -> Iterator[Document]:
    """Every object in a file, a folder or (``-``) standard input, the items of lists one by one. Raises PolicyFileError."""
    for found in files.find(path):
        if isinstance(found, PolicyFileError):
            raise found
        data = text.to_utf8(files.read(found.name, sys.stdin.buffer.read), found.name)
        source = SourceText(found.name, data, _chunks(data, found.name))
        for number, chunk in enumerate(source.chunks):
            for steps, raw in _objects(chunk, source, number):
                header = _header(raw)
                group = str(header.api_version or "").rpartition("/")[0]
                kind = header.kind if isinstance(header.kind, str) else ""
                at = source.locate(Origin(found.name, number, steps))
                # What was found in a folder may be anything; what was named, and an item of a list, is meant.
                if not kind and (found.explicit or steps):
                    raise PolicyFileError(_EXPECTED, file=at.file, line=at.line or None)
                yield Document(raw, group, kind, at)


def _chunks(data: bytes, file: str) -> list[Chunk]:
    try:
        if text.looks_like_json(data):
            return list(text.json_documents(data))
    except (msgspec.DecodeError, RecursionError) as error:
        if b"\n---" not in data and not file.endswith((".yaml", ".yml")):
            raise PolicyFileError(f"not valid JSON: {error}", file=file) from None
    return list(text.yaml_documents(data))


def _objects(chunk: Chunk, source: SourceText, number: int) -> Iterator[tuple[tuple[Step, ...], bytes | Mapping[str, Any]]]:
    """The objects of one document, with the path to each."""
    value = chunk.data if chunk.json else _yaml(chunk, source, number)
    if value is None:
        return
    if isinstance(value, bytes):
        items: Any = _raw_items(value)
    elif isinstance(value, dict):
        items = value.get("items") if str(value.get("kind")).endswith("List") else None
    else:
        line = source.line_of(chunk.start) + 1
        raise PolicyFileError(_EXPECTED, file=source.name, line=line)
    if isinstance(items, list | tuple):
        yield from ((("items", index), item) for index, item in enumerate(items))
    else:
        yield (), value


def _yaml(chunk: Chunk, source: SourceText, number: int) -> Any:
    from rbaclens.sources.yaml_text import compose
    from rbaclens.sources.yaml_values import Constructor

    first = source.line_of(chunk.start)
    node = compose(chunk.data, source.name, number, first)
    return None if node is None else Constructor(source.name, number, first).value(node)


def _raw_items(data: bytes) -> list[bytes] | None:
    if not str(_header(data).kind).endswith("List"):
        return None
    try:
        return [bytes(item) for item in msgspec.json.decode(data, type=_Items).items]
    except msgspec.DecodeError:
        return None


def _header(raw: object) -> _Header:
    try:
        return msgspec.json.decode(raw, type=_Header) if isinstance(raw, bytes) else msgspec.convert(raw, _Header)
    except (msgspec.DecodeError, RecursionError):
        return _Header()
