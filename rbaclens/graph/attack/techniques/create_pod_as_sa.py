"""CREATE_POD_AS_SA: a pod runs as any account of its namespace; nobody asks whether its author may use that account."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import accounts
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="CREATE_POD_AS_SA",
    title="create a pod that runs as any account of the namespace",
    needs=may("create", "pods"),
    leads_to=lambda case: (accounts(case.scope),),
    effect="every service account of the namespace",
    cost=2,
    request='kubectl run x --image=alpine -n {namespace} --overrides=\'{{"spec":{{"serviceAccountName":"{name}"}}}}\' -- sleep 1d',
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
)
