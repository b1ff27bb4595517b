"""ESCALATE_CLUSTERROLE: with escalate, any rule can be written into a ClusterRole, also one that one is bound to.

A grant that is limited to a name serves where that role, or one that gathers it, is bound to the attacker: then as far as the binding.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import RBAC, may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.binding import gathers, held_roles
from rbaclens.graph.attack.footholds import CLUSTER_ADMIN, namespace_admin
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    bound = [(scope, role) for scope, role in held_roles(case) if role.kind == "ClusterRole"]
    if case.name:
        changed = case.world.engine.index.roles.get(("ClusterRole", "", case.name))
        bound = [(scope, role) for scope, role in bound if changed is not None and gathers(role, changed.role)]
    scopes = sorted({scope for scope, _ in bound})
    if EVERYWHERE in scopes:
        yield CLUSTER_ADMIN
    else:
        yield from (namespace_admin(scope) for scope in scopes)


TECHNIQUE = Technique(
    id="ESCALATE_CLUSTERROLE",
    title="add any rule to a ClusterRole that one is bound to",
    needs=may("escalate", "clusterroles", RBAC, cluster=True) & may("update patch", "clusterroles", RBAC, cluster=True),
    leads_to=_leads_to,
    effect="cluster-admin, or everything where the role is bound",
    cost=1,
    request="kubectl edit clusterrole {name}  # add verbs, apiGroups and resources ['*']",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-creation-or-update",
    named=("clusterroles",),
    personal=True,
)
