"""RL3504: a subresource in the resource field of an ABAC line."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if "/" in line.resource:
        main = line.resource.partition("/")[0]
        yield Flaw(
            on=line,
            message=f'The line never matches: a request for {line.resource} has the resource "{main}", and ABAC looks at no subresource.',
        )


RULE = LineRule(
    id="RL3504",
    title="Subresource in an ABAC line",
    condition="The resource of a line contains a slash.",
    gives="The line grants nothing, and whoever repairs it by leaving the subresource out grants all of them, exec among them.",
    fix="Delete the line and grant the subresource by an RBAC role.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
