"""One RBAC object, decoded as the API server decodes the body of a create with strict field validation (VAL-01, VAL-05).

The server first refuses what does not fit the Go type (the first such value is named), then all fields that it does not know
or that appear twice; only then it applies defaults (RBAC-04) and looks at the object's meaning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rbaclens.errors import RequestError
from rbaclens.model.decision import quote
from rbaclens.model.location import Origin
from rbaclens.model.metadata_validation import INVALID, invalid, label_key_errors, metadata_errors, path_segment_errors
from rbaclens.model.objects import RBAC_GROUP, Binding, BindingKind, Role, RoleKind, RoleRef, Subject
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule, SelectorRequirement
from rbaclens.model.validation import ApiError, FieldError, Submission, binding_errors, go_json, invalid_object, role_errors
from rbaclens.sources.strict_types import KINDS, GoList, GoMap, GoScalar, GoStruct, GoType, go_name

Values = dict[str, Any]
_MAX_STRICT_ERRORS = 100
_GENERATED_SUFFIX = "xxxxx"
_GENERATED_PREFIX_LENGTH = 58
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NAMESPACED = ("Role", "RoleBinding")


class _Members(list[tuple[str, Any]]):
    """A JSON object with its members in order, duplicates included."""


def check_object(raw: bytes | Mapping[str, Any], *, namespace: str | None = None) -> Role | Binding | ApiError:
    """What the API server makes of a create of ``raw`` by somebody who may do everything: the object, or its refusal.

    ``namespace`` is the one in the request's URL; without it the object's own is taken, or ``default`` where it names none, as
    clients do. Raises :class:`RequestError` where no
    request could have been sent: no JSON object, or of a kind that is not RBAC's.
    """
    sent = decode_object(raw, namespace=namespace)
    if sent.faults and not isinstance(sent.content, ApiError):
        return invalid_object(sent.kind, sent.name, sent.faults)
    return sent.content


def decode_object(raw: bytes | Mapping[str, Any], *, namespace: str | None = None) -> Submission:
    """Decode one object as sent; see :func:`check_object` for arguments and errors."""
    members = _parse(raw) if isinstance(raw, bytes) else raw
    kind, version = _identity(members)
    metadata = _plain(_plain(members).get("metadata"))
    place = (namespace or _text(metadata.get("namespace")) or "default") if kind in _NAMESPACED else ""
    name = _text(metadata.get("name"))
    if version != "v1":
        refusal: Role | Binding | ApiError = ApiError(404, "NotFound", "the server could not find the requested resource")
        return Submission(kind, place, name, refusal)
    decoder = _Decoder()
    values: Values = decoder.decode(KINDS[kind], members, "", (), "")
    problem = decoder.problem
    if problem:
        text = f'{kind} in version "v1" cannot be handled as a {kind}: {problem}'
        return Submission(kind, place, name, ApiError(400, "BadRequest", text))
    if place and values["metadata"]["namespace"] not in ("", place):
        text = "the namespace of the provided object does not match the namespace sent on the request"
        return Submission(kind, place, name, ApiError(400, "BadRequest", text))
    content = _role(kind, place, values) if kind in ("Role", "ClusterRole") else _binding(kind, place, values)
    faults = _metadata_faults(content, values["metadata"])
    faults += role_errors(content) if isinstance(content, Role) else binding_errors(content)
    return Submission(kind, place, name, content, tuple(faults))


def _parse(raw: bytes) -> Any:
    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is no JSON")

    try:
        return json.loads(raw.decode("utf-8", "replace"), object_pairs_hook=_Members, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"not a JSON document: {error}") from error


def _identity(members: Any) -> tuple[RoleKind | BindingKind, str]:
    if not isinstance(members, _Members | Mapping):
        raise RequestError("not an object: a JSON object with apiVersion and kind is expected")
    found = _plain(members)
    group, _, version = _text(found.get("apiVersion")).rpartition("/")
    kind: Any = _text(found.get("kind"))
    if group != RBAC_GROUP or kind not in KINDS:
        shown = f"{found.get('apiVersion')} {found.get('kind')}"
        raise RequestError(f"not an RBAC object: {shown}", f"one of {', '.join(KINDS)} of {RBAC_GROUP}/v1 is expected")
    return kind, version


def _members(value: Any) -> Iterable[tuple[Any, Any]]:
    return value if isinstance(value, _Members) else value.items()


def _plain(value: Any) -> Values:
    return dict(_members(value)) if isinstance(value, _Members | Mapping) else {}


def _text(value: Any) -> str:
    """A string as Go holds it: halves of surrogate pairs become U+FFFD; anything but a string is empty."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Decoder:
    """Follows the server's decoder: values of the wrong type are skipped and the first is reported, unknown and repeated
    fields are gathered. ``path`` names a field with list positions, ``fields`` without."""

    def __init__(self) -> None:
        self.type_error = ""
        self.strict_errors: dict[str, None] = {}

    @property
    def problem(self) -> str:
        """What the server would say; empty when all is well. A wrong type hides everything else."""
        return self.type_error or (self.strict_errors and "strict decoding error: " + ", ".join(self.strict_errors)) or ""

    def decode(self, go_type: GoType, value: Any, struct: str, fields: tuple[str, ...], path: str) -> Any:
        """``value`` with every field of its type present; zero values where there is none."""
        if isinstance(go_type, GoStruct):
            return self._struct(go_type, value, struct, fields, path)
        if isinstance(go_type, GoList):
            if value is None:
                return []
            if not isinstance(value, list | tuple) or isinstance(value, _Members):
                return self._mismatch(go_type, value, struct, fields, [])
            return [self.decode(go_type.element, item, struct, fields, f"{path}[{i}]") for i, item in enumerate(value)]
        if isinstance(go_type, GoMap):
            return self._map(go_type, value, struct, fields, path)
        return self._scalar(go_type, value, struct, fields)

    def _struct(self, go_type: GoStruct, value: Any, struct: str, fields: tuple[str, ...], path: str) -> Any:
        if value is None and go_type.pointer:
            return None
        result: Values = {}
        if isinstance(value, _Members | Mapping):
            for key, item in _members(value):
                name = _text(key)
                place = f"{path}.{name}" if path else name
                if name not in go_type.fields:
                    self._strict(f"unknown field {quote(place)}")
                    continue
                if name in result:
                    self._strict(f"duplicate field {quote(place)}")
                result[name] = self.decode(go_type.fields[name], item, go_type.short, (*fields, name), place)
        elif value is not None:
            self._mismatch(go_type, value, struct, fields, None)
        for name, field_type in go_type.fields.items():
            if name not in result:
                result[name] = self.decode(field_type, None, "", (), "")
        return result

    def _map(self, go_type: GoMap, value: Any, struct: str, fields: tuple[str, ...], path: str) -> dict[str, str]:
        result: dict[str, str] = {}
        if isinstance(value, _Members | Mapping):
            for key, item in _members(value):
                name = _text(key)
                if name in result:
                    self._strict(f"duplicate field {quote(f'{path}.{name}')}")
                result[name] = "" if item is None else self._scalar(GoScalar("string", "string"), item, struct, fields)
        elif value is not None:
            self._mismatch(go_type, value, struct, fields, None)
        return result

    def _scalar(self, go_type: GoScalar, value: Any, struct: str, fields: tuple[str, ...]) -> Any:
        zero: Any = {"string": "", "bool": False, "int64": 0}.get(go_type.holds)
        if value is None or go_type.holds == "any":
            return zero
        if go_type.holds in ("string", "time") and isinstance(value, str):
            if go_type.holds == "time" and not _TIME.fullmatch(value):
                text = quote(_text(value))
                self._fail(f'parsing time {text} as "2006-01-02T15:04:05Z07:00": cannot parse {text} as "2006"')
            return _text(value)
        if go_type.holds == "bool" and isinstance(value, bool):
            return value
        if go_type.holds == "int64" and isinstance(value, int | float) and not isinstance(value, bool):
            if isinstance(value, int) and -(2**63) <= value < 2**63:
                return value
            return self._mismatch(go_type, value, struct, fields, zero, f"number {value}")
        return self._mismatch(GoScalar("string", "string") if go_type.holds == "time" else go_type, value, struct, fields, zero)

    def _mismatch(self, go_type: GoType, value: Any, struct: str, fields: tuple[str, ...], zero: Any, what: str = "") -> Any:
        where = f"struct field {struct}.{'.'.join(fields)}" if fields else "value"
        self._fail(f"json: cannot unmarshal {what or _json_kind(value)} into Go {where} of type {go_name(go_type)}")
        return zero

    def _fail(self, text: str) -> None:
        self.type_error = self.type_error or text

    def _strict(self, text: str) -> None:
        if len(self.strict_errors) < _MAX_STRICT_ERRORS:
            self.strict_errors[text] = None


def _json_kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, _Members | Mapping) else "array"


def _role(kind: Any, namespace: str, values: Values) -> Role:
    rules = tuple(
        PolicyRule(*(tuple(rule[field]) for field in ("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs")))
        for rule in values["rules"]
    )
    aggregation = values.get("aggregationRule")
    selectors = None if aggregation is None else AggregationRule(tuple(map(_selector, aggregation["clusterRoleSelectors"])))
    metadata = values["metadata"]
    return Role(kind, namespace, metadata["name"], rules, Origin("-"), metadata["labels"], metadata["annotations"], selectors)


def _selector(values: Values) -> LabelSelector:
    requirements = tuple(SelectorRequirement(item["key"], item["operator"], tuple(item["values"])) for item in values["matchExpressions"])
    return LabelSelector(values["matchLabels"], requirements)


def _binding(kind: Any, namespace: str, values: Values) -> Binding:
    # RBAC-04: what is missing gets a default before anybody looks at it.
    subjects = tuple(
        Subject(s["kind"], s["name"], s["namespace"], s["apiGroup"] or (RBAC_GROUP if s["kind"] in ("User", "Group") else ""))
        for s in values["subjects"]
    )
    ref = values["roleRef"]
    role_ref = RoleRef(ref["kind"], ref["name"], ref["apiGroup"] or RBAC_GROUP)
    metadata = values["metadata"]
    return Binding(kind, namespace, metadata["name"], subjects, role_ref, Origin("-"), metadata["labels"], metadata["annotations"])


def _metadata_faults(item: Role | Binding, metadata: Values) -> list[FieldError]:
    """VAL-02, VAL-03, with the parts of metadata that rbaclens's own objects do not carry."""
    prefix = metadata["generateName"]
    faults = [invalid("metadata.generateName", prefix, text) for text in path_segment_errors(prefix, prefix=True)]
    # The server has made up a name before it validates; nobody can know which.
    name = item.name or (prefix and prefix[:_GENERATED_PREFIX_LENGTH] + _GENERATED_SUFFIX)
    faults += metadata_errors(item.kind in _NAMESPACED, item.namespace, name, item.labels, item.annotations)
    for owner in metadata["ownerReferences"]:
        faults += _owner_faults(owner)
    finalizers = metadata["finalizers"]
    faults += [invalid("metadata.finalizers", text, fault) for text in finalizers for fault in label_key_errors(text)]
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        value = f"Invalid value: {go_json(finalizers)}: finalizer orphan and foregroundDeletion cannot be both set"
        faults.append(FieldError("metadata.finalizers", INVALID, value))
    for i, text in enumerate(finalizers):
        if "/" not in text and text not in _STANDARD_FINALIZERS:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            faults.append(invalid(f"metadata.finalizers[{i}]", text, detail))
    return faults


def _owner_faults(owner: Values) -> list[FieldError]:
    field = "metadata.ownerReferences"
    faults = []
    if not owner["apiVersion"].rpartition("/")[2]:
        faults.append(invalid(f"{field}.apiVersion", owner["apiVersion"], "version must not be empty"))
    return faults + [invalid(f"{field}.{key}", "", "must not be empty") for key in ("kind", "name", "uid") if not owner[key]]
