"""RL4002: a path to every secret of the cluster."""

from __future__ import annotations

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.audit.path_findings import path_flaws
from rbaclens.audit.rule import CheckRule
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN, secrets

RULE = CheckRule(
    id="RL4002",
    title="Path to every secret",
    condition="Somebody who does not get to cluster-admin gets by several techniques to every secret of the cluster.",
    gives="All credentials that the cluster keeps, by steps that are harmless to look at.",
    fix="Remove one of the grants on the path; rbaclens paths --to secrets --cut finds the fewest that close every path.",
    level="error",
    base=9.0,
    check=lambda context: path_flaws(context, (secrets(EVERYWHERE),), score=9.0, better=(CLUSTER_ADMIN,)),
    attack=("T1552.007",),
    owasp=("K02", "K08"),
)
