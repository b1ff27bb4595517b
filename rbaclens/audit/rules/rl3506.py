"""RL3506: a star as user or group of an ABAC line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LEVEL_SCORES, LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.identity import AUTHENTICATED


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.user or line.group != AUTHENTICATED:
        return
    user, group = _written(line)
    if "*" not in (user, group):
        return
    other = f'the condition on {"user" if group == "*" else "group"} "{user if group == "*" else group}" is dropped'
    dropped = f" ({other})" if {user, group} - {"*", ""} else ""
    # Every cluster lets all of them read its version and API lists anyway.
    paths_only = line.readonly and not line.resource
    yield Flaw(
        on=line,
        message=f"The star means every authenticated user and service account{dropped}.",
        score=LEVEL_SCORES["warning"] if paths_only else None,
        principal=Principal.of_group(AUTHENTICATED),
        evidence=(AbacGrant(line),),
    )


def _written(line: AbacPolicy) -> tuple[str, str]:
    """User and group as they are written: JSON, or else YAML (ABAC-09)."""
    if line.written.startswith("{"):
        data = json.loads(line.written)
    else:
        import yaml

        data = yaml.load(line.written, Loader=yaml.BaseLoader)  # noqa: S506 - plain strings, no objects
    fields = data if line.version == "v0" else data["spec"]
    return (fields.get("user") or "", fields.get("group") or "") if isinstance(fields, dict) else ("", "")


RULE = LineRule(
    id="RL3506",
    title="Star as user or group of an ABAC line",
    condition="The user or the group of a line is a star; the line is then for system:authenticated, whatever the other field says.",
    gives="Everybody who can log in has what the line grants, service accounts and so every pod included.",
    fix="Name the users or the group; remember that user and group both have to hold where neither is a star.",
    level="error",
    check=_check,
    cis=("5.1.1",),
    attack=("T1078",),
    owasp=("K02",),
)
