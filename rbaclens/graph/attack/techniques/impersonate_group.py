"""IMPERSONATE_GROUP: a header for groups goes with one for a user, and is asked for group by group.

The user may be anybody, also one that nobody has ever heard of.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import MASTERS_SINK
from rbaclens.graph.attack.technique import Case, Technique
from rbaclens.model.identity import MASTERS


def _leads_to(case: Case) -> Iterator[str]:
    if case.name in ("", MASTERS):
        yield MASTERS_SINK
    elif case.name in case.world.named_groups:
        yield f"group:{case.name}"


TECHNIQUE = Technique(
    id="IMPERSONATE_GROUP",
    title="act as a member of a group",
    needs=may("impersonate", "groups", cluster=True) & (may("impersonate", "users", cluster=True) | may("impersonate", "serviceaccounts")),
    leads_to=_leads_to,
    effect="any group, system:masters among them",
    cost=1,
    request="kubectl get secrets -A --as=USER --as-group={name}",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    named=("groups",),
    any_name=("users", "serviceaccounts"),
)
