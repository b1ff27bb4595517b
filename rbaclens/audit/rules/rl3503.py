"""RL3503: a read-only ABAC line that is not harmless."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import principal_of
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if not line.readonly or line.api_group not in ("", "*") or not (line.user or line.group):
        return
    dangers = []
    if line.resource in ("secrets", "*"):
        dangers.append("read secrets in clear")
    if line.resource in ("nodes", "*") and line.namespace in ("", "*"):
        dangers.append("run commands on nodes, as get of nodes/proxy reaches the kubelet")
    # From 1.35 on the websocket of an exec needs create as well.
    if line.resource in ("pods", "*") and line.namespace and context.version < (1, 35):
        dangers.append("run commands in pods, as get of pods/exec opens a websocket")
    if dangers:
        grant = AbacGrant(line)
        who = principal_of(grant)
        wide = line.namespace in ("", "*") or line.namespace in context.privileged
        yield Flaw(
            on=line,
            message=f"{who} may {' and '.join(dangers)}, though the line is read-only.",
            score=9.0 if wide else None,
            principal=who,
            evidence=(grant,),
        )


RULE = LineRule(
    id="RL3503",
    title="Read-only ABAC line that is not harmless",
    condition="A read-only line covers secrets or nodes, or (before 1.35) pods, by name or by a star.",
    gives="Every secret's content, and commands on nodes and in pods: reading covers all subresources, exec and proxy among them.",
    fix="Name the resources that have to be read, without secrets and nodes; use RBAC where subresources have to be told apart.",
    level="error",
    check=_check,
    cis=("5.1.2", "5.1.10"),
    attack=("T1552.007", "T1609"),
    owasp=("K02", "K03"),
)
