"""The API server's ``--authorization-config`` file, read as strictly as the server reads it (WH-21 to WH-29)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rbaclens.errors import AuthorizerConfigError
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry, WebhookSettings
from rbaclens.model.decision import quote
from rbaclens.model.duration import parse_duration
from rbaclens.sources.authorizer_validation import configuration_problems
from rbaclens.sources.strict_document import JsonObject, parse_document

ExpressionCheck = Callable[[str], str]
"""What is wrong with a match condition, in the server's words; empty when nothing is."""

GROUP = "apiserver.config.k8s.io"
KIND = "AuthorizationConfiguration"
_VERSIONS = ("v1", "v1beta1", "v1alpha1")

_WEBHOOK: dict[str, Any] = {
    "timeout": "duration",
    "authorizedTTL": "duration",
    "cacheAuthorizedRequests": "bool",
    "unauthorizedTTL": "duration",
    "cacheUnauthorizedRequests": "bool",
    "subjectAccessReviewVersion": "string",
    "matchConditionSubjectAccessReviewVersion": "string",
    "failurePolicy": "string",
    "connectionInfo": {"type": "string", "kubeConfigFile": "*string"},
    "matchConditions": [{"expression": "string"}],
}
_CONFIGURATION: dict[str, Any] = {
    "apiVersion": "string",
    "kind": "string",
    "authorizers": [{"type": "string", "name": "string", "webhook": _WEBHOOK}],
}
_OPTIONAL = ("webhook",)
_DEFAULT_TTL = {"authorizedTTL": 300 * 10**9, "unauthorizedTTL": 30 * 10**9}


def load_authorizer_config(path: str | Path, check: ExpressionCheck | None = None) -> AuthorizerConfig:
    """The chain that the configuration file at ``path`` describes.

    ``check`` compiles match conditions (``authorizers.conditions.check_expression``); without it they are first looked at
    when a webhook authorizer is made. A relative ``kubeConfigFile`` is looked up beside the configuration, and it need not
    exist: the server is strict about both, but here the file is read on another machine.
    Raises :class:`AuthorizerConfigError` with every problem in the server's words.
    """
    file = str(path)
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _refused(file, [_not_loaded(f"open {file}: {(error.strerror or str(error)).lower()}")]) from None
    except UnicodeDecodeError:
        raise _refused(file, [_not_loaded("the file is not UTF-8 text")]) from None
    try:
        tree = _decode(text)
    except ValueError as error:
        raise _refused(file, [_not_loaded(str(error))]) from None
    problems = configuration_problems(tree, Path(path).parent, check)
    if problems:
        raise _refused(file, problems)
    return AuthorizerConfig(tuple(_entry(item, Path(path).parent) for item in tree["authorizers"]), file)


def _not_loaded(text: str) -> str:
    return f"failed to load AuthorizationConfiguration from file: {text}"


def _refused(file: str, problems: list[str]) -> AuthorizerConfigError:
    message = problems[0] if len(problems) == 1 else "\n  ".join([f"{len(problems)} problems", *problems])
    return AuthorizerConfigError(message, "the API server would not start with it", file=file, problems=tuple(problems))


def _decode(text: str) -> dict[str, Any]:
    """The configuration with every field present and webhooks defaulted (WH-21, WH-22)."""
    if not text:
        return {"authorizers": []}
    document, repeated = parse_document(text)
    if not isinstance(document, dict | None):
        raise ValueError("couldn't get version/kind; json parse error: the document is not an object")
    _check_kind(document or {})
    faults = ["yaml: unmarshal errors:\n  " + "\n  ".join(repeated)] if repeated else []
    tree = _object(document or {}, _CONFIGURATION, "", faults)
    if faults:
        raise ValueError("strict decoding error: " + ", ".join(faults))
    for entry in tree["authorizers"]:
        for field, default in _DEFAULT_TTL.items():
            # The server cannot tell an explicit 0s from none, so that both get the default.
            if entry["webhook"] is not None and not entry["webhook"][field]:
                entry["webhook"][field] = default
    return tree


def _check_kind(document: dict[str, Any]) -> None:
    kind, version = document.get("kind"), document.get("apiVersion")
    if not kind:
        raise ValueError("Object 'Kind' is missing")
    if not version:
        raise ValueError("Object 'apiVersion' is missing")
    if kind != KIND or version not in [f"{GROUP}/{known}" for known in _VERSIONS]:
        raise ValueError(f"no kind {quote(str(kind))} is registered for version {quote(str(version))}")


def _object(value: dict[str, Any], schema: dict[str, Any], path: str, faults: list[str]) -> dict[str, Any]:
    prefix = f"{path}." if path else ""
    if isinstance(value, JsonObject):
        faults.extend(f"duplicate field {quote(prefix + key)}" for key in value.repeated)
    faults.extend(f"unknown field {quote(prefix + key)}" for key in value if key not in schema)
    return {key: _value(value.get(key), shape, prefix + key, faults, key in value) for key, shape in schema.items()}


def _value(value: Any, shape: Any, path: str, faults: list[str], given: bool) -> Any:
    if isinstance(shape, list):
        if not isinstance(value, list | None):
            raise _wrong_type(value, path, "list")
        items = value or []
        return [_value(item, shape[0], f"{path}[{number}]", faults, True) for number, item in enumerate(items)]
    if isinstance(shape, dict):
        if value is None and path.endswith(_OPTIONAL):
            return None
        if not isinstance(value, dict | None):
            raise _wrong_type(value, path, "object")
        return _object(value or {}, shape, path, faults)
    return _scalar(value, shape, path, given)


def _scalar(value: Any, shape: str, path: str, given: bool) -> Any:
    if shape == "bool":
        if not isinstance(value, bool | None):
            raise _wrong_type(value, path, "bool")
        return value
    if not isinstance(value, str | None):
        raise _wrong_type(value, path, "string")
    if value and not value.isascii():
        # Go has no half surrogate pairs, which JSON's escapes can write.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if shape == "duration":
        return parse_duration(value or "") if given else 0
    return value if shape == "*string" else value or ""


def _wrong_type(value: Any, path: str, wanted: str) -> ValueError:
    found = "bool" if isinstance(value, bool) else "number" if isinstance(value, int | float) else "string"
    found = "array" if isinstance(value, list) else "object" if isinstance(value, dict) else found
    return ValueError(f"json: cannot unmarshal {found} into Go struct field {KIND}.{path} of type {wanted}")


def _entry(item: dict[str, Any], folder: Path) -> AuthorizerEntry:
    webhook = item["webhook"]
    if webhook is None:
        return AuthorizerEntry(item["type"], item["name"])
    settings = WebhookSettings(
        kubeconfig=str(folder / webhook["connectionInfo"]["kubeConfigFile"]),
        review_version=webhook["subjectAccessReviewVersion"],
        failure_policy=webhook["failurePolicy"],
        timeout=webhook["timeout"] / 10**9,
        match_conditions=tuple(condition["expression"] for condition in webhook["matchConditions"]),
    )
    return AuthorizerEntry(item["type"], item["name"], settings)
