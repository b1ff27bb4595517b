"""RL3207: object names on requests that have none."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule

_UNNAMED = {"create", "deletecollection"}


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.roles:
        for number, rule in enumerate(() if role.gathered else role.rules):
            if not rule.resource_names or not rule.verbs or not _UNNAMED.issuperset(rule.verbs):
                continue
            # A create on a subresource names the object that it is made under.
            if "create" in rule.verbs and any("/" in entry or entry == "*" for entry in rule.resources):
                continue
            verbs = sorted(set(rule.verbs))
            late = " (an update or apply that makes the object is asked about a second time, with its name)" if "create" in verbs else ""
            yield Flaw(
                on=role,
                steps=("rules", number, "resourceNames"),
                key=(*verbs, *sorted(rule.resources)),
                message=f"A {' or '.join(verbs)} on {', '.join(rule.resources)} carries no name, so the rule never matches it{late}.",
            )


RULE = CheckRule(
    id="RL3207",
    title="Object names on requests without a name",
    condition="A rule with resourceNames has no other verbs than create on main resources and deletecollection.",
    gives="The rule grants nothing when an object is created or a collection deleted: the API server does not know a name then.",
    fix="Give create a rule without resourceNames, and replace deletecollection by delete.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
