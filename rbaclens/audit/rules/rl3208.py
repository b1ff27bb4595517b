"""RL3208: cluster-scoped resources in a Role."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.rules import PolicyRule

_UNLISTED = (("certificates.k8s.io", "signers"), ("certificates.k8s.io", "clustertrustbundles"))
# A request for a namespace is in that namespace: everything that carries its name, also by the old watch path.
_OWN_NAMESPACE = {"get", "update", "patch", "delete", "watch", "*"}


def _check(context: Context) -> Iterator[Flaw]:
    scopes: dict[str, dict[str, bool]] = {name: {group: False} for group, name in _UNLISTED}
    for one in (*api_resources(), *context.policy.resources):
        scopes.setdefault(one.resource, {})[one.group] = one.namespaced
    served = {group for groups in scopes.values() for group in groups}
    clusterwide = {name for name, groups in scopes.items() if not all(groups.values())}
    for role, number, rule in context.rules_naming("resources", lambda entry: entry.partition("/")[0] in clusterwide):
        if role.kind != "Role" or ("*" not in rule.api_groups and not served.issuperset(rule.api_groups)):
            continue
        for position, entry in enumerate(rule.resources):
            main = entry.partition("/")[0]
            found = {group: scoped for group, scoped in scopes.get(main, {}).items() if group in rule.api_groups or "*" in rule.api_groups}
            if found and not any(found.values()) and not _counts(rule, entry, role.namespace):
                yield Flaw(
                    on=role,
                    steps=("rules", number, "resources", position),
                    key=(entry, *sorted(rule.api_groups)),
                    message=f"{entry} is in no namespace, so a Role never grants {_verbs(rule)} on it.",
                )


def _counts(rule: PolicyRule, entry: str, namespace: str) -> bool:
    """Whether the entry is one of those that are asked about in a namespace all the same."""
    if entry == "clusterroles":
        return "bind" in rule.verbs or "*" in rule.verbs
    if entry.partition("/")[0] == "namespaces":
        return not _OWN_NAMESPACE.isdisjoint(rule.verbs) and (not rule.resource_names or namespace in rule.resource_names)
    return False


def _verbs(rule: PolicyRule) -> str:
    return "anything" if "*" in rule.verbs else ", ".join(rule.verbs)


RULE = CheckRule(
    id="RL3208",
    title="Cluster-scoped resource in a Role",
    condition="A Role names a resource that is in no namespace, other than its own namespace or bind on clusterroles.",
    gives="The entry grants nothing; whoever needs it will ask for far more when it fails.",
    fix="Grant it by a ClusterRole and a ClusterRoleBinding where it is really needed, otherwise remove it.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
