"""RL3209: paths in a Role."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Patch, replace_rules
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.refused_roles:
        for number, rule in enumerate(role.rules):
            if role.kind == "Role" and rule.non_resource_urls:
                paths = ", ".join(rule.non_resource_urls)
                yield Flaw(
                    on=role,
                    steps=("rules", number, "nonResourceURLs"),
                    key=(*sorted(rule.verbs), *rule.non_resource_urls),
                    message=f"A Role cannot grant paths ({paths}), which belong to no namespace: the API server refuses all of it.",
                    patch=_without_paths(role, number),
                )


def _without_paths(role: Role, number: int) -> Patch:
    rule = role.rules[number]
    left = (msgspec.structs.replace(rule, non_resource_urls=()),) if rule.resources or rule.api_groups else ()
    rules = (*role.rules[:number], *left, *role.rules[number + 1 :])
    return replace_rules(role, rules, f"remove {', '.join(rule.non_resource_urls)} from the rules")


RULE = CheckRule(
    id="RL3209",
    title="Paths in a Role",
    condition="A rule of a Role has nonResourceURLs.",
    gives="The API server refuses the role: nobody has what its other rules were meant to give.",
    fix="Put the paths into a ClusterRole, and bind that by a ClusterRoleBinding.",
    level="error",
    check=_check,
    owasp=("K02",),
)
