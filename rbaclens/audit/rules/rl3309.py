"""RL3309: a role of the API server that was edited."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import covers
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import replace_rules
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.policy.roles:
        shipped = context.shipped_role(role)
        if shipped is None or shipped is role or not _differs(role, shipped):
            continue
        more, less = not covers(shipped.rules, role.rules)[0], not covers(role.rules, shipped.rules)[0]
        how = {(True, True): "grants more in places and less in others", (True, False): "grants more", (False, True): "grants less"}
        yield Flaw(
            on=role,
            steps=("aggregationRule",) if role.aggregation else ("rules",),
            message=f"The role {how.get((more, less), 'is put otherwise')} than the API server's own of this name.",
            patch=None if shipped.aggregation or role.aggregation else replace_rules(role, shipped.rules, "restore the API server's rules"),
        )


def _differs(role: Role, shipped: Role) -> bool:
    """What an aggregated role gathers may grow by intent; its selectors may not."""
    if role.aggregation or shipped.aggregation:
        return role.aggregation != shipped.aggregation
    return set(role.rules) != set(shipped.rules)


RULE = CheckRule(
    id="RL3309",
    title="Edited role of the API server",
    condition="A role has the name of one of the API server's own, and other rules or selectors than Kubernetes 1.36 gives it.",
    gives="Everybody who has the role by default has what was added, under a name that nobody suspects.",
    fix="Restore the role, and put rules of your own into a role of your own.",
    level="warning",
    check=_check,
    since=(1, 36),
    until=(1, 36),
    attack=("T1098.006",),
    owasp=("K02",),
)
