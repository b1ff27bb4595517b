"""RL3511: an ABAC line for a namespaced resource without a namespace."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.abac import AbacPolicy


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.namespace:
        return
    known = [
        one.namespaced
        for one in (*api_resources(), *context.policy.resources)
        if one.resource == line.resource and line.api_group in (one.group, "*")
    ]
    if known and all(known):
        yield Flaw(
            on=line,
            message=(
                f"The line matches no request for {line.resource} in a namespace; only listing and watching those of all namespaces "
                "at once has none."
            ),
        )


RULE = LineRule(
    id="RL3511",
    title="ABAC line without namespace",
    condition="The resource of a line with an empty namespace is namespaced.",
    gives="The line grants nothing in any namespace, but the list of all namespaces at once, which is more than was meant to be seen.",
    fix="Write the namespace, or a star for all of them.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
