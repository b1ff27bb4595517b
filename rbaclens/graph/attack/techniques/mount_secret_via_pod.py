"""MOUNT_SECRET_VIA_POD: a pod may mount any secret of its namespace; nobody asks whether its author may read it."""

from __future__ import annotations

from rbaclens.graph.attack.footholds import secrets
from rbaclens.graph.attack.rights import NEW_PODS
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="MOUNT_SECRET_VIA_POD",
    title="create a pod that mounts a secret",
    needs=NEW_PODS,
    leads_to=lambda case: (secrets(case.scope),),
    effect="what is in the secrets of the namespace",
    cost=2,
    request='kubectl run x --image=alpine -n {namespace} --overrides=\'{{"spec":{{"volumes":[{{"secret":{{"secretName":"SECRET"}}}}]}}}}\'',
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation",
)
