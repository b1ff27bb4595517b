"""BRUTEFORCE_TOKEN_SECRET: token secrets that Kubernetes made by itself, up to 1.23, end in five letters of 27, which can be tried.

It takes nothing but get; those that are left on newer servers are known where accounts list them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import account, accounts
from rbaclens.graph.attack.technique import Case, Technique

_LAST_WITH_TOKENS = (1, 23)


def _leads_to(case: Case) -> Iterator[str]:
    if case.world.version <= _LAST_WITH_TOKENS:
        yield accounts(case.scope)
        return
    for (namespace, name), found in sorted(case.world.secrets.items()):
        if found.account and name.startswith(f"{found.account}-token-") and namespace in case.namespaces:
            yield account(namespace, found.account)


TECHNIQUE = Technique(
    id="BRUTEFORCE_TOKEN_SECRET",
    title="try names of token secrets",
    needs=may("get", "secrets"),
    leads_to=_leads_to,
    effect="the service accounts that have such a secret",
    cost=4,
    request="for x in SUFFIXES; do kubectl get secret ACCOUNT-token-$x -n {namespace}; done",
    reference="https://www.aquasec.com/blog/brute-forcing-kubernetes-token-secrets/",
)
