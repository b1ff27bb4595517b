"""What the NodeRestriction admission plugin leaves of a kubelet's rights: its own node and the pods that are there."""

from __future__ import annotations

from collections.abc import Callable

from rbaclens.analysis.capability import Expression, asked
from rbaclens.model.pattern import Pattern

_WRITE = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_KEPT = frozenset({
    ("nodes", ""),
    ("nodes", "status"),
    ("pods", ""),
    ("pods", "ephemeralcontainers"),
    ("pods", "eviction"),
    ("pods", "status"),
    ("serviceaccounts", "token"),
})  # fmt: skip
# Connecting to a pod (exec, attach) and to the kubelet's own API is no write: admission lets it pass.


def kept_by_node_restriction(needs: Expression, may: Callable[[Pattern], bool]) -> str:
    """Why somebody who is a kubelet cannot do what they hold all that is needed for; empty: they can."""
    if asked(needs, lambda pattern: not _kept(pattern) and may(pattern)):
        return ""
    return "admission (NodeRestriction) keeps a kubelet to its own node and the pods on it"


def _kept(pattern: Pattern) -> bool:
    return pattern.verb in _WRITE and (pattern.resource, pattern.subresource) in _KEPT and not pattern.api_group
