"""RL4003: a path to root on a node."""

from __future__ import annotations

from rbaclens.audit.path_findings import path_flaws
from rbaclens.audit.rule import CheckRule
from rbaclens.graph.attack.footholds import ANY_NODE, CLUSTER_ADMIN

RULE = CheckRule(
    id="RL4003",
    title="Path to a node",
    condition="Somebody who does not get to cluster-admin gets by several techniques to root on any node.",
    gives="Every pod of that node with its tokens and secrets, by steps that are harmless to look at.",
    fix="Enforce the baseline pod security standard, or remove a grant on the path; rbaclens paths --to node --cut finds the fewest.",
    level="error",
    base=9.0,
    check=lambda context: path_flaws(context, (ANY_NODE,), score=9.0, better=(CLUSTER_ADMIN,)),
    attack=("T1611",),
    owasp=("K01", "K02"),
)
