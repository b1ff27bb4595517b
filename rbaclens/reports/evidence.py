"""Evidence as data: what granted, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant, AlwaysGrant, Evidence, GroupGrant, NodeGrant, RbacGrant, WebhookGrant
from rbaclens.model.location import Location, Origin
from rbaclens.model.objects import Binding, Role
from rbaclens.model.rules import PolicyRule

Locate = Callable[[Origin], Location]
Data = dict[str, Any]


def place(origin: Origin, locate: Locate) -> Data:
    """File, line and column of an origin."""
    found = locate(origin)
    return {"file": found.file, "line": found.line, "column": found.column} if found.line else {"file": found.file}


def evidence_data(evidence: Evidence, locate: Locate) -> Data:
    """The evidence as data; ``type`` says which authorizer gave it."""
    match evidence:
        case RbacGrant():
            return rbac_data(evidence, locate)
        case AbacGrant(policy):
            return {"type": "abac", "line": policy.line, "policy": policy.written, "at": place(policy.origin, locate)}
        case NodeGrant(rule, steps):
            return {"type": "node", "rule": rule, "path": list(steps)}
        case GroupGrant(group):
            return {"type": "group", "group": group}
        case WebhookGrant(name, reason, assumed):
            return {"type": "webhook", "name": name, "reason": reason, "assumed": assumed}
        case AlwaysGrant():
            return {"type": "always"}


def rbac_data(grant: RbacGrant, locate: Locate) -> Data:
    """Binding, subject, role and rule, each with its place; ``writtenIn`` names the role that an aggregated rule came from."""
    return {
        "type": "rbac",
        "binding": object_data(grant.binding, locate),
        "subject": subject_data(grant),
        "role": object_data(grant.role, locate),
        "rule": granted_rule_data(grant, locate),
    }


def granted_rule_data(grant: RbacGrant, locate: Locate) -> Data:
    """The rule of a grant: its number, what it says and where it was written."""
    rule: Data = {"index": grant.rule_index, **rule_data(grant.rule)}
    if grant.role.gathered:
        rule["writtenIn"] = _source(grant.role, grant.rule_index).name
    rule["at"] = place(grant.role.rule_origin(grant.rule_index), locate)
    return rule


def object_data(obj: Binding | Role, locate: Locate) -> Data:
    """Kind, name, namespace and place of a role or binding."""
    data: Data = {"kind": obj.kind, "name": obj.name, "namespace": obj.namespace, "at": place(obj.origin, locate)}
    return data if obj.namespace and obj.name else {key: value for key, value in data.items() if value}


def subject_data(grant: RbacGrant) -> Data:
    """The subject by which the binding applies; an inherited namespace is filled in (RBAC-23)."""
    subject = grant.subject
    data = {"kind": subject.kind, "name": subject.name}
    if subject.kind == "ServiceAccount":
        data["namespace"] = subject.namespace or grant.binding.namespace
    return data


def rule_data(rule: PolicyRule) -> Data:
    """A rule in the API's field names, empty fields left out."""
    return {key: list(value) for key, value in msgspec.to_builtins(rule).items() if value}


def rule_text(rule: PolicyRule) -> str:
    """A rule in one line: ``get,list pods,pods/log (apps) named a,b``."""
    if rule.non_resource_urls:
        return f"{','.join(rule.verbs)} {','.join(rule.non_resource_urls)}"
    groups = ",".join(group or '""' for group in rule.api_groups)
    text = f"{','.join(rule.verbs)} {','.join(rule.resources)}"
    if groups != '""':
        text += f" in API group {groups}"
    return text + (f" named {','.join(rule.resource_names)}" if rule.resource_names else "")


def abac_text(policy: AbacPolicy) -> str:
    """An ABAC line in words: ``bob may get,list,watch pods in namespace projectCaribou``."""
    who = policy.user or f"group {policy.group}"
    if policy.user and policy.group:
        who += f" in group {policy.group}"
    verbs = "get,list,watch" if policy.readonly else "do anything to"
    parts = []
    if policy.resource:
        resource = "all resources" if policy.resource == "*" else policy.resource
        group = {"*": " of any API group", "": ""}.get(policy.api_group, f" in API group {policy.api_group}")
        scope = {"*": " everywhere", "": " at the cluster scope"}.get(policy.namespace, f" in namespace {policy.namespace}")
        parts.append(f"{resource}{group}{scope}")
    if policy.non_resource_path:
        parts.append("all paths" if policy.non_resource_path == "*" else policy.non_resource_path)
    return f"{who} may {verbs} {' and '.join(parts) or 'nothing that a real request asks for'}"


def _source(role: Role, index: int) -> Role:
    while role.gathered:
        source = role.gathered[index]
        role, index = source.role, source.index
    return role
