"""What the tests of audit rules have in common: small policies from words, and one rule asked about them.

``grant("get list", "secrets")`` is a ClusterRole with one rule, bound to the user mallory. ``found("RL1101", …)`` are that rule's
findings on the objects given, over the API server's own policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rbaclens.audit.finding import Finding
from rbaclens.audit.registry import load_rule
from rbaclens.audit.run import audit
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig
from rbaclens.model.policy import PolicySet
from rbaclens.sources import Objects, assemble, load, read_abac, read_manifests

Data = dict[str, Any]
SAMPLES = Path(__file__).parent.parent / "policies" / "samples"
RBAC = "rbac.authorization.k8s.io"
VERSION = (1, 36)


def user(name: str) -> Data:
    """A User subject."""
    return {"kind": "User", "name": name, "apiGroup": RBAC}


def group(name: str) -> Data:
    """A Group subject."""
    return {"kind": "Group", "name": name, "apiGroup": RBAC}


def account(name: str, namespace: str) -> Data:
    """A ServiceAccount subject."""
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def rule(verbs: str, resources: str, api_group: str = "", names: str = "") -> Data:
    """A policy rule; words are separated by spaces."""
    found: Data = {"verbs": verbs.split(), "resources": resources.split(), "apiGroups": [api_group]}
    return found | ({"resourceNames": names.split()} if names else {})


def urls(verbs: str, *paths: str) -> Data:
    """A policy rule about paths."""
    return {"verbs": verbs.split(), "nonResourceURLs": list(paths)}


def role(name: str, *rules: Data, namespace: str = "", labels: dict[str, str] | None = None, **more: Any) -> Data:
    """A ClusterRole, or with ``namespace`` a Role; ``more`` are further fields, such as ``aggregationRule``."""
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": _meta(name, namespace, labels), "rules": list(rules), **more}


def binding(name: str, *subjects: Data, role: str, kind: str = "ClusterRole", namespace: str = "", **more: Any) -> Data:
    """A ClusterRoleBinding, or with ``namespace`` a RoleBinding, of the role called ``role``."""
    bound = "RoleBinding" if namespace else "ClusterRoleBinding"
    ref = {"apiGroup": RBAC, "kind": kind, "name": role}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": bound,
        "metadata": _meta(name, namespace, None),
        "subjects": list(subjects),
        "roleRef": ref,
        **more,
    }


def plain(kind: str, name: str, namespace: str = "", labels: dict[str, str] | None = None) -> Data:
    """A Namespace, ServiceAccount or Node."""
    return {"apiVersion": "v1", "kind": kind, "metadata": _meta(name, namespace, labels)}


def grant(
    verbs: str, resources: str, api_group: str = "", *, names: str = "", namespace: str = "", to: Data | None = None, name: str = "tried"
) -> list[Data]:
    """A role with one rule and a binding of it to ``to`` (the user mallory); with ``namespace`` a Role and a RoleBinding."""
    return given(rule(verbs, resources, api_group, names), namespace=namespace, to=to, name=name)


def given(*rules: Data, namespace: str = "", to: Data | None = None, name: str = "tried") -> list[Data]:
    """A role with these rules and a binding of it to ``to`` (the user mallory); with ``namespace`` a Role and a RoleBinding."""
    kind = "Role" if namespace else "ClusterRole"
    subject = to or user("mallory")
    return [role(name, *rules, namespace=namespace), binding(name, subject, role=name, kind=kind, namespace=namespace)]


def policy_of(*objects: Data | list[Data], abac: str | None = None, bootstrap: bool = True) -> PolicySet:
    """The policy of these objects and ABAC lines, over the API server's own."""
    items = [one for some in objects for one in (some if isinstance(some, list) else [some])]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()
    lines = None if abac is None else read_abac(abac.encode(), "policy.abac")
    return assemble(read_manifests(text, "test.json").objects, bootstrap=bootstrap, abac=lines)


def judged(
    policy: PolicySet,
    *rules: str,
    version: tuple[int, int] = VERSION,
    identities: dict[str, Iterable[str]] | None = None,
    config: AuthorizerConfig | None = None,
) -> tuple[Finding, ...]:
    """The findings of these rules (none: of all) on a policy."""
    wanted = [load_rule(one) for one in rules] or None
    return audit(Engine(policy, config), assemble(Objects()), wanted, version=version, identities=identities).findings


def found(
    rule_id: str, *objects: Data | list[Data], abac: str | None = None, version: tuple[int, int] = VERSION, **more: Any
) -> tuple[Finding, ...]:
    """The findings of one rule on these objects."""
    return judged(policy_of(*objects, abac=abac), rule_id, version=version, **more)


def sample(rule_id: str, which: str) -> PolicySet:
    """The sample policy of a rule, ``vulnerable`` or ``hardened``; a file ``*.abac`` beside it belongs to it."""
    folder = SAMPLES / rule_id
    paths = [str(path) for path in sorted(folder.glob(f"{which}.*"))]
    assert paths, f"policies/samples/{rule_id} has no {which} sample"
    return load(paths)


def _meta(name: str, namespace: str, labels: dict[str, str] | None) -> Data:
    return {"name": name} | ({"namespace": namespace} if namespace else {}) | ({"labels": labels} if labels else {})
