"""Which node stands for an identity as an attacker takes it."""

from __future__ import annotations

from rbaclens.analysis.holder import Principal
from rbaclens.graph.attack.footholds import alone
from rbaclens.graph.attack.world import World
from rbaclens.model.identity import NODE_PREFIX


def user_alone(world: World, user: str) -> str:
    """A user as impersonation takes the name, without groups: their own node, if they are in no group that this leaves out."""
    if user.startswith(NODE_PREFIX) or world.identities.get(user):
        return alone(user)
    return str(Principal.of_user(user))
