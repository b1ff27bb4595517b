"""What the API server refuses in an authorization configuration (WH-26 to WH-29), in its own words and order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rbaclens.model.authorizer_config import AUTHORIZER_TYPES
from rbaclens.model.decision import quote
from rbaclens.model.duration import format_duration
from rbaclens.model.metadata_validation import INVALID, FieldError, invalid, not_supported, required, subdomain_errors

MAX_CONDITIONS = 64
_MAX_TIMEOUT = 30 * 10**9


def configuration_problems(tree: dict[str, Any], folder: Path, check: Callable[[str], str] | None) -> list[str]:
    """Every fault of a decoded and defaulted configuration whose file stands in ``folder``.

    ``check`` says what is wrong with an expression; ``None`` leaves expressions uncompiled.
    """
    errors: list[FieldError] = []
    if not tree["authorizers"]:
        errors.append(required("authorizers", "at least one authorization mode must be defined"))
    types: set[str] = set()
    names: set[str] = set()
    misnamed: list[str] = []
    for number, item in enumerate(tree["authorizers"]):
        path, kind, name = f"authorizers[{number}]", item["type"], item["name"]
        if faults := _type_errors(kind, f"{path}.type", types):
            errors += faults  # the server does not look at the rest of such an entry
            continue
        types.add(kind)
        errors += _name_errors(name, f"{path}.name", names)
        names.add(name)
        errors += _settings_errors(item, path, folder, check)
        if kind != "Webhook" and name and name != kind.lower():
            misnamed.append(f"expected name {kind.lower()} for authorizer {kind} instead of {name}")
    return [*dict.fromkeys(str(error) for error in errors), *misnamed]


def _type_errors(kind: str, path: str, seen: set[str]) -> list[FieldError]:
    if not kind:
        return [required(path)]
    if kind not in AUTHORIZER_TYPES:
        return [not_supported(path, kind, AUTHORIZER_TYPES)]
    if kind in seen and kind != "Webhook":
        return [_duplicate(path, kind)]
    return []


def _name_errors(name: str, path: str, seen: set[str]) -> list[FieldError]:
    if not name:
        return [required(path)]
    if name in seen:
        return [_duplicate(path, name)]
    faults = subdomain_errors(name)
    return [invalid(path, name, f"authorizer name is invalid: {', '.join(faults)}")] if faults else []


def _settings_errors(item: dict[str, Any], path: str, folder: Path, check: Callable[[str], str] | None) -> list[FieldError]:
    webhook = item["webhook"]
    if item["type"] != "Webhook":
        return [] if webhook is None else [invalid(f"{path}.webhook", "non-null", "may only be specified when type=Webhook")]
    if webhook is None:
        return [required(f"{path}.webhook", "required when type=Webhook")]
    # The server reports a webhook's fields without a "webhook" step in the path (WH-27).
    return [
        *_duration_errors(webhook, path),
        *_choice_errors(webhook, path),
        *_connection_errors(webhook["connectionInfo"], f"{path}.connectionInfo", folder),
        *_condition_errors([condition["expression"] for condition in webhook["matchConditions"]], f"{path}.matchConditions", check),
    ]


def _duration_errors(webhook: dict[str, Any], path: str) -> list[FieldError]:
    errors = []
    timeout = webhook["timeout"]
    if timeout == 0:
        errors.append(required(f"{path}.timeout"))
    elif not 0 < timeout <= _MAX_TIMEOUT:
        errors.append(invalid(f"{path}.timeout", format_duration(timeout), "must be > 0s and <= 30s"))
    for field in ("authorizedTTL", "unauthorizedTTL"):
        if webhook[field] < 0:
            errors.append(invalid(f"{path}.{field}", format_duration(webhook[field]), "must be > 0s"))
    return errors


def _choice_errors(webhook: dict[str, Any], path: str) -> list[FieldError]:
    errors = []
    version, conditions = webhook["subjectAccessReviewVersion"], webhook["matchConditionSubjectAccessReviewVersion"]
    errors += _one_of(version, f"{path}.subjectAccessReviewVersion", ("v1", "v1beta1"))
    if conditions:
        errors += _one_of(conditions, f"{path}.matchConditionSubjectAccessReviewVersion", ("v1",))
    elif webhook["matchConditions"]:
        errors.append(required(f"{path}.matchConditionSubjectAccessReviewVersion", "required if match conditions are specified"))
    return [*errors, *_one_of(webhook["failurePolicy"], f"{path}.failurePolicy", ("NoOpinion", "Deny"))]


def _one_of(value: str, path: str, supported: tuple[str, ...]) -> list[FieldError]:
    if not value:
        return [required(path)]
    return [] if value in supported else [not_supported(path, value, supported)]


def _connection_errors(connection: dict[str, Any], path: str, folder: Path) -> list[FieldError]:
    kind, file = connection["type"], connection["kubeConfigFile"]
    field = f"{path}.kubeConfigFile"
    if faults := _one_of(kind, f"{path}.type", ("InClusterConfig", "KubeConfigFile")):
        return faults
    if kind == "InClusterConfig":
        if file is not None:
            return [invalid(field, file, "can only be set when type=KubeConfigFile")]
        # Valid for every API server but kube-apiserver, which has no cluster around it to be "in" (WH-29).
        return [invalid(f"{path}.type", kind, "kube-apiserver needs type=KubeConfigFile")]
    if not file:
        return [required(field)]
    found = folder / file
    return [invalid(field, file, "must be a regular file")] if found.exists() and not found.is_file() else []


def _condition_errors(expressions: list[str], path: str, check: Callable[[str], str] | None) -> list[FieldError]:
    """WH-19; a fault of the expression itself comes from ``check`` (WH-17)."""
    if len(expressions) > MAX_CONDITIONS:
        text = f"Too many: {len(expressions)}: must have at most {MAX_CONDITIONS} items"
        return [FieldError(path, "FieldValueTooMany", text)]
    errors = []
    for number, expression in enumerate(expressions):
        field = f"{path}[{number}].expression"
        if not expression.strip():
            errors.append(required(field))
        elif expression in expressions[:number]:
            errors.append(_duplicate(field, expression))
        elif check is not None and (fault := check(expression)):
            errors.append(FieldError(field, INVALID, f"Invalid value: {quote(expression)}: {fault}"))
    return errors


def _duplicate(path: str, value: str) -> FieldError:
    return FieldError(path, "FieldValueDuplicate", f"Duplicate value: {quote(value)}")
