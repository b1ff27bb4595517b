"""ANY_ROLE: who may bind every Role everywhere has those of each namespace."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import roles
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for namespace in sorted(world.roles):
        yield roles(EVERYWHERE), roles(namespace), ""


TECHNIQUE = Fact(
    id="ANY_ROLE",
    title="binds the Roles of a namespace",
    needs="every Role of every namespace to bind to oneself",
    edges=_edges,
    when=(roles(EVERYWHERE),),
    effect="the Roles of each namespace",
    cost=0,
    request="",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update",
)
