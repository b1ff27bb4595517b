"""Validation of RBAC objects as the API server does it before storing them (VAL-01 to VAL-22)."""

from __future__ import annotations

import msgspec

from rbaclens.model.decision import aggregate, quote
from rbaclens.model.metadata_validation import (
    INVALID,
    FieldError,
    forbidden,
    invalid,
    is_path_segment,
    label_key_errors,
    label_value_errors,
    labels_errors,
    metadata_errors,
    metadata_is_valid,
    not_supported,
    path_segment_errors,
    required,
    subdomain_errors,
)
from rbaclens.model.objects import RBAC_GROUP, Binding, BindingKind, Role, RoleKind, RoleRef, Subject
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule, SelectorRequirement

__all__ = [
    "ApiError",
    "FieldError",
    "Submission",
    "binding_errors",
    "go_json",
    "invalid_object",
    "role_errors",
    "role_ref_change",
    "validate_binding",
    "validate_role",
]

_ROLE_KINDS = {"RoleBinding": ("Role", "ClusterRole"), "ClusterRoleBinding": ("ClusterRole",)}
_SUBJECT_KINDS = ("ServiceAccount", "User", "Group")
_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


class ApiError(msgspec.Struct, frozen=True):
    """A refusal of the API server: HTTP status code, reason of the Status object, message, and the faulty fields."""

    code: int
    reason: str
    message: str
    causes: tuple[FieldError, ...] = ()


class Submission(msgspec.Struct, frozen=True):
    """An object as sent to the API server.

    ``kind``, ``namespace`` and ``name`` are those of the request's URL (``name`` empty for a generated one); ``content`` is
    what the body decodes to, or the 400 that decoding ends with; ``faults`` are what validation finds in it.
    """

    kind: RoleKind | BindingKind
    namespace: str
    name: str
    content: Role | Binding | ApiError
    faults: tuple[FieldError, ...] = ()

    @classmethod
    def of(cls, item: Role | Binding) -> Submission:
        """An object that is decoded already, sent to its own place."""
        faults = validate_role(item) if isinstance(item, Role) else validate_binding(item)
        return cls(item.kind, item.namespace, item.name, item, faults)


def invalid_object(kind: str, name: str, errors: tuple[FieldError, ...]) -> ApiError:
    """The 422 for an object with faults (VAL-01)."""
    faults = aggregate([str(error) for error in errors])
    message = f"{kind}.{RBAC_GROUP} {quote(name)} is invalid: {faults}"
    return ApiError(422, "Invalid", message, errors)


def go_json(value: object) -> str:
    """``value`` as Go's encoder writes it into messages: without spaces, HTML's characters escaped."""
    return msgspec.json.encode(value).decode().translate(_HTML)


def validate_role(role: Role) -> tuple[FieldError, ...]:
    """The faults of a Role or ClusterRole; empty when the server would store it."""
    namespaced = role.kind == "Role"
    if role.aggregation is None and metadata_is_valid(namespaced, role.namespace, role.name, role.labels, role.annotations):
        for rule in role.rules:
            if not rule.verbs:
                break
            if rule.non_resource_urls:
                if namespaced or rule.api_groups or rule.resources or rule.resource_names:
                    break
            elif not rule.api_groups or not rule.resources:
                break
        else:
            return ()
    metadata = metadata_errors(namespaced, role.namespace, role.name, role.labels, role.annotations)
    return (*metadata, *role_errors(role))


def validate_binding(binding: Binding) -> tuple[FieldError, ...]:
    """The faults of a RoleBinding or ClusterRoleBinding; empty when the server would store it."""
    namespaced = binding.kind == "RoleBinding"
    ref = binding.role_ref
    if (
        metadata_is_valid(namespaced, binding.namespace, binding.name, binding.labels, binding.annotations)
        and ref.api_group == RBAC_GROUP
        and (ref.kind == "ClusterRole" or (namespaced and ref.kind == "Role"))
        and is_path_segment(ref.name)
    ):
        for subject in binding.subjects:
            if not subject.name:
                break
            if subject.kind == "ServiceAccount":
                if subject.api_group or subdomain_errors(subject.name) or not (namespaced or subject.namespace):
                    break
            elif subject.api_group != RBAC_GROUP or subject.kind not in ("User", "Group"):
                break
        else:
            return ()
    metadata = metadata_errors(namespaced, binding.namespace, binding.name, binding.labels, binding.annotations)
    return (*metadata, *binding_errors(binding))


def role_errors(role: Role) -> list[FieldError]:
    """The faults of a role outside of its metadata (VAL-06 to VAL-12)."""
    errors = []
    for i, rule in enumerate(role.rules):
        errors += _rule_errors(rule, role.kind == "Role", f"rules[{i}]")
    return errors + (_aggregation_errors(role.aggregation) if role.aggregation is not None else [])


def _rule_errors(rule: PolicyRule, namespaced: bool, field: str) -> list[FieldError]:
    errors = []
    if not rule.verbs:
        errors.append(required(f"{field}.verbs", "verbs must contain at least one value"))
    if rule.non_resource_urls:
        value = f"Invalid value: {go_json(rule.non_resource_urls)}: "
        urls = f"{field}.nonResourceURLs"
        if namespaced:
            errors.append(FieldError(urls, INVALID, value + "namespaced rules cannot apply to non-resource URLs"))
        if rule.api_groups or rule.resources or rule.resource_names:
            errors.append(FieldError(urls, INVALID, value + "rules cannot apply to both regular resources and non-resource URLs"))
        return errors
    if not rule.api_groups:
        errors.append(required(f"{field}.apiGroups", "resource rules must supply at least one api group"))
    if not rule.resources:
        errors.append(required(f"{field}.resources", "resource rules must supply at least one resource"))
    return errors


def _aggregation_errors(aggregation: AggregationRule) -> list[FieldError]:
    field = "aggregationRule.clusterRoleSelectors"
    if not aggregation.selectors:
        return [required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil")]
    errors = []
    for i, selector in enumerate(aggregation.selectors):
        faults = _selector_errors(selector, f"{field}[{i}]")
        if faults:
            # The server parses the selector a second time; that fails on the very same faults and reports no value.
            faults.append(FieldError(f"{field}[{i}]", INVALID, "Invalid value: null: invalid label selector."))
        errors += faults
    return errors


def _selector_errors(selector: LabelSelector, field: str) -> list[FieldError]:
    errors = labels_errors(selector.match_labels or {}, f"{field}.matchLabels")
    for i, requirement in enumerate(selector.match_expressions or ()):
        errors += _requirement_errors(requirement, f"{field}.matchExpressions[{i}]")
    return errors


def _requirement_errors(requirement: SelectorRequirement, field: str) -> list[FieldError]:
    errors = []
    if requirement.operator in ("In", "NotIn"):
        if not requirement.values:
            errors.append(required(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif requirement.operator in ("Exists", "DoesNotExist"):
        if requirement.values:
            errors.append(forbidden(f"{field}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    else:
        errors.append(invalid(f"{field}.operator", requirement.operator, "not a valid selector operator"))
    errors += [invalid(f"{field}.key", requirement.key, text) for text in label_key_errors(requirement.key)]
    for i, value in enumerate(requirement.values):
        errors += [invalid(f"{field}.values[{i}]", value, text) for text in label_value_errors(value)]
    return errors


def binding_errors(binding: Binding) -> list[FieldError]:
    """The faults of a binding outside of its metadata (VAL-13 to VAL-19)."""
    ref = binding.role_ref
    errors = []
    if ref.api_group != RBAC_GROUP:
        errors.append(not_supported("roleRef.apiGroup", ref.api_group, (RBAC_GROUP,)))
    if ref.kind not in _ROLE_KINDS[binding.kind]:
        errors.append(not_supported("roleRef.kind", ref.kind, _ROLE_KINDS[binding.kind]))
    if not ref.name:
        errors.append(required("roleRef.name"))
    errors += [invalid("roleRef.name", ref.name, text) for text in path_segment_errors(ref.name)]
    for i, subject in enumerate(binding.subjects):
        errors += _subject_errors(subject, binding.kind == "RoleBinding", f"subjects[{i}]")
    return errors


def _subject_errors(subject: Subject, namespaced: bool, field: str) -> list[FieldError]:
    errors = []
    if not subject.name:
        errors.append(required(f"{field}.name"))
    if subject.kind == "ServiceAccount":
        if subject.name:
            errors += [invalid(f"{field}.name", subject.name, text) for text in subdomain_errors(subject.name)]
        if subject.api_group:
            errors.append(not_supported(f"{field}.apiGroup", subject.api_group, ("",)))
        if not namespaced and not subject.namespace:
            errors.append(required(f"{field}.namespace"))
    elif subject.kind in _SUBJECT_KINDS:
        if subject.api_group != RBAC_GROUP:
            errors.append(not_supported(f"{field}.apiGroup", subject.api_group, (RBAC_GROUP,)))
    else:
        errors.append(not_supported(f"{field}.kind", subject.kind, _SUBJECT_KINDS))
    return errors


def role_ref_change(new: RoleRef, old: RoleRef) -> tuple[FieldError, ...]:
    """The fault of an update that names another role (VAL-20)."""
    if new == old:
        return ()
    value = go_json({"APIGroup": new.api_group, "Kind": new.kind, "Name": new.name})
    return (FieldError("roleRef", INVALID, f"Invalid value: {value}: cannot change roleRef"),)
