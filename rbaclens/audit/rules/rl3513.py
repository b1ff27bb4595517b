"""RL3513: a star inside the path of an ABAC line."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if "*" in line.non_resource_path.rstrip("*"):
        yield Flaw(on=line, message=f'Only stars at the end count: "{line.non_resource_path}" matches paths with a real star in them.')


RULE = LineRule(
    id="RL3513",
    title="Star inside the path of an ABAC line",
    condition="The nonResourcePath of a line has a star before its end.",
    gives="The line grants nothing, and whoever repairs it by cutting the path at the star grants more than was meant.",
    fix="Write one line for each path, with a star at the end at most.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
