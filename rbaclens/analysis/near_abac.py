"""On which attributes does a line of an ABAC file fail (ABAC-17 to ABAC-23)?"""

from __future__ import annotations

from rbaclens.analysis.near_axes import ELSEWHERE, OTHER, SIBLING, SLIP, Axes, Axis, api_group_axes, nearest, path_axes
from rbaclens.analysis.near_subjects import group_axis, user_axis
from rbaclens.authorizers.abac import READ_ONLY
from rbaclens.authorizers.matching import ALL
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.request import Request

_READ_VERBS = ("get", "list", "watch")


def line_axes(policy: AbacPolicy, request: Request) -> Axes | None:
    """Where ``policy`` fails on ``request``; ``None`` when it speaks of something else altogether."""
    found: Axes = ()
    for part in (_who(policy, request), _verb(policy, request), _what(policy, request)):
        if part is None:
            return None
        found += part
    return found


def _who(policy: AbacPolicy, request: Request) -> Axes | None:
    if not policy.user and not policy.group:
        if not request.user:
            return None
        mistake = "a line that names neither user nor group speaks of nobody"
        return (Axis("subject", request.user, (), mistake=mistake, cost=SLIP),)
    found: Axes = ()
    if policy.user and policy.user != request.user:
        user = user_axis(policy.user, request)
        if user is None:
            return None
        found += (user,)
    if policy.group and policy.group not in request.groups:
        group = group_axis(policy.group, request)
        if group is None:
            return None
        found += (group,)
    return found


def _verb(policy: AbacPolicy, request: Request) -> Axes:
    if not policy.readonly or request.verb in READ_ONLY:
        return ()
    return (Axis("readonly", request.verb, _READ_VERBS, {"verb": "get"}, cost=SIBLING),)


def _what(policy: AbacPolicy, request: Request) -> Axes | None:
    if request.path is not None:
        return path_axes((policy.non_resource_path,), request.path) if policy.non_resource_path else None
    if policy.non_resource_path and not policy.resource:
        return None
    namespace: Axes | None = ()
    if policy.namespace not in (ALL, request.namespace):
        namespace = nearest("namespace", "namespace", request.namespace, (policy.namespace,), lambda _: ELSEWHERE)
    resource = _resource(policy, request)
    api_group: Axes | None = ()
    if policy.api_group not in (ALL, request.api_group):
        api_group = api_group_axes((policy.api_group,), request.api_group)
    return None if namespace is None or resource is None or api_group is None else namespace + resource + api_group


def _resource(policy: AbacPolicy, request: Request) -> Axes | None:
    if policy.resource in (ALL, request.resource):
        return ()
    if policy.resource.partition("/")[0] == request.resource:
        mistake = "a line names no subresource (ABAC-21): the resource alone stands for all of them"
        return (Axis("resource", request.resource, (policy.resource,), mistake=mistake, cost=SLIP),)
    found = nearest("resource", "resource", request.resource, (policy.resource,), lambda _: OTHER)
    # Another resource altogether is no near miss of a line: it has one only.
    return found if found and found[0].cost < OTHER else None
