"""RL3312: an aggregated role that gathers nothing."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.aggregation import selector_matcher


def _check(context: Context) -> Iterator[Flaw]:
    cluster_roles = [role for role in context.policy.roles if role.kind == "ClusterRole"]
    for role in context.roles:
        if role.aggregation is None:
            continue
        matchers = [selector_matcher(selector) for selector in role.aggregation.selectors]
        # A role with a selector that the controller cannot read keeps the rules that it has (RBAC-43).
        if None in matchers:
            continue
        others = (other for other in cluster_roles if other.name != role.name)
        if not any(matches(other.labels) for other in others for matches in matchers if matches):
            yield Flaw(on=role, steps=("aggregationRule",), message="No ClusterRole has the labels that the role gathers: it is empty.")


RULE = CheckRule(
    id="RL3312",
    title="Aggregated role that gathers nothing",
    condition="No other ClusterRole matches any selector of an aggregated ClusterRole.",
    gives="The role is empty until somebody makes a ClusterRole with the label; whoever may do that fills it.",
    fix="Correct the selector or the labels, or delete the role.",
    level="note",
    check=_check,
    owasp=("K02",),
)
