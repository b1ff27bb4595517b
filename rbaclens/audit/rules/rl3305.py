"""RL3305: an aggregated role with rules of its own."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import replace_rules
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    own_rules = context.policy.written.own_rules
    for role in context.policy.roles if own_rules else ():
        own = own_rules.get(role.origin, ()) if role.aggregation else ()
        gathered = Coverage(role.rules)
        lost = [rule for rule in own if gathered.missing((rule,))]
        if lost:
            what = "its own rules" if len(lost) == len(own) else f"{len(lost)} of its own {len(own)} rules"
            yield Flaw(
                on=role,
                steps=("rules",),
                message=f"The controller writes what the selectors gather in place of {what}, which are in no gathered role.",
                patch=replace_rules(role, (), "remove the rules, which are overwritten"),
            )


RULE = CheckRule(
    id="RL3305",
    title="Aggregated role with rules of its own",
    condition="A ClusterRole has an aggregationRule and rules that none of the gathered roles grants.",
    gives="The rules are overwritten: nobody has them for longer than a moment.",
    fix="Put the rules into a ClusterRole of their own, with a label that the aggregationRule selects.",
    level="warning",
    confidence="medium",
    check=_check,
    owasp=("K02",),
)
