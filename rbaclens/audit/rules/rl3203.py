"""RL3203: resources named by their kind, singular or short name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.resources import ApiResource

# Known to authorization alone, so that no discovery lists them.
_VIRTUAL = {"user": "users", "group": "groups", "uid": "uids", "userextra": "userextras", "signer": "signers"}


def _check(context: Context) -> Iterator[Flaw]:
    resources = (*api_resources(), *context.policy.resources)
    served = {one.group for one in resources} | {"*"}
    plurals = {one.resource for one in resources} | {*_VIRTUAL.values()}

    def is_unknown(main: str) -> bool:
        return main != "" and main not in plurals and "*" not in main

    for role, number, rule in context.rules_naming("resources", lambda entry: is_unknown(entry.partition("/")[0])):
        foreign = "*" not in rule.api_groups and not served.issuperset(rule.api_groups)
        for position, entry in enumerate(rule.resources):
            main, slash, subresource = entry.partition("/")
            if not is_unknown(main):
                continue
            meant = "" if foreign else _plural(main.lower(), resources, rule.api_groups)
            if meant or main != main.lower():
                hint = f"; write {meant}{slash}{subresource}" if meant else "; their names are in lower case"
                yield Flaw(
                    on=role,
                    steps=("rules", number, "resources", position),
                    key=(entry,),
                    message=f'"{entry}" names no resource{hint}.',
                )


def _plural(name: str, resources: Sequence[ApiResource], groups: Sequence[str]) -> str:
    """The resource that a kind, singular or short name in lower case stands for, first in the groups of the rule."""
    found = [one for one in resources if name in (one.resource, one.kind.lower(), one.singular, *one.short_names)]
    found.sort(key=lambda one: one.group not in groups)
    return found[0].resource if found else _VIRTUAL.get(name, name if name in _VIRTUAL.values() else "")


RULE = CheckRule(
    id="RL3203",
    title="Resource named by kind, singular or short name",
    condition="A rule names a resource by its kind, its singular or its short name, or with capital letters.",
    gives="The entry grants nothing: rules are compared with the lower-case plural, letter by letter.",
    fix="Write the plural of the resource in lower case.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
