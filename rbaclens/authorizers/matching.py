"""The only place that understands ``*``: does one rule match one request?

Six predicates, each the definition of one axis. The index and every question call these or are held equal to them by the
tests in ``tests/agreement``. Every comparison is byte-exact (X-03).
"""

from __future__ import annotations

from collections.abc import Sequence

from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

ALL = "*"


def verb_matches(verbs: Sequence[str], verb: str) -> bool:
    """RBAC-09: ``*`` or the exact verb; the empty verb matches ``*`` only."""
    return verb in verbs or ALL in verbs


def group_matches(api_groups: Sequence[str], api_group: str) -> bool:
    """RBAC-10: ``*`` (which includes the core group) or the exact group."""
    return api_group in api_groups or ALL in api_groups


def resource_entries(resource: str, subresource: str) -> tuple[str, ...]:
    """RBAC-11 the other way round: the entries of a rule that match; an index looks each of them up."""
    return (ALL, f"{resource}/{subresource}", f"*/{subresource}") if subresource else (ALL, resource)


def resource_matches(resources: Sequence[str], resource: str, subresource: str) -> bool:
    """RBAC-11 to RBAC-14: ``*``, the exact ``resource[/subresource]``, or ``*/subresource``. ``pods/*`` is no wildcard."""
    if not subresource:
        return ALL in resources or resource in resources
    return ALL in resources or f"{resource}/{subresource}" in resources or f"*/{subresource}" in resources


def name_matches(resource_names: Sequence[str], name: str) -> bool:
    """RBAC-15: no names at all match every name; otherwise exact membership, without wildcards."""
    return not resource_names or name in resource_names


def url_matches(urls: Sequence[str], path: str) -> bool:
    """RBAC-17: exact, or an entry ending in ``*`` whose text before all its trailing stars is a prefix."""
    if path in urls:
        return True
    for url in urls:  # noqa: SIM110 (every request for a path comes here; a generator would cost more than the comparing)
        if url[-1:] == ALL and path.startswith(url.rstrip(ALL)):
            return True
    return False


def path_pattern_matches(pattern: str, path: str) -> bool:
    """ABAC-23: the same meaning for the one path of an ABAC policy."""
    return url_matches((pattern,), path)


def rule_allows(rule: PolicyRule, request: Request) -> bool:
    """RBAC-07 and RBAC-08: the conjunction of the axes of the request's kind."""
    if request.path is not None:
        return verb_matches(rule.verbs, request.verb) and url_matches(rule.non_resource_urls, request.path)
    return (
        verb_matches(rule.verbs, request.verb)
        and group_matches(rule.api_groups, request.api_group)
        and resource_matches(rule.resources, request.resource, request.subresource)
        and name_matches(rule.resource_names, request.name)
    )


def rule_touches(rule: PolicyRule, pattern: Pattern) -> bool:
    """Whether the rule allows some request that ``pattern`` stands for: an open place matches any list but an empty one."""
    if not (rule.verbs if pattern.verb is None else verb_matches(rule.verbs, pattern.verb)):
        return False
    if not pattern.is_resource:
        return bool(rule.non_resource_urls) if pattern.path is None else url_matches(rule.non_resource_urls, pattern.path)
    return (
        _resources_touch(rule.resources, pattern)
        and bool(rule.api_groups if pattern.api_group is None else group_matches(rule.api_groups, pattern.api_group))
        and (pattern.name is None or name_matches(rule.resource_names, pattern.name))
    )


def _resources_touch(resources: Sequence[str], pattern: Pattern) -> bool:
    resource, subresource = pattern.resource, pattern.subresource
    if resource is None:
        if not subresource:
            # Any entry is itself the resource of some request: a review may well say "pods/log" there (RBAC-14).
            return bool(resources)
        return any(entry == ALL or entry.endswith(f"/{subresource}") for entry in resources)
    if subresource is None:
        return any(entry in (ALL, resource) or _is_sub(entry, f"{resource}/") or _is_sub(entry, "*/") for entry in resources)
    return resource_matches(resources, resource, subresource)


def _is_sub(entry: str, prefix: str) -> bool:
    return entry.startswith(prefix) and entry != prefix
