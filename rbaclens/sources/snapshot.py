"""Snapshots: what was collected of a cluster, in one file that every command reads like a manifest."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Origin
from rbaclens.model.policy import Notice
from rbaclens.model.resources import ApiResource
from rbaclens.model.workloads import MIRROR_ANNOTATION
from rbaclens.sources.builders import Objects
from rbaclens.sources.kinds import SNAPSHOT_GROUP
from rbaclens.sources.wire import Header

API_VERSION = f"{SNAPSHOT_GROUP}/v1"
KIND = "Snapshot"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# Kinds whose annotations answer no question but this one; anybody may write anything into them.
_BARE = frozenset({"Pod", "Node", "PersistentVolume", "VolumeAttachment", "ResourceSlice", "PodCertificateRequest"})


class Head(msgspec.Struct, rename="camel"):
    """What a snapshot says beside its objects. ``time`` is UTC, ISO 8601; ``refused`` and ``notices`` are texts for people.

    Each of ``refused`` makes every no an unknown.
    """

    api_version: str = API_VERSION
    kind: str = KIND
    time: str = ""
    context: str = ""
    server: str = ""
    server_version: str = ""
    refused: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    discovery: tuple[ApiResource, ...] = ()


_decode_head = msgspec.json.Decoder(Head).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


def write_snapshot(head: Head, objects: Mapping[tuple[str, str], Iterable[Any]]) -> bytes:
    """The compressed bytes of a snapshot. ``objects`` are written objects by apiVersion and kind.

    Sorted, and compressed without a time: the same objects give the same bytes. Only what the analysis reads is in it; of
    annotations, not those that repeat a whole object or that answer no question.
    """
    resources = tuple(sorted(head.discovery, key=lambda one: (one.group != "", one.group)))
    lines = _encode(msgspec.structs.replace(head, discovery=resources)).removesuffix(b"}")
    items = b",\n".join(_items(objects))
    return gzip.compress(b'%s,"items":[\n%s\n]}\n' % (lines, items), compresslevel=6, mtime=0)


def _items(objects: Mapping[tuple[str, str], Iterable[Any]]) -> Iterator[bytes]:
    for (api_version, kind), written in sorted(objects.items()):
        cleaned = [_cleaned(one, kind) for one in written]
        cleaned.sort(key=lambda one: (one["metadata"].get("namespace", ""), one["metadata"].get("name", "")))
        for one in cleaned:
            yield _encode({**one, "apiVersion": api_version, "kind": kind})


def _cleaned(written: Any, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = _without_none(msgspec.to_builtins(written))
    meta = found.setdefault("metadata", {})
    annotations = meta.pop("annotations", {})
    kept = {key: text for key, text in annotations.items() if (key == MIRROR_ANNOTATION if kind in _BARE else key != _LAST_APPLIED)}
    if kept:
        meta["annotations"] = kept
    return found


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(one) for key, one in value.items() if one is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(one) for one in value]
    return value


def read_head(data: bytes | msgspec.Raw, header: Header, origin: Origin, out: Objects) -> None:
    """Take what a snapshot says beside its objects. Raises ``PolicyFileError`` and ``msgspec.ValidationError``."""
    if (header.api_version, header.kind) != (API_VERSION, KIND):
        message = f"{header.kind} of {header.api_version} is not known to this rbaclens: expected {KIND} of {API_VERSION}"
        raise PolicyFileError(message, "was it written by a newer one?", file=origin.file, document=origin.document)
    head = _decode_head(data)
    out.stored.add(origin.file)
    out.resources += head.discovery
    out.gaps += head.refused
    out.notices += (Notice(text, origin) for text in head.notices)
