"""RL3307: an aggregated role that gathers nearly everything."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.aggregation import selector_matcher

_SHIPPED = {"kubernetes.io/bootstrapping": "rbac-defaults"}
"""What the API server's own roles carry, cluster-admin among them."""


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.policy.roles:
        if role.aggregation is None:
            continue
        for number, selector in enumerate(role.aggregation.selectors):
            matches = selector_matcher(selector)
            if matches is None or not (matches({}) or matches(_SHIPPED)):
                continue
            what = "roles without any label" if matches({}) else "all of the API server's own roles"
            yield Flaw(
                on=role,
                steps=("aggregationRule", "clusterRoleSelectors", number),
                key=(msgspec.json.encode(selector, order="sorted").decode(),),
                message=f"The selector takes in {what}, those of cluster-admin's power among them.",
            )


RULE = CheckRule(
    id="RL3307",
    title="Aggregated role that gathers nearly everything",
    condition="A selector of an aggregated ClusterRole is empty, matches roles without labels, or matches the API server's own roles.",
    gives="The role is the union of roles that nobody chose: with cluster-admin among them, whoever has it may do everything.",
    fix="Select by a label of your own that only the roles carry which are meant.",
    level="error",
    check=_check,
    cis=("5.1.1",),
    attack=("T1098.006",),
    owasp=("K02",),
)
