"""RL3508: an ABAC line that names nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.identity import AUTHENTICATED


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.version == "v0":
        if not line.user and line.group == AUTHENTICATED and not _names_somebody(line):
            yield Flaw(
                on=line,
                message="The line names nobody, which in the legacy format means every authenticated user and service account.",
                score=7.0,
                principal=Principal.of_group(AUTHENTICATED),
                evidence=(AbacGrant(line),),
            )
    elif not line.user and not line.group:
        yield Flaw(on=line, message="The line names neither user nor group, and so never matches.")


def _names_somebody(line: AbacPolicy) -> bool:
    """Whether a star or the group of everybody is written: in JSON, or else YAML (ABAC-09)."""
    if line.written.startswith("{"):
        data = json.loads(line.written)
    else:
        import yaml

        data = yaml.load(line.written, Loader=yaml.BaseLoader)  # noqa: S506 - plain strings, no objects
    return isinstance(data, dict) and ("*" in (data.get("user"), data.get("group")) or data.get("group") == AUTHENTICATED)


RULE = LineRule(
    id="RL3508",
    title="ABAC line that names nobody",
    condition="A line has neither user nor group: in the versioned format it never matches, in the legacy one it is for everybody.",
    gives="In the legacy format everybody who can log in has what the line grants; in the versioned one nobody has.",
    fix="Name the user or the group, or delete the line.",
    level="warning",
    check=_check,
    attack=("T1078",),
    owasp=("K02",),
)
