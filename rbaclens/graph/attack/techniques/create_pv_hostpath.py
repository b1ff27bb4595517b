"""CREATE_PV_HOSTPATH: a persistent volume may be a folder of the node, and pod security looks at pods, which name a claim only."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import ANY_NODE
from rbaclens.graph.attack.rights import NEW_PODS
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="CREATE_PV_HOSTPATH",
    title="create a volume of files of the node",
    needs=may("create", "persistentvolumes", cluster=True) & may("create", "persistentvolumeclaims") & NEW_PODS,
    leads_to=lambda case: (ANY_NODE,),
    effect="the files of any node, keys and tokens among them",
    cost=3,
    request="kubectl create -f -  # PersistentVolume with hostPath /, a claim for it, and a pod that mounts the claim",
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#persistent-volume-creation",
)
