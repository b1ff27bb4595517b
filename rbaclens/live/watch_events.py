"""What lists and watches of RBAC objects carry, from bytes to ``ObjectChange``."""

from __future__ import annotations

from typing import Any

import msgspec

from rbaclens.model.change import ObjectChange, ObjectKey
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP
from rbaclens.sources.builders import Objects
from rbaclens.sources.kinds import KINDS

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class _Manager(msgspec.Struct, frozen=True):
    manager: str = ""
    time: str | None = None
    subresource: str = ""


class _Meta(msgspec.Struct, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    annotations: dict[str, str | None] | None = None
    managed_fields: list[_Manager] | None = None


class _Head(msgspec.Struct, frozen=True):
    metadata: _Meta = _Meta()
    code: int = 0
    message: str = ""


class WatchEvent(msgspec.Struct):
    """A line of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, its object undecoded."""

    type: str
    object: msgspec.Raw


class Seen(msgspec.Struct, frozen=True):
    """An object as it came.

    ``state`` differs whenever the object does; ``problem`` says why it could not be read or counts for nothing.
    """

    change: ObjectChange
    version: str
    state: str
    problem: str = ""

    @property
    def key(self) -> ObjectKey:
        """Kind, namespace and name."""
        return self.change.key


decode_event = msgspec.json.Decoder(WatchEvent).decode
_decode_head = msgspec.json.Decoder(_Head).decode


def read_object(raw: msgspec.Raw, kind: str, file: str) -> Seen:
    """One object of ``kind``; ``file`` is what its origin names. Raises ``msgspec.DecodeError`` without readable metadata."""
    head = _decode_head(raw)
    meta = head.metadata
    obj, problem = _build(raw, kind, Origin(file))
    if problem:
        problem = f"{kind} {meta.namespace}/{meta.name}: {problem}" if meta.namespace else f"{kind} {meta.name}: {problem}"
    change = ObjectChange(kind, meta.namespace, meta.name, obj, _applied_by(meta))
    return Seen(change, meta.resource_version, f"{meta.uid}/{meta.resource_version}", problem=problem)


def read_error(raw: msgspec.Raw) -> tuple[int, str]:
    """Code and message of the Status that an ERROR event carries; zero and nothing when it carries something else."""
    try:
        head = _decode_head(raw)
    except msgspec.DecodeError:
        return 0, ""
    return head.code, head.message


def read_bookmark(raw: msgspec.Raw) -> str:
    """The resourceVersion of a BOOKMARK event's object."""
    return _decode_head(raw).metadata.resource_version


def _build(raw: msgspec.Raw, kind: str, origin: Origin) -> tuple[Any, str]:
    known, out = KINDS[RBAC_GROUP, kind], Objects()
    try:
        known.versions["v1"](known.decode(raw), origin, out)
    except msgspec.DecodeError as error:
        return None, str(error)
    found = [*out.roles, *out.bindings]
    return (found[0], "") if found else (None, "; ".join(notice.message for notice in out.notices))


def _applied_by(meta: _Meta) -> str:
    """Who wrote the object last: the manager of the latest entry, or kubectl where nothing but its annotation tells."""
    managers = [one for one in meta.managed_fields or () if one.manager and not one.subresource]
    if managers:
        latest = max(one.time or "" for one in managers)
        return [one.manager for one in managers if (one.time or "") == latest][-1]
    return "kubectl" if meta.annotations and LAST_APPLIED in meta.annotations else ""
