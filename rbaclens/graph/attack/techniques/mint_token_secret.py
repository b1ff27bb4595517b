"""MINT_TOKEN_SECRET: a new secret that names a service account is filled with a token for it, which does not expire.

Who reads it back needs no more than its name, which its author chose.
"""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import accounts
from rbaclens.graph.attack.rights import READ_SECRETS, WRITES_THAT_READ
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="MINT_TOKEN_SECRET",
    title="create a secret that gets filled with a token",
    needs=may("create", "secrets") & (READ_SECRETS | WRITES_THAT_READ),
    leads_to=lambda case: (accounts(case.scope),),
    effect="every service account of the namespace",
    cost=2,
    request="kubectl create -n {namespace} -f -  # Secret of type kubernetes.io/service-account-token",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#additional-api-token-secrets",
    any_name=("secrets",),
)
