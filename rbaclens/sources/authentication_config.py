"""What an AuthenticationConfiguration file says about anonymous requests (ATTR-14); its login methods are passed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rbaclens.errors import PolicyFileError
from rbaclens.model.anonymous import AnonymousAccess
from rbaclens.sources.strict_document import parse_document

GROUP = "apiserver.config.k8s.io"
KIND = "AuthenticationConfiguration"


def load_anonymous_access(path: str) -> AnonymousAccess | None:
    """What the file says; ``None`` where it leaves anonymous requests to the flag. Raises ``PolicyFileError``."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PolicyFileError(f"cannot be read: {(error.strerror or str(error)).lower()}", file=path) from None
    except UnicodeDecodeError:
        raise PolicyFileError("cannot be read: the file is not UTF-8 text", file=path) from None
    try:
        document, _ = parse_document(text)
    except ValueError as error:
        raise PolicyFileError(str(error), file=path) from None
    version = document.get("apiVersion") if isinstance(document, dict) else None
    if not isinstance(version, str) or not version.startswith(f"{GROUP}/") or document.get("kind") != KIND:
        raise PolicyFileError(f"is no {KIND} of {GROUP}", "it is the file of the API server's --authentication-config", file=path)
    anonymous = document.get("anonymous")
    return None if anonymous is None else _access(anonymous, path)


def _access(anonymous: Any, path: str) -> AnonymousAccess:
    enabled = _field(anonymous, "enabled", bool, "anonymous", path)
    conditions = _field(anonymous, "conditions", list, "anonymous", path) or []
    places = [_field(one, "path", str, f"anonymous.conditions[{number}]", path) for number, one in enumerate(conditions)]
    if not all(places):
        raise PolicyFileError("anonymous.conditions: every condition needs a path", file=path)
    if conditions and not enabled:
        raise PolicyFileError("anonymous.conditions: nothing is limited where enabled is not true", file=path)
    return AnonymousAccess(bool(enabled), tuple(places), path)


def _field(value: Any, key: str, wanted: type, place: str, file: str) -> Any:
    """A member of an object, ``None`` where it is absent."""
    if not isinstance(value, dict):
        raise PolicyFileError(f"{place}: expected an object", file=file)
    found = value.get(key)
    if found is not None and not isinstance(found, wanted):
        words = {bool: "true or false", list: "a list", str: "a text"}[wanted]
        raise PolicyFileError(f"{place}.{key}: expected {words}", file=file)
    return found
