"""IMPERSONATE_CONSTRAINED: another's name, for certain requests only.

The API server asks for ``impersonate:<mode>`` on the identity and for ``impersonate-on:<mode>:<verb>`` on what the request is about; the
request itself is then judged as one of the other. So the attacker has what both hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.analysis.impersonation import AUTHENTICATION
from rbaclens.graph.attack.technique import Case, Technique, Through
from rbaclens.graph.attack.world import World
from rbaclens.model.identity import NODE_PREFIX, parse_service_account, service_account_user

_USER, _ACCOUNT, _NODE = "user-info", "serviceaccount", "arbitrary-node"
_USERS = may(f"impersonate:{_USER}", "users", AUTHENTICATION, cluster=True)
_ACCOUNTS = may(f"impersonate:{_ACCOUNT}", "serviceaccounts", AUTHENTICATION)
_NODES = may(f"impersonate:{_NODE}", "nodes", AUTHENTICATION, cluster=True)


def _leads_to(case: Case) -> Iterator[Through]:
    # Who may impersonate without such limits needs none of this.
    limited = not case.about(may("impersonate", "users", cluster=True))
    if limited and case.about(_USERS):
        yield from (Through(user, _USER) for user in _plain_users(case.world) if case.name in ("", user))
    if limited and case.about(_NODES):
        yield from (Through(f"{NODE_PREFIX}{node}", _NODE) for node in _nodes(case.world) if case.name in ("", node))
    if case.about(_ACCOUNTS) and not case.about(may("impersonate", "serviceaccounts")):
        for namespace, name in sorted(case.world.named_accounts):
            if case.name in ("", name) and namespace in case.namespaces:
                yield Through(service_account_user(namespace, name), _ACCOUNT)


def _plain_users(world: World) -> list[str]:
    return sorted(user for user in world.named_users if parse_service_account(user) is None and not user.startswith(NODE_PREFIX))


def _nodes(world: World) -> list[str]:
    named = (user.removeprefix(NODE_PREFIX) for user in world.named_users if user.startswith(NODE_PREFIX))
    return sorted({*world.nodes, *named})


TECHNIQUE = Technique(
    id="IMPERSONATE_CONSTRAINED",
    title="make certain requests in the name of another",
    needs=_USERS | _ACCOUNTS | _NODES,
    leads_to=_leads_to,
    effect="of what the other holds, the requests for which impersonate-on is held too",
    cost=1,
    request="kubectl get secrets -A --as={name}",
    reference="https://github.com/kubernetes/enhancements/tree/master/keps/sig-auth/5284-constrained-impersonation",
    named=("users", "serviceaccounts", "nodes"),
    since=(1, 36),
    personal=True,
)
