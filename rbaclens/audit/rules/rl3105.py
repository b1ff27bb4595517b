"""RL3105: two roles that say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rbaclens.analysis.coverage import meaning
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role

_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"


def _check(context: Context) -> Iterator[Flaw]:
    alike: dict[tuple[str, str, frozenset[str]], list[Role]] = defaultdict(list)
    for role in context.policy.roles:
        # A role that gathers a single other one says the same as that one by design.
        if role.aggregation is None or context.shipped_role(role) is not None:
            alike[role.kind, role.namespace, _about(role)].append(role)
    same: dict[tuple[str, str, frozenset[object]], list[Role]] = defaultdict(list)
    for (kind, namespace, _), roles in alike.items():
        for role in roles if len(roles) > 1 else ():
            same[kind, namespace, meaning(role.rules)].append(role)
    for (_, _, said), roles in same.items():
        if not said or len(roles) < 2:
            continue
        first = min(roles, key=lambda role: (context.shipped_role(role) is None, role.aggregation is None, role.name))
        for role in roles:
            if role is not first and context.shipped_role(role) is None and not _feeds_others(role):
                yield Flaw(
                    on=role,
                    message=f"{name_of(first)} has the same rules: a correction of one of the two is easily forgotten in the other.",
                    related=(Related(first.origin, f"{name_of(first)} says the same"),),
                )


def _about(role: Role) -> frozenset[str]:
    """What the rules are about, as far as they give anything: roles that say the same have this in common."""
    about: set[str] = set()
    for rule in role.rules:
        if rule.verbs:
            about.update(rule.resources if rule.api_groups else (), rule.non_resource_urls)
    return frozenset(about)


def _feeds_others(role: Role) -> bool:
    """Whether the role is there to be gathered, for which it needs labels of its own."""
    return any(label.startswith(_AGGREGATE) for label in role.labels)


RULE = CheckRule(
    id="RL3105",
    title="Identical roles",
    condition="Two ClusterRoles, or two Roles of one namespace, give the same verbs on the same resources and URLs.",
    gives="Copies drift apart: the one that nobody looks at keeps what was taken out of the other.",
    fix="Keep one role and bind that.",
    level="note",
    check=_check,
    owasp=("K02",),
)
