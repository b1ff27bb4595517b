"""CREATE_PRIVILEGED_POD: a pod that shares everything with its node is root there, and its author chooses the node.

Only pod security, or an admission policy that is not in the input, says no.
"""

from __future__ import annotations

from rbaclens.graph.attack.footholds import ANY_NODE
from rbaclens.graph.attack.rights import NEW_PODS
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="CREATE_PRIVILEGED_POD",
    title="create a pod that takes its node",
    needs=NEW_PODS,
    leads_to=lambda case: (ANY_NODE,),
    effect="root on any node",
    cost=2,
    request="kubectl debug node/NODE -it --image=alpine --profile=sysadmin -n {namespace}",
    reference="https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    closed=lambda case: case.world.enforced(case.scope),
    mitigations="the namespace enforces the pod security standard baseline or restricted",
)
