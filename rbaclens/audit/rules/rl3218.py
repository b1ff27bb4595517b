"""RL3218: blanks, lists in one string, repetitions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Patch, replace_rules
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role
from rbaclens.model.rules import PolicyRule

_IDENTITIES = {"users", "groups", "uids", "userextras"}


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, (field, position, item, wrong) in context.each_rule(_odd):
        steps = ("rules", number, field, position)
        if wrong:
            yield Flaw(on=role, steps=steps, key=(field, item), message=f'"{item}" in {field} {wrong}.')
        else:
            yield Flaw(
                on=role,
                steps=steps,
                key=("repeated", field, item),
                message=f'"{item}" stands in {field} more than once.',
                score=0.0,
                patch=_without_repetitions(role),
            )


def _odd(rule: PolicyRule) -> Iterator[tuple[str, int, str, str]]:
    """Field, position, word and what is wrong with it; nothing where it only stands there before already."""
    for field, items in _lists(rule).items():
        if not items or _is_plain(items, field == "apiGroups"):
            continue
        for position, item in enumerate(items):
            wrong = _wrong(field, item, rule)
            if wrong:
                yield field, position, item, wrong
            if item in items[:position]:
                yield field, position, item, ""


@lru_cache(maxsize=4096)
def _is_plain(items: tuple[str, ...], may_be_empty: bool) -> bool:
    """Whether nothing can be wrong with a list; few are different."""
    plain = ((item or may_be_empty) and "," not in item and item == "".join(item.split()) for item in items)
    return len(set(items)) == len(items) and all(plain)


def _lists(rule: PolicyRule) -> dict[str, tuple[str, ...]]:
    return {
        "verbs": rule.verbs,
        "apiGroups": rule.api_groups,
        "resources": rule.resources,
        "resourceNames": rule.resource_names,
        "nonResourceURLs": rule.non_resource_urls,
    }


def _wrong(field: str, item: str, rule: PolicyRule) -> str:
    if field == "resourceNames":
        # What is impersonated has names of any form: CN=ann, O=shop.
        if _IDENTITIES.isdisjoint(entry.partition("/")[0] for entry in rule.resources) and "," in item:
            return "is one name, not a list"
        return "begins or ends with a blank, which no name does" if item != item.strip() else ""
    if not item:
        return "" if field == "apiGroups" else "is empty and matches nothing"
    if "," in item and field != "nonResourceURLs":
        return "is one entry, not a list"
    return "has a blank in it, which counts" if item != "".join(item.split()) else ""


def _without_repetitions(role: Role) -> Patch:
    rules = tuple(
        PolicyRule(
            verbs=_once(rule.verbs),
            api_groups=_once(rule.api_groups),
            resources=_once(rule.resources),
            resource_names=_once(rule.resource_names),
            non_resource_urls=_once(rule.non_resource_urls),
        )
        for rule in role.rules
    )
    return replace_rules(role, rules, "remove what is repeated")


def _once(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


RULE = CheckRule(
    id="RL3218",
    title="Blanks, lists in one string, repetitions",
    condition="An entry of a rule has a blank or a comma in it, or is empty; a note where it is only repeated.",
    gives="Entries are compared letter by letter, so that such a one grants nothing.",
    fix="Write each value as a list entry of its own, once and without blanks.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
