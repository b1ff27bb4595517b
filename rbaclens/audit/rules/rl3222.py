"""RL3222: rules without the one that they need beside them."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import rule_touches, verb_matches
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern
from rbaclens.model.rules import PolicyRule


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, (position, entry) in context.each_rule(_with_companion):
        rule = role.rules[number]
        missing = "" if context.is_shipped_rule(role, rule) else _missing(role, rule, entry)
        if missing:
            steps = ("rules", number, "resources", position)
            yield Flaw(on=role, steps=steps, key=(entry, *sorted(rule.api_groups)), message=f"The role grants {missing}.")


def _with_companion(rule: PolicyRule) -> Iterator[tuple[int, str]]:
    """The entries, by position, that need another right beside them."""
    has_get = bool(rule.api_groups) and verb_matches(rule.verbs, "get")
    by_name = rule.resource_names and "update" in rule.verbs and not has_get
    for position, entry in enumerate(rule.resources):
        main, slash, subresource = entry.partition("/")
        if main != "*" and (subresource == "status" or (by_name and not slash)):
            yield position, entry


def _missing(role: Role, rule: PolicyRule, entry: str) -> str:
    """What stands there without its companion, empty if nothing does."""
    main, slash, _ = entry.partition("/")
    if slash:
        return "" if _granted(role, rule, None, main, None) else f"{', '.join(rule.verbs)} on {entry}, and nothing on {main}"
    names = [name for name in rule.resource_names if not _granted(role, rule, "get", main, name)]
    return f"update on {main} {', '.join(names)}, and no get" if names else ""


def _granted(role: Role, rule: PolicyRule, verb: str | None, main: str, name: str | None) -> bool:
    groups = [None if group == "*" else group for group in rule.api_groups]
    patterns = [Pattern(verb, main, group, "", None, name) for group in groups]
    return any(rule_touches(other, pattern) for other in role.rules for pattern in patterns)


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
