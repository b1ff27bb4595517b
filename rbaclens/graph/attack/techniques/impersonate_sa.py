"""IMPERSONATE_SA: a service account is impersonated by its user name, and asked for in its namespace; its groups come along.

It need not be there: what is bound to the name counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import account, accounts
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    if not case.name:
        yield accounts(case.scope)
    there = case.world.accounts
    missing = {(namespace, name) for namespace, name in case.world.missing_accounts if case.name in ("", name)}
    for namespace in case.namespaces:
        if case.name and case.name in there.get(namespace, ()):
            yield account(namespace, case.name)
        yield from (account(*one) for one in sorted(missing) if one[0] == namespace)


TECHNIQUE = Technique(
    id="IMPERSONATE_SA",
    title="act in the name of a service account",
    needs=may("impersonate", "serviceaccounts"),
    leads_to=_leads_to,
    effect="the service accounts",
    cost=1,
    request="kubectl get secrets -A --as=system:serviceaccount:{namespace}:{name}",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/",
    named=("serviceaccounts",),
)
