"""RL3510: an ABAC line without the API group of its resource."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.abac import AbacPolicy


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.api_group:
        return
    groups = {one.group for one in (*api_resources(), *context.policy.resources) if one.resource == line.resource}
    if groups and "" not in groups:
        where = ", ".join(sorted(groups))
        yield Flaw(on=line, message=f"The line is for {line.resource} of the core group, which has none; they are in {where}.")


RULE = LineRule(
    id="RL3510",
    title="ABAC line without API group",
    condition="The resource of a line with an empty apiGroup is in other API groups only.",
    gives="The line grants nothing, and whoever repairs it by a star grants the resource of that name in every group.",
    fix="Write the resource's own API group.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
