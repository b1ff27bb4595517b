"""The ABAC authorizer: the first line that matches allows (section 5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.authorizers.matching import ALL, path_pattern_matches
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant, Opinion, Verdict
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request

READ_ONLY = frozenset({"get", "list", "watch"})
_NO_MATCH = Opinion(Verdict.NO_OPINION, "abac", "No policy matched.")


class AbacAuthorizer:
    """ABAC over the lines of one policy file, in file order (ABAC-16)."""

    name = "abac"

    def __init__(self, policies: tuple[AbacPolicy, ...]) -> None:
        self._policies = policies

    def authorize(self, request: Request) -> Opinion:
        """Allow by the first line that matches; otherwise no opinion (ABAC-16)."""
        for policy in self.matches(request):
            return Opinion(Verdict.ALLOW, self.name, evidence=AbacGrant(policy))
        return _NO_MATCH

    def matches(self, request: Request) -> Iterator[AbacPolicy]:
        """Every line that matches, in file order."""
        return (policy for policy in self._policies if policy_matches(policy, request))


def policy_matches(policy: AbacPolicy, request: Request) -> bool:
    """ABAC-17: subject, verb, and the part of the policy for this kind of request."""
    if not subject_matches(policy, request.user, request.groups):
        return False
    if policy.readonly and request.verb not in READ_ONLY:  # ABAC-19
        return False
    if request.path is not None:
        return path_pattern_matches(policy.non_resource_path, request.path)  # ABAC-23
    return (  # ABAC-20; subresource and name do not count (ABAC-21)
        policy.namespace in (ALL, request.namespace)
        and policy.resource in (ALL, request.resource)
        and policy.api_group in (ALL, request.api_group)
    )


def subject_matches(policy: AbacPolicy, user: str, groups: tuple[str, ...]) -> bool:
    """ABAC-18: user and group must both hold where both are set; a policy that names neither speaks of nobody."""
    if not policy.user and not policy.group:
        return False
    return (not policy.user or policy.user == user) and (not policy.group or policy.group in groups)


def policy_touches(policy: AbacPolicy, pattern: Pattern) -> bool:
    """Whether somebody whom the policy names may do some request that ``pattern`` stands for."""
    if not policy.user and not policy.group:
        return False
    if policy.readonly and pattern.verb is not None and pattern.verb not in READ_ONLY:
        return False
    if not pattern.is_resource:
        return bool(policy.non_resource_path) if pattern.path is None else path_pattern_matches(policy.non_resource_path, pattern.path)
    pairs = ((policy.namespace, pattern.namespace), (policy.resource, pattern.resource), (policy.api_group, pattern.api_group))
    return all(asked is None or given in (ALL, asked) for given, asked in pairs)
