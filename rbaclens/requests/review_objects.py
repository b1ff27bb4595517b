"""Access review objects as JSON carries them: every field may be absent or null, of the right type otherwise (SAR-05)."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

from rbaclens.errors import RequestError
from rbaclens.requests.selectors import SelectorTerm

Texts = tuple[str | None, ...] | None

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at (?P<key>key in )?`(?P<path>[^`]*)`)?", re.DOTALL)
_JSON_NAMES = {"`str`": "a string", "`array`": "a list", "`object`": "an object", "`int`": "a number", "`bool`": "true or false"}


class RequirementObject(Struct, frozen=True):
    """A selector requirement; ``term`` is it with Go's zero values."""

    key: str | None = None
    operator: str | None = None
    values: Texts = None

    @property
    def term(self) -> SelectorTerm:
        """The requirement without nulls."""
        return SelectorTerm(self.key or "", self.operator or "", texts(self.values))


class SelectorObject(Struct, frozen=True, rename="camel"):
    """A field or label selector of ``resourceAttributes``."""

    raw_selector: str | None = None
    requirements: tuple[RequirementObject | None, ...] | None = None

    @property
    def terms(self) -> tuple[SelectorTerm, ...]:
        """The requirements without nulls."""
        return tuple(SelectorTerm() if item is None else item.term for item in self.requirements or ())


class ResourceAttributes(Struct, frozen=True, rename="camel"):
    """``spec.resourceAttributes``."""

    verb: str | None = None
    namespace: str | None = None
    group: str | None = None
    version: str | None = None
    resource: str | None = None
    subresource: str | None = None
    name: str | None = None
    field_selector: SelectorObject | None = None
    label_selector: SelectorObject | None = None


class NonResourceAttributes(Struct, frozen=True):
    """``spec.nonResourceAttributes``."""

    path: str | None = None
    verb: str | None = None


class SpecObject(Struct, frozen=True):
    """``spec`` of all kinds and versions; v1beta1 calls the groups ``group`` (WH-02)."""

    user: str | None = None
    groups: Texts = None
    group: Texts = None
    uid: str | None = None
    extra: dict[str, Texts] | None = None
    resource: ResourceAttributes | None = msgspec.field(name="resourceAttributes", default=None)
    non_resource: NonResourceAttributes | None = msgspec.field(name="nonResourceAttributes", default=None)


class MetadataObject(Struct, frozen=True, rename="camel", omit_defaults=True):
    """``metadata`` as far as it must be empty (SAR-08): managedFields do not count, unknown fields neither."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    self_link: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None
    owner_references: tuple[dict[str, Any], ...] | None = None
    finalizers: Texts = None


class ReviewObject(Struct, frozen=True, rename="camel"):
    """A whole review; ``status`` is what the client sent there and is never looked at (SAR-03)."""

    api_version: str | None = None
    kind: str | None = None
    metadata: MetadataObject | None = None
    spec: SpecObject | None = None
    status: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_DECODER = msgspec.json.Decoder(ReviewObject)


def texts(values: Texts) -> tuple[str, ...]:
    """A list of strings as Go reads it: null is no list, and the empty string inside one."""
    return tuple(value or "" for value in values or ())


def read_object(raw: bytes) -> ReviewObject:
    """``raw`` as a review object of any kind; ``RequestError`` names the field that has the wrong type."""
    try:
        return _DECODER.decode(raw)
    except (ValueError, RecursionError) as error:
        raise RequestError(in_plain_words(error)) from None


def in_plain_words(error: Exception) -> str:
    """A decoder's message in the words of the reader's JSON: the field's path first, then what was expected."""
    found = _MESSAGE.fullmatch(str(error))
    if found is None or not isinstance(error, msgspec.ValidationError):
        return "nested too deeply" if isinstance(error, RecursionError) else str(error)
    what = found["what"].replace(" | null", "")
    for name, plain in _JSON_NAMES.items():
        what = what.replace(name, plain)
    path = (found["path"] or "").removeprefix("$").removeprefix(".")
    return f"{path}: {what[:1].lower()}{what[1:]}" if path else what
