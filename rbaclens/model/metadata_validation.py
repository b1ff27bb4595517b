"""Validation of an object's metadata, as the API server does it for every kind (VAL-02, VAL-03).

Texts are the server's own; they may change between versions, the fields and reasons do not. The valid path is taken for every
object of a cluster and therefore allocates nothing: what repeats (keys, label values, namespaces) is remembered.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import msgspec

from rbaclens.model.decision import quote
from rbaclens.model.identity import is_dns_label

REQUIRED = "FieldValueRequired"
INVALID = "FieldValueInvalid"
NOT_SUPPORTED = "FieldValueNotSupported"
FORBIDDEN = "FieldValueForbidden"
TOO_LONG = "FieldValueTooLong"

MAX_ANNOTATION_BYTES = 256 * 1024
_LABEL_LENGTH = 63
_SUBDOMAIN_LENGTH = 253

_DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_SUBDOMAIN = rf"{_DNS_LABEL}(\.{_DNS_LABEL})*"
_KEY_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_KEY_NAME})?"
_KEY_NAME_TEXT = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"


class FieldError(msgspec.Struct, frozen=True):
    """One fault of an object: where, of which class, and the server's words without the field."""

    field: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def required(field: str, detail: str = "") -> FieldError:
    """A value that must be there and is not."""
    return FieldError(field, REQUIRED, f"Required value: {detail}" if detail else "Required value")


def invalid(field: str, value: str, detail: str) -> FieldError:
    """A malformed string."""
    return FieldError(field, INVALID, f"Invalid value: {quote(value)}: {detail}")


def forbidden(field: str, detail: str) -> FieldError:
    """A value that is well formed and not permitted here."""
    return FieldError(field, FORBIDDEN, f"Forbidden: {detail}")


def not_supported(field: str, value: str, supported: tuple[str, ...]) -> FieldError:
    """A value outside of an enumeration."""
    allowed = ", ".join(quote(item) for item in supported)
    return FieldError(field, NOT_SUPPORTED, f"Unsupported value: {quote(value)}: supported values: {allowed}")


def _too_long(limit: int) -> str:
    return f"must be no more than {limit} bytes"


def _wrong_form(text: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def path_segment_errors(name: str, prefix: bool = False) -> tuple[str, ...]:
    """What keeps ``name`` from being one segment of a URL (VAL-02); a ``prefix`` may be ``.`` or ``..``."""
    if name in (".", "..") and not prefix:
        return (f"may not be '{name}'",)
    return tuple(f"may not contain '{char}'" for char in "/%" if char in name)


def is_path_segment(name: str) -> bool:
    """Whether ``name`` may name a role or binding: one segment of a URL, not empty."""
    return bool(name) and "/" not in name and "%" not in name and name not in (".", "..")


@functools.lru_cache(maxsize=4096)
def subdomain_errors(name: str) -> tuple[str, ...]:
    """What keeps ``name`` from being an RFC 1123 subdomain, as a service account's name is (VAL-17)."""
    errors = []
    if len(name.encode("utf-8", "replace")) > _SUBDOMAIN_LENGTH:
        errors.append(_too_long(_SUBDOMAIN_LENGTH))
    if not re.fullmatch(_DNS_SUBDOMAIN, name):
        text = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
        errors.append(_wrong_form(text + "with an alphanumeric character", _DNS_SUBDOMAIN, "example.com"))
    return tuple(errors)


@functools.lru_cache(maxsize=4096)
def namespace_errors(name: str) -> tuple[str, ...]:
    """What keeps ``name`` from being an RFC 1123 label, as a namespace's name is (VAL-03)."""
    if is_dns_label(name):
        return ()
    errors = []
    if len(name.encode("utf-8", "replace")) > _LABEL_LENGTH:
        errors.append(_too_long(_LABEL_LENGTH))
    if re.fullmatch(_DNS_SUBDOMAIN, name):
        if "." in name:
            errors.append("must not contain dots")
    else:
        text = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
        errors.append(_wrong_form(text + "an alphanumeric character", _DNS_LABEL, "my-name", "123-abc"))
    return tuple(errors)


@functools.lru_cache(maxsize=8192)
def label_key_errors(key: str) -> tuple[str, ...]:
    """What keeps ``key`` from being a label's key; finalizers follow the same rule."""
    prefix, slash, name = key.partition("/")
    if "/" in name:
        form = _wrong_form(_KEY_NAME_TEXT, _KEY_NAME, "MyName", "my.name", "123-abc")
        return (f"a valid label key {form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",)
    errors = []
    if not slash:
        name = prefix
    elif not prefix:
        errors.append("prefix part must be non-empty")
    else:
        errors += [f"prefix part {text}" for text in subdomain_errors(prefix)]
    if not name:
        errors.append("name part must be non-empty")
    elif len(name.encode("utf-8", "replace")) > _LABEL_LENGTH:
        errors.append("name part " + _too_long(_LABEL_LENGTH))
    if not re.fullmatch(_KEY_NAME, name):
        errors.append("name part " + _wrong_form(_KEY_NAME_TEXT, _KEY_NAME, "MyName", "my.name", "123-abc"))
    return tuple(errors)


@functools.lru_cache(maxsize=8192)
def label_value_errors(value: str) -> tuple[str, ...]:
    """What keeps ``value`` from being a label's value."""
    errors = []
    if len(value.encode("utf-8", "replace")) > _LABEL_LENGTH:
        errors.append(_too_long(_LABEL_LENGTH))
    if not re.fullmatch(_LABEL_VALUE, value):
        text = f"a valid label must be an empty string or {_KEY_NAME_TEXT.removeprefix('must ')}"
        errors.append(_wrong_form(text, _LABEL_VALUE, "MyValue", "my_value", "12345"))
    return tuple(errors)


@functools.lru_cache(maxsize=8192)
def _annotation_key_errors(key: str) -> tuple[str, ...]:
    return label_key_errors(key.lower())


def labels_errors(labels: Mapping[str, str], field: str) -> list[FieldError]:
    """The faults of a label map; each stands at the map, as the server reports it."""
    errors = []
    for key, value in labels.items():
        errors += [invalid(field, key, text) for text in label_key_errors(key)]
        errors += [invalid(field, value, text) for text in label_value_errors(value)]
    return errors


def _annotations_errors(annotations: Mapping[str, str], field: str) -> list[FieldError]:
    errors = [invalid(field, key, text) for key in annotations for text in _annotation_key_errors(key)]
    if _annotations_too_long(annotations):
        errors.append(FieldError(field, TOO_LONG, f"Too long: may not be more than {MAX_ANNOTATION_BYTES} bytes"))
    return errors


def _annotations_too_long(annotations: Mapping[str, str]) -> bool:
    # Counting characters is cheap and decides nearly always: UTF-8 has at most four bytes for each.
    if sum(len(key) + len(value) for key, value in annotations.items()) * 4 <= MAX_ANNOTATION_BYTES:
        return False
    size = sum(len(text.encode("utf-8", "replace")) for item in annotations.items() for text in item)
    return size > MAX_ANNOTATION_BYTES


def metadata_is_valid(namespaced: bool, namespace: str, name: str, labels: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    """Whether :func:`metadata_errors` would be empty, without making anything."""
    if not name or "/" in name or "%" in name or name in (".", ".."):
        return False
    if (not namespace or namespace_errors(namespace)) if namespaced else namespace:
        return False
    if labels:
        for key in labels:
            if label_key_errors(key) or label_value_errors(labels[key]):
                return False
    if annotations:
        for key in annotations:
            if _annotation_key_errors(key):
                return False
        return not _annotations_too_long(annotations)
    return True


def metadata_errors(
    namespaced: bool, namespace: str, name: str, labels: Mapping[str, str], annotations: Mapping[str, str]
) -> list[FieldError]:
    """All faults of the metadata, in the server's order (VAL-02, VAL-03)."""
    errors = []
    if not name:
        errors.append(required("metadata.name", "name or generateName is required"))
    errors += [invalid("metadata.name", name, text) for text in path_segment_errors(name)]
    if namespaced and not namespace:
        errors.append(required("metadata.namespace"))
    elif namespaced:
        errors += [invalid("metadata.namespace", namespace, text) for text in namespace_errors(namespace)]
    elif namespace:
        errors.append(forbidden("metadata.namespace", "not allowed on this type"))
    return errors + labels_errors(labels, "metadata.labels") + _annotations_errors(annotations, "metadata.annotations")
