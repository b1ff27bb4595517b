"""What CEL expressions see: the objects of the policy in the shape of the API, absent fields empty."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from rbaclens.analysis.holder import Grant, Principal
from rbaclens.authorizers.cel_engine import Messages, MessageTypes, message_types
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.objects import Binding, PlainObject, Role, Subject
from rbaclens.model.rules import AggregationRule, PolicyRule

_TEXTS = "map of string"
MESSAGES: Messages = {
    "Metadata": {"name": "string", "namespace": "string", "labels": _TEXTS, "annotations": _TEXTS},
    "PolicyRule": dict.fromkeys(("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"), "strings"),
    "SelectorRequirement": {"key": "string", "operator": "string", "values": "strings"},
    "LabelSelector": {"matchLabels": _TEXTS, "matchExpressions": "*SelectorRequirement"},
    "AggregationRule": {"clusterRoleSelectors": "*LabelSelector"},
    "Subject": dict.fromkeys(("kind", "name", "namespace", "apiGroup"), "string"),
    "RoleRef": dict.fromkeys(("kind", "name", "apiGroup"), "string"),
    "Role": {"kind": "string", "metadata": "Metadata", "rules": "*PolicyRule", "aggregationRule": "AggregationRule"},
    "Binding": {"kind": "string", "metadata": "Metadata", "subjects": "*Subject", "roleRef": "RoleRef"},
    "Object": {"kind": "string", "metadata": "Metadata"},
    "PolicySpec": {
        **dict.fromkeys(("user", "group", "namespace", "resource", "apiGroup", "nonResourcePath"), "string"),
        "readonly": "bool",
    },
    "Policy": {"kind": "string", "spec": "PolicySpec"},
    "Principal": dict.fromkeys(("kind", "name", "namespace", "id"), "string"),
    "Grant": {
        "authorizer": "string",
        "subject": "Subject",
        "binding": "Binding",
        "role": "Role",
        "rule": "PolicyRule",
        "policy": "Policy",
    },
    "Version": {"major": "int", "minor": "int"},
}
"""The types of expressions; ``Role`` and ``Binding`` are those of a cluster too."""


@functools.lru_cache(maxsize=1)
def types() -> MessageTypes | None:
    """The message types; ``None`` when the CEL engine is not installed."""
    return message_types("rbaclens", MESSAGES, "proto3")


@functools.cache
def message_class(name: str) -> Any:
    """The class of a message."""
    found = types()
    assert found is not None  # noqa: S101
    return found.message(name)


Named = Role | Binding | PlainObject


class Shapes:
    """Objects as messages; each is made once."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[object, Any]] = {}

    def of(self, one: Named | AbacPolicy | None) -> Any:
        """An object or line of the policy; of what is not there, an empty object."""
        if one is None:
            return message_class("Object")()
        known = self._made.get(id(one))
        if known is None:
            # The object is kept too, so that no other one can get its id.
            known = self._made[id(one)] = one, _made(one)
        return known[1]

    def role(self, role: Role | None) -> Any:
        """A role; an empty one where there is none."""
        return message_class("Role")() if role is None else self.of(role)

    def grant(self, grant: Grant) -> Any:
        """One link of the evidence."""
        if isinstance(grant, AbacGrant):
            return message_class("Grant")(authorizer="ABAC", policy=self.of(grant.policy))
        return message_class("Grant")(
            authorizer="RBAC",
            subject=subject_message(grant.subject),
            binding=self.of(grant.binding),
            role=self.of(grant.role),
            rule=rule_message(grant.rule),
        )


def principal_message(principal: Principal | None) -> Any:
    """Who holds it; empty where nobody does. ``id`` is as findings write it."""
    if principal is None:
        return message_class("Principal")()
    namespace, _, name = principal.name.rpartition("/") if principal.kind == "ServiceAccount" else ("", "", principal.name)
    return message_class("Principal")(kind=principal.kind, name=_text(name), namespace=_text(namespace), id=_text(str(principal)))


def rule_message(rule: PolicyRule) -> Any:
    """One rule of a role."""
    return message_class("PolicyRule")(
        verbs=_texts(rule.verbs),
        apiGroups=_texts(rule.api_groups),
        resources=_texts(rule.resources),
        resourceNames=_texts(rule.resource_names),
        nonResourceURLs=_texts(rule.non_resource_urls),
    )


def subject_message(subject: Subject) -> Any:
    """One subject of a binding."""
    return message_class("Subject")(
        kind=_text(subject.kind), name=_text(subject.name), namespace=_text(subject.namespace), apiGroup=_text(subject.api_group)
    )


def _made(one: Named | AbacPolicy) -> Any:
    if isinstance(one, AbacPolicy):
        spec = message_class("PolicySpec")(
            user=_text(one.user),
            group=_text(one.group),
            readonly=one.readonly,
            namespace=_text(one.namespace),
            resource=_text(one.resource),
            apiGroup=_text(one.api_group),
            nonResourcePath=_text(one.non_resource_path),
        )
        return message_class("Policy")(kind="Policy", spec=spec)
    metadata = message_class("Metadata")(
        name=_text(one.name), namespace=_text(one.namespace), labels=_labels(one.labels), annotations=_labels(one.annotations)
    )
    if isinstance(one, Role):
        more = {} if one.aggregation is None else {"aggregationRule": _aggregation(one.aggregation)}
        return message_class("Role")(kind=one.kind, metadata=metadata, rules=[rule_message(rule) for rule in one.rules], **more)
    if isinstance(one, Binding):
        ref = one.role_ref
        return message_class("Binding")(
            kind=one.kind,
            metadata=metadata,
            subjects=[subject_message(subject) for subject in one.subjects],
            roleRef=message_class("RoleRef")(kind=_text(ref.kind), name=_text(ref.name), apiGroup=_text(ref.api_group)),
        )
    return message_class("Object")(kind=one.kind, metadata=metadata)


def _aggregation(aggregation: AggregationRule) -> Any:
    selectors = []
    for selector in aggregation.selectors:
        expressions = [
            message_class("SelectorRequirement")(key=_text(one.key), operator=_text(one.operator), values=_texts(one.values))
            for one in selector.match_expressions or ()
        ]
        labels = _labels(selector.match_labels or {})
        selectors.append(message_class("LabelSelector")(matchLabels=labels, matchExpressions=expressions))
    return message_class("AggregationRule")(clusterRoleSelectors=selectors)


def _text(text: str) -> str:
    """``text`` as a message can carry it: JSON may hold half a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _texts(texts: Iterable[str]) -> list[str]:
    return [_text(one) for one in texts]


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    return {_text(key): _text(value) for key, value in labels.items()}
