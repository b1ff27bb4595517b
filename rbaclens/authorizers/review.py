"""The SubjectAccessReview that a webhook is sent (WH-01 to WH-05)."""

from __future__ import annotations

from typing import Any

from rbaclens.model.request import Request

# WH-04: comparisons and anything unknown are not sent at all.
_OPERATORS = {"=": "In", "==": "In", "in": "In", "!=": "NotIn", "notin": "NotIn", "exists": "Exists", "!": "DoesNotExist"}


def review(request: Request, version: str) -> dict[str, Any]:
    """The review of ``request`` as JSON data; ``version`` is ``v1`` or ``v1beta1``."""
    spec = review_spec(request)
    if version == "v1beta1" and "groups" in spec:
        spec["group"] = spec.pop("groups")  # the one difference (WH-02)
    return {
        "kind": "SubjectAccessReview",
        "apiVersion": f"authorization.k8s.io/{version}",
        "metadata": {},
        "spec": spec,
        "status": {"allowed": False},
    }


def review_spec(request: Request) -> dict[str, Any]:
    """The v1 spec of ``request``; empty fields are left out, as Go's encoder leaves them out."""
    spec: dict[str, Any] = {}
    if request.is_resource:
        spec["resourceAttributes"] = _resource_attributes(request)
    else:
        spec["nonResourceAttributes"] = _filled({"path": request.path, "verb": request.verb})
    extra = {key: list(values) for key, values in request.extra.items()}
    return spec | _filled({"user": request.user, "groups": list(request.groups), "extra": extra, "uid": request.uid})


def _resource_attributes(request: Request) -> dict[str, Any]:
    attributes = {
        "namespace": request.namespace,
        "verb": request.verb,
        "group": request.api_group,
        "version": request.version,
        "resource": request.resource,
        "subresource": request.subresource,
        "name": request.name,
    }
    fields = [_requirement(term.key, term.operator, (term.value,)) for term in request.field_selector if term.operator in ("=", "==", "!=")]
    labels = [_requirement(term.key, term.operator, term.values) for term in request.label_selector if term.operator in _OPERATORS]
    selectors = {"fieldSelector": fields, "labelSelector": labels}
    return _filled(attributes) | {name: {"requirements": found} for name, found in selectors.items() if found}


def _requirement(key: str, operator: str, values: tuple[str, ...]) -> dict[str, Any]:
    requirement: dict[str, Any] = {"key": key, "operator": _OPERATORS[operator]}
    return requirement | {"values": list(values)} if values else requirement


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
