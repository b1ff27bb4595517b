"""SYSTEM_MASTERS: the API server asks no authorizer about members of this group."""

from __future__ import annotations

from rbaclens.graph.attack.footholds import CLUSTER_ADMIN, MASTERS_SINK
from rbaclens.graph.attack.technique import Fact
from rbaclens.model.identity import MASTERS

TECHNIQUE = Fact(
    id="SYSTEM_MASTERS",
    title="is asked no questions",
    needs="membership of system:masters",
    edges=lambda world: ((f"group:{MASTERS}", CLUSTER_ADMIN, ""), (MASTERS_SINK, CLUSTER_ADMIN, "")),
    effect="cluster-admin",
    cost=0,
    request="",
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
)
