"""RL3501: an ABAC line that allows everything."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import principal_of
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.identity import MASTERS


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    # The group of administrators may do everything without any policy (ATTR-25).
    somebody = (line.user or line.group) and line.group != MASTERS
    if somebody and not line.readonly and line.namespace == line.resource == line.api_group == "*":
        grant = AbacGrant(line)
        who = principal_of(grant)
        yield Flaw(
            on=line,
            message=f"{who} may do everything with every resource; ABAC knows no verbs, so that bind, escalate and impersonate are in it.",
            principal=who,
            evidence=(grant,),
        )


RULE = LineRule(
    id="RL3501",
    title="ABAC line that allows everything",
    condition="A line that names somebody has every namespace, resource and API group, and is not read-only.",
    gives="The same power as cluster-admin, with every verb there is, for as long as the API server runs.",
    fix="Name the namespaces and resources that are needed, or replace the line by RBAC roles.",
    level="error",
    base=9.8,
    check=_check,
    cis=("5.1.1", "5.1.3"),
    attack=("T1078",),
    owasp=("K02",),
)
