"""Just enough protobuf to read the reviews that kubectl posts."""

from collections.abc import Iterator
from typing import Any

MAGIC = b"k8s\x00"
_RESOURCE = {1: "namespace", 2: "verb", 3: "group", 4: "version", 5: "resource", 6: "subresource", 7: "name"}
_PATH = {1: "path", 2: "verb"}


def read_review(data: bytes) -> dict[str, Any]:
    """The kind, apiVersion and spec of a review as kubectl's protobuf holds it."""
    unknown = dict(_fields(data.removeprefix(MAGIC)))
    meta = dict(_fields(unknown[1]))
    spec: dict[str, Any] = {}
    review = {"apiVersion": meta[1].decode(), "kind": meta[2].decode(), "spec": spec}
    for number, value in _fields(dict(_fields(unknown.get(2, b""))).get(2, b"")):
        if review["kind"] == "SelfSubjectRulesReview":
            spec["namespace"] = value.decode()
        elif number in (1, 2):
            names = _RESOURCE if number == 1 else _PATH
            texts = {names[key]: text.decode() for key, text in _fields(value) if key in names and text}
            spec["resourceAttributes" if number == 1 else "nonResourceAttributes"] = texts
        elif number == 3:
            spec["user"] = value.decode()
        elif number == 4:
            spec.setdefault("groups", []).append(value.decode())
    return review


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each length-delimited field; varints are passed over."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        length, position = _varint(data, position)
        if key & 7 == 2:
            yield key >> 3, data[position : position + length]
            position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
