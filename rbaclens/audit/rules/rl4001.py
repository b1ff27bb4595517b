"""RL4001: a path to cluster-admin."""

from __future__ import annotations

from rbaclens.audit.path_findings import path_flaws
from rbaclens.audit.rule import CheckRule
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN

RULE = CheckRule(
    id="RL4001",
    title="Path to cluster-admin",
    condition="Somebody gets to cluster-admin by several techniques, one after the other, that no single grant gives.",
    gives="Each step is harmless to look at; together they take over the cluster.",
    fix="Remove one of the grants on the path; rbaclens paths --cut finds the fewest that close every path.",
    level="error",
    base=10.0,
    check=lambda context: path_flaws(context, (CLUSTER_ADMIN,), score=10.0, floor=7.0),
    attack=("T1078.004", "T1098.006"),
    owasp=("K02",),
)
