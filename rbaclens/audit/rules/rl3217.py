"""RL3217: rules that are not whole, or two in one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Edit, Patch, edit, replace_rules
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role
from rbaclens.model.rules import PolicyRule


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.refused_roles:
        for number, rule in enumerate(role.rules):
            what = _wrong(rule)
            if what:
                yield Flaw(
                    on=role,
                    steps=("rules", number),
                    key=(what, *sorted(rule.verbs), *sorted(rule.resources), *sorted(rule.non_resource_urls)),
                    message=f"A rule of it {what}: the API server refuses the whole role.",
                    patch=_patch(role, number),
                )


def _wrong(rule: PolicyRule) -> str:
    """What is wrong with a rule by itself, empty if nothing is (VAL-06 to VAL-08)."""
    if rule.non_resource_urls and _about_resources(rule):
        return "names resources and paths at once"
    wanted = {"verbs": rule.verbs}
    if not rule.non_resource_urls:
        wanted |= {"apiGroups": rule.api_groups, "resources": rule.resources}
    empty = [field for field, entries in wanted.items() if not entries]
    return f"has no {' and no '.join(empty)}" if empty else ""


def _about_resources(rule: PolicyRule) -> bool:
    return bool(rule.api_groups or rule.resources or rule.resource_names)


def _patch(role: Role, number: int) -> Patch | None:
    """Two rules out of a mixed one; without a rule that says nothing. What only lacks its API group was meant to say something."""
    rule = role.rules[number]
    if rule.non_resource_urls and _about_resources(rule):
        resources = msgspec.structs.replace(rule, non_resource_urls=())
        halves = (resources, PolicyRule(rule.verbs, non_resource_urls=rule.non_resource_urls))
        if _wrong(resources):
            return None
        return replace_rules(role, (*role.rules[:number], *halves, *role.rules[number + 1 :]), "write two rules, for resources and paths")
    if rule.verbs and rule.resources:
        return None
    return edit(role, f"remove rule number {number + 1}, which grants nothing", Edit("remove", f"/rules/{number}"))


RULE = CheckRule(
    id="RL3217",
    title="Incomplete or mixed rule",
    condition="A rule lacks verbs, API groups or resources, or has both resources and nonResourceURLs.",
    gives="The API server refuses the role: nobody has what its other rules were meant to give.",
    fix='Write every rule whole (the core API group is ""), and one rule each for resources and for paths.',
    level="error",
    check=_check,
    owasp=("K02",),
)
