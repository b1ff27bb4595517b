"""IMPERSONATE_USER: the API server takes a request for one of whoever an impersonation header names.

Only the name is taken over: groups that the user is in otherwise are not. A service account's name is asked for among the service
accounts, never here.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import ANY_USER
from rbaclens.graph.attack.identities import user_alone
from rbaclens.graph.attack.technique import Case, Technique
from rbaclens.model.identity import parse_service_account


def _leads_to(case: Case) -> Iterator[str]:
    if not case.name:
        yield ANY_USER
    elif parse_service_account(case.name) is None and case.name in case.world.named_users:
        yield user_alone(case.world, case.name)


TECHNIQUE = Technique(
    id="IMPERSONATE_USER",
    title="act in the name of a user",
    needs=may("impersonate", "users", cluster=True),
    leads_to=_leads_to,
    effect="the user, without their groups",
    cost=1,
    request="kubectl get secrets -A --as={name}",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    named=("users",),
)
