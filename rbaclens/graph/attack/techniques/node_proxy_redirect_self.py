"""NODE_PROXY_REDIRECT_SELF: the API server connects to whatever address a node says it has, itself included.

Who writes the address of a node and may use its proxy sends requests to the API server with the client
certificate of the API server.
"""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="NODE_PROXY_REDIRECT_SELF",
    title="make the API server talk to itself",
    needs=may("get create", "nodes/proxy", cluster=True)
    & (may("update patch", "nodes/status", cluster=True) | may("create", "nodes", cluster=True)),
    leads_to=lambda case: (CLUSTER_ADMIN,),
    effect="cluster-admin",
    cost=3,
    request="kubectl get --raw /api/v1/nodes/https:{name}:6443/proxy/api/v1/secrets  # the node has the address of the API server",
    reference="https://github.com/kubernetes/kubernetes/issues/119270",
    named=("nodes",),
    mitigations="NodeRestriction, for the identities of kubelets",
)
