"""READ_TOKEN_SECRET: some secrets are credentials of somebody: tokens of service accounts, and bootstrap tokens.

Only what the input shows is taken to be there; up to Kubernetes 1.23 every service account had such a secret.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.footholds import account, accounts, secret, secrets
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.world import World
from rbaclens.model.controllers import BOOTSTRAP_SECRET

_LAST_WITH_TOKENS = (1, 23)


def _edges(world: World) -> Iterator[tuple[str, str, str]]:
    for (namespace, name), found in sorted(world.secrets.items()):
        if found.account in world.accounts.get(namespace, ()):
            yield secret(namespace, name), account(namespace, found.account), ""
        elif found.type == BOOTSTRAP_SECRET:
            yield secret(namespace, name), "group:system:bootstrappers", ""
    if world.version <= _LAST_WITH_TOKENS:
        for namespace in world.sorted_namespaces:
            yield secrets(namespace), accounts(namespace), ""


TECHNIQUE = Fact(
    id="READ_TOKEN_SECRET",
    title="uses the token in the secret",
    needs="what is in a secret of type kubernetes.io/service-account-token or bootstrap.kubernetes.io/token",
    edges=_edges,
    effect="the service account, or the group system:bootstrappers",
    cost=1,
    request="kubectl get secret NAME -n NAMESPACE -o jsonpath='{{.data.token}}' | base64 -d",
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets",
)
