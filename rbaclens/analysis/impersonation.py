"""May somebody impersonate, and who are they then? The checks of the impersonation filter (ESC-40 to ESC-47)."""

from __future__ import annotations

import msgspec

from rbaclens.index.engine import Engine
from rbaclens.model.decision import Decision
from rbaclens.model.identity import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    NODE_PREFIX,
    NODES,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    is_dns_subdomain,
    parse_service_account,
)
from rbaclens.model.request import Request

AUTHENTICATION = "authentication.k8s.io"


class Target(msgspec.Struct, frozen=True):
    """Whom the headers name: user, groups, uid."""

    user: str
    groups: tuple[str, ...] = ()
    uid: str = ""


def impersonated_groups(target: Target) -> tuple[str, ...]:
    """The groups that the impersonated user has (ESC-43, ESC-47g): those given, and what is added to them."""
    account = parse_service_account(target.user)
    groups = target.groups
    if account and not groups:
        groups = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{account[0]}")
    if target.user == ANONYMOUS:
        return groups if UNAUTHENTICATED in groups else (*groups, UNAUTHENTICATED)
    return groups if AUTHENTICATED in groups or UNAUTHENTICATED in groups else (*groups, AUTHENTICATED)


def legacy_checks(target: Target) -> tuple[Request, ...]:
    """What the verb ``impersonate`` is asked for, each value by itself, without the user who asks (ESC-41)."""
    account = parse_service_account(target.user)
    if account:
        checks = [Request("impersonate", "serviceaccounts", namespace=account[0], name=account[1], version="v1")]
    else:
        checks = [Request("impersonate", "users", name=target.user, version="v1")]
    if target.uid:
        checks.append(Request("impersonate", "uids", AUTHENTICATION, name=target.uid, version="v1"))
    checks += [Request("impersonate", "groups", name=group, version="v1") for group in target.groups]
    return tuple(checks)


def constrained_checks(target: Target, request: Request) -> tuple[Request, ...]:
    """What constrained impersonation asks for: the mode on the request itself, then on each value (ESC-47b, ESC-47c).

    Empty when no constrained mode can apply. The mode for a node's own service account (associated-node) is left out: it
    depends on the requester's token.
    """
    plain = not target.groups and not target.uid
    account = parse_service_account(target.user)
    node = target.user.removeprefix(NODE_PREFIX) if target.user.startswith(NODE_PREFIX) else ""
    if node and is_dns_subdomain(node):
        mode, values = "arbitrary-node", [("nodes", "", node)]
    elif account:
        mode, values = "serviceaccount", [("serviceaccounts", *account)]
    else:
        mode, values = "user-info", [("users", "", target.user)]
        if MASTERS in target.groups or "" in target.groups:
            return ()  # ESC-47e
        values += [("uids", "", target.uid)] if target.uid else []
        values += [("groups", "", group) for group in target.groups]
    if mode != "user-info" and not plain:
        return ()
    on = msgspec.structs.replace(request, verb=f"impersonate-on:{mode}:{request.verb}")
    return on, *(
        Request(f"impersonate:{mode}", resource, AUTHENTICATION, "", space, name, version="v1") for resource, space, name in values
    )


def decide_impersonation(engine: Engine, requester: Request, target: Target, request: Request) -> Decision:
    """The decision on impersonating ``target`` for ``request``: the last check that was made.

    ``requester`` carries who asks. Constrained modes come first and the legacy one last (ESC-47a); the decision is the
    constrained one's where that allows, otherwise the legacy mode's first refusal or its last yes.
    """
    who = {"user": requester.user, "groups": requester.groups, "uid": requester.uid, "extra": requester.extra}
    decisions = []
    for checks in (constrained_checks(target, request), legacy_checks(target)):
        decisions = [engine.decide(msgspec.structs.replace(check, **who)) for check in checks]
        if decisions and all(decision.allowed for decision in decisions):
            return decisions[-1]
    return next(decision for decision in decisions if not decision.allowed)


def impersonated(request: Request, target: Target) -> Request:
    """``request`` as the impersonated user makes it; nothing of the requester is inherited."""
    groups = impersonated_groups(target)
    if target.user.startswith(NODE_PREFIX) and is_dns_subdomain(target.user.removeprefix(NODE_PREFIX)) and not target.groups:
        groups = (NODES, AUTHENTICATED)
    return msgspec.structs.replace(request, user=target.user, groups=groups, uid=target.uid, extra={})
