"""ABAC, line by line, from the rules' own words (ABAC-16 to ABAC-24)."""

from __future__ import annotations

from rbaclens.authorizers.matching import path_pattern_matches
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant, Opinion, Verdict
from rbaclens.model.request import Request


def decide_abac(policies: tuple[AbacPolicy, ...], request: Request) -> Opinion:
    """ABAC's opinion (ABAC-16)."""
    for policy in policies:
        if _subject(policy, request) and _verb(policy, request) and _target(policy, request):
            return Opinion(Verdict.ALLOW, "abac", evidence=AbacGrant(policy))
    return Opinion(Verdict.NO_OPINION, "abac", "No policy matched.")


def _subject(policy: AbacPolicy, request: Request) -> bool:
    user_ok = policy.user == request.user
    group_ok = policy.group in request.groups
    if policy.user and policy.group:
        return user_ok and group_ok
    if policy.user:
        return user_ok
    if policy.group:
        return group_ok
    return False


def _verb(policy: AbacPolicy, request: Request) -> bool:
    return not policy.readonly or request.verb in ("get", "list", "watch")


def _target(policy: AbacPolicy, request: Request) -> bool:
    if request.path is None:
        pairs = ((policy.namespace, request.namespace), (policy.resource, request.resource), (policy.api_group, request.api_group))
        return all(wanted in ("*", asked) for wanted, asked in pairs)
    return path_pattern_matches(policy.non_resource_path, request.path)
