"""RL3507: an ABAC line with user and group."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.user and line.group:
        yield Flaw(on=line, message=f"The line is for user {line.user} while in group {line.group}, not for either of them.")


RULE = LineRule(
    id="RL3507",
    title="ABAC line with user and group",
    condition="A line has both a user and a group, neither of them a star.",
    gives="Both have to hold; whoever expects that one is enough grants less than meant, and may widen the wrong line.",
    fix="Write one line for the user and one for the group, unless both are meant.",
    level="note",
    check=_check,
    owasp=("K02",),
)
