"""TOKEN_REQUEST: the token subresource of a service account answers with a fresh token for it."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import account, accounts
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    if not case.name:
        yield accounts(case.scope)
        return
    for namespace in case.namespaces:
        if case.name in case.world.accounts.get(namespace, ()):
            yield account(namespace, case.name)


TECHNIQUE = Technique(
    id="TOKEN_REQUEST",
    title="ask for a token of the account",
    needs=may("create", "serviceaccounts/token"),
    leads_to=_leads_to,
    effect="the service accounts",
    cost=1,
    request="kubectl create token {name} -n {namespace}",
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request",
    named=("serviceaccounts",),
)
