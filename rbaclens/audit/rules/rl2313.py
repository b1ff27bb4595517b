"""RL2313: strong rights of an agent that runs on the nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rbaclens.analysis.capability import Expression, atoms, form, holds, may
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.registry import load_rules
from rbaclens.audit.rule import NP, C, CapabilityRule, CheckRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import implied_groups
from rbaclens.model.pattern import Pattern

_STRONG = (
    may("get list watch create update patch delete deletecollection", "secrets"),
    may("create update patch delete deletecollection", "pods"),
    may("create update patch delete deletecollection", "nodes", cluster=True),
    may("update patch", "nodes/status", cluster=True),
)


def _check(context: Context) -> Iterator[Flaw]:
    if not context.daemon_accounts or context.engine.rbac not in context.engine.authorizers:
        return
    rules = [rule for rule in load_rules() if isinstance(rule, CapabilityRule) and rule.since <= context.version <= rule.until]
    everywhere = (*_STRONG, *(rule.trigger for rule in rules if C in rule.admin))
    privileged = tuple(rule.trigger for rule in rules if NP in rule.admin)
    for user in sorted(context.daemon_accounts):
        found = _strong(_held(context, user, ""), everywhere)
        for namespace in sorted(context.privileged):
            held = _held(context, user, namespace)
            if any(grant.binding.namespace for grant in held):
                found += _strong(held, privileged)
        grants = tuple({(id(grant.binding), grant.rule_index): grant for grant in found}.values())
        if grants:
            principal = Principal.of_user(user)
            yield Flaw(
                on=grants[0].binding,
                key=(user,),
                message=f"Service account {principal.name} of a DaemonSet has rights that make any node a way into the whole cluster.",
                principal=principal,
                evidence=grants,
            )


def _held(context: Context, user: str, namespace: str) -> list[RbacGrant]:
    """All that an account has in a namespace, or (empty) in the whole cluster."""
    return [
        RbacGrant(bound.binding, bound.subject, bound.role.role, number)
        for holdings in context.index.holdings(user, implied_groups(user))
        for bound in holdings.within(namespace)
        if bound.role is not None
        for number in range(len(bound.role.rules))
    ]


def _strong(grants: Sequence[RbacGrant], wanted: Iterable[Expression]) -> list[RbacGrant]:
    """Those of the grants that make some of the expressions true."""

    def held(pattern: Pattern) -> bool:
        return any(_gives(grant, pattern) for grant in grants)

    needed = {form(pattern, False) for one in wanted if holds(one, held) for pattern in atoms(one)}
    return [grant for grant in grants if any(_gives(grant, pattern) for pattern in needed)]


def _gives(grant: RbacGrant, pattern: Pattern) -> bool:
    place = grant.binding.namespace
    if place and (not pattern.is_resource or pattern.namespace not in (None, place)):
        return False
    return rule_touches(grant.rule, pattern)


RULE = CheckRule(
    id="RL2313",
    title="Node-wide agent with strong rights",
    condition="The account of a DaemonSet's pods amounts to cluster-admin, has all secrets, or writes all pods, nodes or their status.",
    gives="Whoever takes one node has the agent's token, and with it the cluster.",
    fix="Give the strong rights to a controller that runs once, under an account of its own; leave the agent what it needs on its node.",
    level="error",
    base=8.8,
    check=_check,
    attack=("T1611", "T1528"),
    owasp=("K01", "K02"),
)
