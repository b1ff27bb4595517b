"""RL3516: an ABAC line for anonymous or all authenticated users."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rbaclens.analysis.holder import principal_of
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LEVEL_SCORES, LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.identity import ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    anonymous = line.user == ANONYMOUS or (not line.user and line.group == UNAUTHENTICATED)
    if not anonymous and (line.user or line.group != AUTHENTICATED or not _by_name(line)):
        return
    grant = AbacGrant(line)
    paths_only = line.readonly and not line.resource
    worst = 9.0 if anonymous and not line.readonly else None
    yield Flaw(
        on=line,
        message=f"{'Whoever reaches the API server' if anonymous else 'Every authenticated user and service account'} has the grant.",
        score=LEVEL_SCORES["warning"] if paths_only else worst,
        principal=principal_of(grant),
        evidence=(grant,),
    )


def _by_name(line: AbacPolicy) -> bool:
    """Whether the group itself is written, in JSON or else YAML (ABAC-09); a star and nobody are other rules' business."""
    if line.written.startswith("{"):
        data = json.loads(line.written)
    else:
        import yaml

        data = yaml.load(line.written, Loader=yaml.BaseLoader)  # noqa: S506 - plain strings, no objects
    fields = data if line.version == "v0" else data["spec"]
    return isinstance(fields, dict) and fields.get("group") == AUTHENTICATED and fields.get("user") != "*"


RULE = LineRule(
    id="RL3516",
    title="ABAC line for anonymous or all authenticated users",
    condition="A line is for system:authenticated, system:unauthenticated or system:anonymous, by that name.",
    gives="Everybody who can log in, or even everybody who reaches the API server, has what the line grants.",
    fix="Name the users or a group of your own.",
    level="error",
    check=_check,
    cis=("5.1.1",),
    attack=("T1078",),
    owasp=("K02", "K09"),
)
