"""RL3514: an ABAC line with a resource and a path."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.version != "v0" and line.resource and line.non_resource_path:
        yield Flaw(on=line, message=f'The line grants two things: the resource "{line.resource}" and the path "{line.non_resource_path}".')


RULE = LineRule(
    id="RL3514",
    title="ABAC line with a resource and a path",
    condition="A line in the versioned format has both a resource and a nonResourcePath.",
    gives="Both are granted, neither limits the other; a reader easily misses one of them.",
    fix="Write one line for the resource and one for the path.",
    level="note",
    check=_check,
    owasp=("K02",),
)
