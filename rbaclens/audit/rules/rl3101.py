"""RL3101: a role that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import delete
from rbaclens.audit.rule import CheckRule
from rbaclens.model.aggregation import Matcher, selector_matcher
from rbaclens.model.objects import Role


def _check(context: Context) -> Iterator[Flaw]:
    selected = tuple(_selectors(context.policy.roles))
    for role in context.roles:
        # A role of the API server's that somebody changed comes back at its next start.
        if context.bindings_of(role) or context.shipped_role(role) is not None:
            continue
        if role.kind == "ClusterRole" and any(matches(role.labels) for name, matches in selected if name != role.name):
            continue
        what = "no binding refers to it" if role.kind == "Role" else "no binding refers to it and no other ClusterRole gathers it"
        yield Flaw(on=role, message=f"{role.kind} {role.name} is unused: {what}.", patch=delete(role) if role.kind == "Role" else None)


def _selectors(roles: tuple[Role, ...]) -> Iterator[tuple[str, Matcher]]:
    """The aggregated roles' names and what they select."""
    for role in roles:
        if role.aggregation is not None:
            for selector in role.aggregation.selectors:
                matches = selector_matcher(selector)
                if matches is not None:
                    yield role.name, matches


RULE = CheckRule(
    id="RL3101",
    title="Unused role",
    condition="No binding refers to a role, no aggregated ClusterRole selects it, and it is not the API server's own.",
    gives="Rights that wait for a binding: one that refers to the role gives all of it, and no review of bindings shows it before.",
    fix="Delete the role; keep a ClusterRole that a controller binds at run time.",
    level="note",
    check=_check,
    owasp=("K02",),
)
