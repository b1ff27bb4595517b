"""RL3109: a RoleBinding of rules that only count in the whole cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import LEVEL_SCORES, CheckRule
from rbaclens.authorizers.matching import ALL, name_matches
from rbaclens.facts.resources import api_resources
from rbaclens.model.objects import RBAC_GROUP, Role
from rbaclens.model.rules import PolicyRule

_CHECKED_ONLY = (
    ("", "users"),
    ("", "groups"),
    ("authentication.k8s.io", "uids"),
    ("authentication.k8s.io", "userextras"),
    ("certificates.k8s.io", "signers"),
)
"""Resources that no server serves, and that are asked about at the cluster scope."""
_OWN_NAMESPACE = {"get", "update", "patch", "delete", ALL}
"""The verbs on a namespace's own object: its path names the namespace, so that a RoleBinding there counts."""
Namespaced = Mapping[tuple[str, str], bool]


def _check(context: Context) -> Iterator[Flaw]:
    namespaced = _namespaced(context)
    # Which namespace it is matters to rules about certain namespaces, and to no others.
    named = {role.name for role in context.policy.roles for rule in role.rules if rule.resource_names and _about_namespaces(rule)}
    known: dict[tuple[str, str], tuple[list[tuple[int, str]], bool]] = {}
    for binding, role in context.bound:
        if binding.kind != "RoleBinding" or role.kind != "ClusterRole" or not binding.subjects:
            continue
        key = (role.name, binding.namespace if role.name in named else "")
        if key not in known:
            known[key] = _sorted_out(role, binding.namespace, namespaced)
        inert, alive = known[key]
        # The default roles are made for both kinds of binding: of them, only what gives nothing at all is worth a word.
        if not inert or (alive and context.shipped_role(role) is not None):
            continue
        number, text = inert[0]
        others = f" and {len(inert) - 1} others" if len(inert) > 1 else ""
        result = "" if alive else "; the binding gives nothing"
        yield Flaw(
            on=binding,
            steps=("roleRef",),
            score=None if alive else LEVEL_SCORES["warning"],
            message=f"ClusterRole {role.name} has rules that only a ClusterRoleBinding gives: {text}{others}{result}.",
            related=(Related(role.rule_origin(number), "a rule that gives nothing in a namespace"),),
        )


def _namespaced(context: Context) -> Namespaced:
    found = dict.fromkeys(_CHECKED_ONLY, False)
    for one in (*api_resources(), *context.policy.resources):
        found[one.group, one.resource] = one.namespaced
    return found


def _sorted_out(role: Role, namespace: str, namespaced: Namespaced) -> tuple[list[tuple[int, str]], bool]:
    """What is inert in ``namespace``, each with its rule's number, and whether anything else is in the role."""
    inert: list[tuple[int, str]] = []
    alive = False
    for number, rule in enumerate(role.rules):
        inert += [(number, f"{', '.join(rule.verbs)} on {url}") for url in rule.non_resource_urls if rule.verbs]
        for entry in rule.resources:
            dead = _dead_verbs(rule, entry, namespace, namespaced)
            if dead:
                inert.append((number, f"{', '.join(dead)} on {entry}"))
            alive = alive or (bool(rule.api_groups) and len(dead) < len(rule.verbs))
    return inert, alive


def _about_namespaces(rule: PolicyRule) -> bool:
    return any(entry.partition("/")[0] == "namespaces" for entry in rule.resources)


def _dead_verbs(rule: PolicyRule, entry: str, namespace: str, namespaced: Namespaced) -> list[str]:
    """The verbs of ``rule`` that do nothing to ``entry`` in a namespace; what is not known may be namespaced."""
    resource, _, subresource = entry.partition("/")
    if {namespaced.get((group, resource)) for group in rule.api_groups} != {False}:
        return []
    living = {"use"}
    if resource == "namespaces" and subresource in ("", "status", "finalize") and name_matches(rule.resource_names, namespace):
        living |= _OWN_NAMESPACE
    if (resource, subresource) == ("clusterroles", "") and RBAC_GROUP in rule.api_groups:
        # What a RoleBinding may refer to is asked in its namespace.
        living |= {"bind", ALL}
    return [verb for verb in rule.verbs if verb not in living]


RULE = CheckRule(
    id="RL3109",
    title="Cluster-scoped rules in a RoleBinding",
    condition="A RoleBinding refers to a ClusterRole with rules about cluster-scoped resources or URLs, which it does not give; a warning"
    " where it gives nothing at all. Of the API server's own roles, only the latter is reported.",
    gives="Reviewers count rights that nobody has, and the next fix is a ClusterRoleBinding of the whole role.",
    fix="Bind a ClusterRole with the cluster-scoped rules by a ClusterRoleBinding, and another one with the rest by the RoleBinding.",
    level="note",
    check=_check,
    owasp=("K02",),
)
