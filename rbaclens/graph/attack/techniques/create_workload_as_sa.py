"""CREATE_WORKLOAD_AS_SA: a controller makes the pods of its template under any account of its namespace.

It does so with its own rights, not with those of its author.
"""

from __future__ import annotations

from rbaclens.graph.attack.footholds import accounts
from rbaclens.graph.attack.rights import controllers
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="CREATE_WORKLOAD_AS_SA",
    title="create a controller whose pods run as any account",
    needs=controllers("create"),
    leads_to=lambda case: (accounts(case.scope),),
    effect="every service account of the namespace",
    cost=2,
    request="kubectl create deployment x --image=alpine -n {namespace}  # with template.spec.serviceAccountName",
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
)
