"""RL3515: an ABAC line for all service accounts."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LEVEL_SCORES, LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.identity import SERVICE_ACCOUNTS


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if line.user or not (line.group == SERVICE_ACCOUNTS or line.group.startswith(f"{SERVICE_ACCOUNTS}:")):
        return
    namespace = line.group.removeprefix(SERVICE_ACCOUNTS).removeprefix(":")
    paths_only = line.readonly and not line.resource
    yield Flaw(
        on=line,
        message=f"Every service account{f' of namespace {namespace}' if namespace else ''} has the grant, and so has every pod there.",
        score=LEVEL_SCORES["warning"] if paths_only else None,
        principal=Principal.of_group(line.group),
        evidence=(AbacGrant(line),),
    )


RULE = LineRule(
    id="RL3515",
    title="ABAC line for all service accounts",
    condition="The group of a line is that of all service accounts, or of those of one namespace.",
    gives="Whoever gets into any pod, or may create one, has what the line grants.",
    fix="Name the service account that needs it: system:serviceaccount:<namespace>:<name>.",
    level="error",
    check=_check,
    cis=("5.1.5",),
    attack=("T1078",),
    owasp=("K02",),
)
