"""CLOUD_IDENTITY_USE: the cloud gives pods of an account with the right annotation an identity of its own."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack import clouds
from rbaclens.graph.attack.footholds import account, cloud
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for (namespace, name), found in sorted(world.account_objects.items()):
        for identity in clouds.identities(found.annotations):
            yield account(namespace, name), cloud(identity), ""


TECHNIQUE = Fact(
    id="CLOUD_IDENTITY_USE",
    title="uses the cloud identity of the account",
    needs="a service account with an annotation of EKS, GKE or Azure workload identity",
    edges=_edges,
    effect="the cloud identity",
    cost=1,
    request='curl -d "Action=AssumeRoleWithWebIdentity&WebIdentityToken=$TOKEN&RoleArn=$ROLE" https://sts.amazonaws.com/',
    reference="https://kubernetes.io/docs/concepts/security/service-accounts/",
)
