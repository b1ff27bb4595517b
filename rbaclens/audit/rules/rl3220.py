"""RL3220: list and watch limited to names."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.rules import PolicyRule

_COLLECTIONS = ("list", "watch")


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, verbs in context.each_rule(_collections):
        rule = role.rules[number]
        if context.is_shipped_rule(role, rule):
            continue
        names = ", ".join(rule.resource_names)
        yield Flaw(
            on=role,
            steps=("rules", number, "resourceNames"),
            key=(*verbs, *sorted(rule.resources), *sorted(rule.resource_names)),
            message=(
                f"{' and '.join(verbs)} on {', '.join(rule.resources)} works with the field selector metadata.name alone: "
                f"a plain list is refused, but {names} can be read by it."
            ),
        )


def _collections(rule: PolicyRule) -> Iterator[list[str]]:
    """The verbs of a rule with names that read several objects at once, if any."""
    if rule.resource_names and rule.resources:
        verbs = [verb for verb in _COLLECTIONS if verb in rule.verbs]
        if verbs:
            yield verbs


RULE = CheckRule(
    id="RL3220",
    title="List or watch with resourceNames",
    condition="A rule with resourceNames names list or watch.",
    gives="A list with the field selector metadata.name shows the whole object, although the plain list is refused.",
    fix="Grant get for reading by name; keep list and watch only for clients that select the object by its name.",
    level="note",
    check=_check,
    owasp=("K02",),
)
