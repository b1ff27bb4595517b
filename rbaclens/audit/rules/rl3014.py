"""RL3014: a binding to a role that is not there, and that somebody may create."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Grant, principal_of
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import delete
from rbaclens.audit.rule import CheckRule
from rbaclens.index.who_can import who_can
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.objects import RBAC_GROUP, Binding
from rbaclens.model.pattern import Pattern


def _check(context: Context) -> Iterator[Flaw]:
    known: dict[Pattern, tuple[Grant, ...]] = {}
    for binding in context.bindings:
        if not binding.subjects or context.role_of(binding) is not None:
            continue
        wanted = _creating(binding)
        if wanted not in known:
            known[wanted] = tuple(_grants(context, wanted))
        grants = known[wanted]
        if grants:
            who = list(dict.fromkeys(str(principal_of(grant)) for grant in grants))
            names = ", ".join(who[:3]) + (f" and {len(who) - 3} others" if len(who) > 3 else "")
            ref = binding.role_ref
            yield Flaw(
                on=binding,
                steps=("roleRef",),
                message=f"{ref.kind} {ref.name} is bound before it is there: {names} may create it and so say what its subjects get.",
                evidence=grants[:3],
                patch=delete(binding),
            )


def _creating(binding: Binding) -> Pattern:
    """The creation of the role that is missing: a request without a name, which a grant limited to names never allows."""
    if binding.role_ref.kind == "Role":
        return Pattern("create", "roles", RBAC_GROUP, "", binding.namespace)
    return Pattern("create", "clusterroles", RBAC_GROUP)


def _grants(context: Context, wanted: Pattern) -> Iterator[Grant]:
    for holder in who_can(context.engine, wanted).holders:
        grant = holder.evidence
        if isinstance(grant, RbacGrant):
            if not context.is_shipped_pair(grant.binding, grant.binding.subjects.index(grant.subject)):
                yield grant
        elif isinstance(grant, AbacGrant):
            yield grant


RULE = CheckRule(
    id="RL3014",
    title="Pre-bound role name",
    condition="A binding with subjects names a role that is not in the input, and somebody else than the API server's own may create it.",
    gives="Whoever creates the role decides what its subjects may do, without touching a binding.",
    fix="Delete the binding, or create the role before it is bound.",
    level="warning",
    tier=2,
    check=_check,
    cis=("5.1.1",),
    attack=("T1098.006",),
    owasp=("K02",),
)
