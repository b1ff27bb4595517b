"""READ_SECRET: get, list and watch of secrets each answer with what is in them."""

from __future__ import annotations

from rbaclens.graph.attack.reach import secrets_of
from rbaclens.graph.attack.rights import READ_SECRETS
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="READ_SECRET",
    title="read secrets",
    needs=READ_SECRETS,
    leads_to=secrets_of,
    effect="what is in the secrets",
    cost=1,
    request="kubectl get secret {name} -n {namespace} -o yaml",
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets",
    named=("secrets",),
)
