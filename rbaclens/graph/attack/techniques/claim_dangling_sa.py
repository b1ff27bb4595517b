"""CLAIM_DANGLING_SA: a binding may name a service account that is not there; whoever creates it has what was meant for it.

It takes a way to act as the new account besides: a token, a pod, or a secret that gets filled with a token.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import account
from rbaclens.graph.attack.rights import NEW_PODS, READ_SECRETS, WRITES_THAT_READ
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    there = {one.name for one in case.world.policy.namespaces}
    for namespace, name in sorted(case.world.missing_accounts):
        if namespace in case.namespaces and (not there or namespace in there):
            yield account(namespace, name)


TECHNIQUE = Technique(
    id="CLAIM_DANGLING_SA",
    title="create a service account that bindings name already",
    needs=may("create", "serviceaccounts")
    & (may("create", "serviceaccounts/token") | NEW_PODS | (may("create", "secrets") & (READ_SECRETS | WRITES_THAT_READ))),
    leads_to=_leads_to,
    effect="the accounts that bindings name and that are not there",
    cost=2,
    request="kubectl create serviceaccount ACCOUNT -n {namespace}",
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    any_name=("secrets",),
)
