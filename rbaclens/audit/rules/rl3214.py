"""RL3214: impersonation in the wrong scope or API group."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role

_AUTHENTICATION = "authentication.k8s.io"
_CLUSTER_SCOPED = {"users", "groups", "uids", "userextras", "nodes"}
_LEGACY_GROUPS = {"users": "", "groups": "", "serviceaccounts": "", "uids": _AUTHENTICATION, "userextras": _AUTHENTICATION}
_CONSTRAINED = {"users", "groups", "serviceaccounts", "uids", "userextras", "nodes"}


def _check(context: Context) -> Iterator[Flaw]:
    impersonating = {id(role): role for role, _, _ in context.rules_naming("verbs", _is_impersonation)}
    for role in impersonating.values():
        yield from _wrong_groups(role)
        if role.kind == "Role":
            for number, position, entry in _inert(role):
                yield Flaw(
                    on=role,
                    steps=("rules", number, "resources", position),
                    key=("scope", entry),
                    message=f"Impersonation of {entry} is asked about at the cluster scope, where a Role grants nothing.",
                )
    inert: dict[str, tuple[tuple[int, int, str], ...]] = {}
    for binding, bound in context.bound:
        if not binding.namespace or bound.kind != "ClusterRole":
            continue
        if bound.name not in inert:
            inert[bound.name] = tuple(_inert(bound))
        for number, _, entry in inert[bound.name]:
            yield Flaw(
                on=binding,
                steps=("roleRef",),
                key=("scope", entry),
                message=f"Impersonation of {entry} is asked about at the cluster scope, where a RoleBinding grants nothing.",
                related=(Related(bound.rule_origin(number), "the rule"),),
            )


def _wrong_groups(role: Role) -> Iterator[Flaw]:
    for number, rule in enumerate(() if role.gathered else role.rules):
        for entry in rule.resources if _impersonates(rule.verbs) else ():
            main = entry.partition("/")[0]
            wanted = {group for verb in rule.verbs if (group := _group(verb, main)) is not None}
            if wanted and "*" not in rule.api_groups and wanted.isdisjoint(rule.api_groups):
                right = " or ".join(sorted(group or '"" (core)' for group in wanted))
                yield Flaw(
                    on=role,
                    steps=("rules", number, "apiGroups"),
                    key=("group", main, *sorted(rule.api_groups)),
                    message=f"Impersonation of {main} is asked about in the API group {right}, which the rule does not name.",
                )


def _group(verb: str, main: str) -> str | None:
    """The API group in which an impersonation check names the resource; ``None`` where there is no such check."""
    if verb == "impersonate":
        return _LEGACY_GROUPS.get(main)
    return _AUTHENTICATION if verb.startswith("impersonate:") and main in _CONSTRAINED else None


def _inert(role: Role) -> Iterator[tuple[int, int, str]]:
    """The entries, by rule and position, that impersonation asks about at the cluster scope only (ESC-43, ESC-47c)."""
    for number, rule in enumerate(role.rules):
        if not _impersonates(rule.verbs):
            continue
        for position, entry in enumerate(rule.resources):
            main = entry.partition("/")[0]
            if main in _CLUSTER_SCOPED and any(_group(verb, main) is not None for verb in rule.verbs):
                yield number, position, entry


@lru_cache(maxsize=4096)
def _impersonates(verbs: tuple[str, ...]) -> bool:
    return any(map(_is_impersonation, verbs))


def _is_impersonation(verb: str) -> bool:
    return verb == "impersonate" or verb.startswith("impersonate:")


RULE = CheckRule(
    id="RL3214",
    title="Impersonation in the wrong scope or API group",
    condition="A Role or RoleBinding grants impersonation of users, groups, uids, extras or nodes, or the API group is wrong.",
    gives="The rule grants nothing: these are asked about at the cluster scope, each in the one API group of its impersonation check.",
    fix="Remove it, or grant it by a ClusterRoleBinding, in the right API group and limited by resourceNames.",
    level="warning",
    check=_check,
    cis=("5.1.8",),
    owasp=("K02",),
)
