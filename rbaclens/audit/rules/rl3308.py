"""RL3308: aggregated roles that gather one another or themselves."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule
from rbaclens.model.aggregation import selector_matcher


def _check(context: Context) -> Iterator[Flaw]:
    aggregated = [role for role in context.policy.roles if role.aggregation is not None]
    for outer in aggregated:
        matchers = [selector_matcher(selector) for selector in (outer.aggregation.selectors if outer.aggregation else ())]
        for inner in aggregated:
            # The API server's own admin gathers its edit, and that its view.
            own = context.shipped_role(outer) is not None and context.shipped_role(inner) is not None
            if own or not any(matches(inner.labels) for matches in matchers if matches):
                continue
            message = f"The role gathers {inner.name}, which is aggregated itself: what that gathers comes along."
            if inner is outer:
                message = "The role carries a label that it gathers; the controller leaves a role out of its own."
            yield Flaw(
                on=outer,
                steps=("aggregationRule",),
                key=(inner.name,),
                message=message,
                related=() if inner is outer else (Related(inner.origin, "the role that is gathered"),),
            )


RULE = CheckRule(
    id="RL3308",
    title="Nested or self aggregation",
    condition="An aggregated ClusterRole carries a label that an aggregated ClusterRole, another one or itself, selects.",
    gives="A role that is added at the far end widens all roles above it; of itself a role gathers nothing.",
    fix="Gather from plain roles, or make sure that the chain is meant; take a role's own label off it.",
    level="note",
    check=_check,
    owasp=("K02",),
)
