"""RL3104: a rule that other rules of its role contain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from rbaclens.analysis.coverage import Coverage, covering_entries, meaning, rule_text
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Patch, replace_rules
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import ALL, group_matches, verb_matches
from rbaclens.model.objects import Role
from rbaclens.model.rules import PolicyRule

_URLS = ""
"""Stands for the rules about URLs among the resources: no rule names a resource so."""
_PATCHED = 200
"""As many rules a role may have for a patch to be made of them."""


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.roles:
        # What a role gathers is looked at where it was written.
        if role.gathered or role.aggregation is not None or len(role.rules) < 2:
            continue
        shadowed: dict[PolicyRule, list[int]] = defaultdict(list)
        for position in _shadowed(role.rules):
            shadowed[role.rules[position]].append(position)
        for rule, positions in shadowed.items():
            text = rule_text(rule)
            yield Flaw(
                on=role,
                steps=("rules", positions[-1]),
                key=(text,),
                message=f"Other rules of the role contain rule {text}: taking it away changes nothing.",
                patch=_without(role, set(positions)),
            )


def _without(role: Role, positions: set[int]) -> Patch | None:
    """The removal of these rules; the patch holds all the others, so that a huge role gets none."""
    if len(role.rules) > _PATCHED:
        return None
    rest = tuple(rule for number, rule in enumerate(role.rules) if number not in positions)
    return replace_rules(role, rest, "remove the rule that others contain")


def _shadowed(rules: tuple[PolicyRule, ...]) -> list[int]:
    """The numbers of the rules that others contain, the last ones first: of two that contain each other the first stays."""
    if not _overlap(rules):
        return []
    by_entry: dict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        for entry in dict.fromkeys((*rule.resources, *((_URLS,) if rule.non_resource_urls else ()))):
            by_entry[entry].append(number)
    found: dict[int, None] = {}
    for number in range(len(rules) - 1, -1, -1):
        rule = rules[number]
        if not _starts(rule, (rules[owner] for owner in _first_owners(rule, by_entry) if owner != number and owner not in found)):
            continue
        entries = {covering for entry in rule.resources for covering in covering_entries(entry)}
        entries |= {_URLS} if rule.non_resource_urls else set()
        owners = {owner for entry in entries for owner in by_entry.get(entry, ())} - {number}
        owners = {owner for owner in owners if owner not in found}
        above = [rules[owner] for owner in sorted(owners)]
        if above and meaning((rule,)) and Coverage(above).covers((rule,)):
            found[number] = None
    return list(found)


def _first_owners(rule: PolicyRule, by_entry: Mapping[str, list[int]]) -> list[int]:
    """The rules that have the first resource of a rule."""
    return [owner for entry in covering_entries(rule.resources[0]) for owner in by_entry.get(entry, ())] if rule.resources else []


def _starts(rule: PolicyRule, owners: Iterable[PolicyRule]) -> bool:
    """Whether one of the owners has the first verb in the first API group: if none does, there is no need to look further."""
    if not rule.verbs or not (rule.api_groups and rule.resources):
        return bool(rule.verbs)
    return any(verb_matches(owner.verbs, rule.verbs[0]) and group_matches(owner.api_groups, rule.api_groups[0]) for owner in owners)


def _overlap(rules: tuple[PolicyRule, ...]) -> bool:
    """Whether two of the rules could concern the same at all; in most roles each has resources of its own."""
    entries = [entry for rule in rules for entry in (*rule.resources, *((_URLS,) if rule.non_resource_urls else ()))]
    return len(set(entries)) < len(entries) or any(entry.startswith(ALL) for entry in entries)


RULE = CheckRule(
    id="RL3104",
    title="Shadowed rule",
    condition="Other rules of the same role cover every verb on every resource or URL of a rule, as the API server compares them.",
    gives="Whoever narrows the rule believes that the role gives less now.",
    fix="Remove the rule, or narrow the one that contains it.",
    level="note",
    check=_check,
    owasp=("K02",),
)
