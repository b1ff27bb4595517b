"""RL3222: rules without the one that they need beside them."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern
from rbaclens.model.rules import PolicyRule


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.roles:
        shipped = context.shipped_role(role)
        for number, rule in enumerate(() if role.gathered else role.rules):
            if shipped and rule in shipped.rules:
                continue
            for position, entry in enumerate(rule.resources):
                missing = _missing(role, rule, entry)
                if missing:
                    steps = ("rules", number, "resources", position)
                    yield Flaw(on=role, steps=steps, key=(entry, *sorted(rule.api_groups)), message=f"The role grants {missing}.")


def _missing(role: Role, rule: PolicyRule, entry: str) -> str:
    """What stands there without its companion, empty if nothing does."""
    main, slash, subresource = entry.partition("/")
    if main == "*":
        return ""
    if subresource == "status":
        return "" if _granted(role, rule, None, main, None) else f"{', '.join(rule.verbs)} on {entry}, and nothing on {main}"
    if slash or "update" not in rule.verbs or not rule.resource_names:
        return ""
    names = [name for name in rule.resource_names if not _granted(role, rule, "get", main, name)]
    return f"update on {main} {', '.join(names)}, and no get" if names else ""


def _granted(role: Role, rule: PolicyRule, verb: str | None, main: str, name: str | None) -> bool:
    groups = [None if group == "*" else group for group in rule.api_groups]
    return any(rule_touches(other, Pattern(verb, main, group, "", None, name)) for other in role.rules for group in groups)


RULE = CheckRule(
    id="RL3222",
    title="Rule without its companion",
    condition="A role grants update on objects by name and no get on them, or a status subresource and nothing on its resource.",
    gives="Such a role is usually a copying mistake: a client reads an object before it writes it.",
    fix="Add the verb that is missing, or remove the rest.",
    tier=2,
    level="note",
    check=_check,
    owasp=("K02",),
)
