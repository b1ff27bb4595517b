"""RL3206: wildcards in resources that are none."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, rule in context.rules_naming("resources", lambda entry: not _matches(entry)):
        for position, entry in enumerate(rule.resources):
            # Constrained impersonation asks for userextras/* literally when there are many extras (ESC-47f).
            if _matches(entry) or (entry == "userextras/*" and any(verb.startswith("impersonate:") for verb in rule.verbs)):
                continue
            main, slash, subresource = entry.partition("/")
            if slash and subresource == "*" and "*" not in main:
                why = f"it does not mean the subresources of {main}"
            else:
                why = "only a star alone and */subresource are wildcards"
            yield Flaw(
                on=role,
                steps=("rules", number, "resources", position),
                key=(entry,),
                message=f'"{entry}" matches no resource: {why}.',
            )


def _matches(entry: str) -> bool:
    """Whether the entry is without stars, or has one that works (RBAC-11, RBAC-14)."""
    return "*" not in entry or entry == "*" or (entry.startswith("*/") and "*" not in entry[2:])


RULE = CheckRule(
    id="RL3206",
    title="Wildcard that is none",
    condition="A rule names a resource with a star that is neither alone nor in front of a subresource: pods/*, */*, sec*.",
    gives="The entry grants nothing, while its readers believe that it grants much.",
    fix="List the subresources by name, or write */subresource for that subresource of every resource.",
    level="warning",
    check=_check,
    cis=("5.1.3",),
    owasp=("K02",),
)
