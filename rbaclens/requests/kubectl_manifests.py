"""The objects of the files that a kubectl command line names with ``-f``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from rbaclens.errors import PolicyFileError, UsageError

ReadFile = Callable[[str], bytes]


class ManifestObject(msgspec.Struct, frozen=True):
    """What of an object decides the requests that are sent for it; ``name`` is empty where only a name prefix is given."""

    api_version: str
    kind: str
    namespace: str
    name: str
    file: str


def read_manifest(file: str, read_file: ReadFile) -> tuple[ManifestObject, ...]:
    """The objects of a YAML or JSON file, lists taken apart, empty documents left out.

    ``file`` is ``-`` for stdin; ``read_file`` may raise OSError. Raises UsageError for a file that cannot be had and for a
    document that is no object, PolicyFileError (with its line) for one that is not YAML or JSON.
    """
    if "://" in file:
        raise UsageError(f"{file}: nothing is downloaded", "download the file and name it")
    try:
        data = read_file(file)
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror or error}", "name the files themselves, not a folder") from error
    return tuple(_object(item, file) for document in _documents(data, file) for item in _items(document))


def _documents(data: bytes, file: str) -> Iterator[Any]:
    from rbaclens.sources import text
    from rbaclens.sources.yaml_text import compose
    from rbaclens.sources.yaml_values import Constructor

    data = text.to_utf8(data, file)
    try:
        chunks = list(text.json_documents(data) if text.looks_like_json(data) else text.yaml_documents(data))
    except (msgspec.DecodeError, RecursionError):
        chunks = list(text.yaml_documents(data))  # YAML may begin as JSON does
    for number, chunk in enumerate(chunks):
        if chunk.json:
            yield _json(chunk.data, file, number)
            continue
        first = data.count(b"\n", 0, chunk.start)
        node = compose(chunk.data, file, number, first)
        if node is not None:
            yield Constructor(file, number, first).value(node)


def _json(data: bytes, file: str, document: int) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PolicyFileError(f"not valid JSON: {error}", file=file, document=document) from None


def _items(document: Any) -> Iterator[Any]:
    """The object itself, or those of a List: any kind that ends so and has items."""
    if isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and isinstance(document.get("items"), list):
        yield from document["items"]
    else:
        yield document


def _object(item: Any, file: str) -> ManifestObject:
    if not isinstance(item, dict) or not isinstance(item.get("apiVersion"), str) or not isinstance(item.get("kind"), str):
        raise UsageError(f"{file}: a document is no Kubernetes object", "each needs apiVersion and kind")
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name, prefix, namespace = (metadata.get(key) or "" for key in ("name", "generateName", "namespace"))
    if not isinstance(name, str) or not isinstance(namespace, str) or not (name or prefix):
        raise UsageError(f"{file}: {item['kind']}: the object has no name", "give metadata.name")
    for text in (name, namespace):
        if text in (".", "..") or "/" in text or "%" in text:
            raise UsageError(f'{file}: "{text}" is no name that a path can hold', "kubectl refuses it too")
    return ManifestObject(item["apiVersion"], item["kind"], namespace, name, file)
