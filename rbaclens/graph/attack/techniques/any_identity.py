"""ANY_IDENTITY: who may take any name takes the one that helps most.

A client certificate says user name and groups at will, but for ``system:masters``. Impersonation of users says the name alone, so that
the groups of that user are not there, and a service account is asked for elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.graph.attack.footholds import ANY_USER, ANYBODY, node_user
from rbaclens.graph.attack.identities import user_alone
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World
from rbaclens.model.identity import MASTERS, parse_service_account


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for user in sorted(world.named_users):
        yield ANYBODY, str(Principal.of_user(user)), ""
        if parse_service_account(user) is None:
            yield ANY_USER, user_alone(world, user), ""
    for group in sorted(world.named_groups - {MASTERS}):
        yield ANYBODY, str(Principal.of_group(group)), ""
    for node in sorted(world.nodes):
        yield ANYBODY, node_user(node), ""


TECHNIQUE = Fact(
    id="ANY_IDENTITY",
    title="takes the name of somebody",
    needs="a client certificate for any name, or impersonation of any user",
    edges=_edges,
    when=(ANYBODY, ANY_USER),
    effect="every user, group and node that policy names, or the users without their groups",
    cost=0,
    request="",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/authentication/",
)
