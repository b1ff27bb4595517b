"""Sieves: sets of 60 bits that tell at a glance that a role says nothing about what is asked for.

Most roles that somebody holds say nothing about it. One small number tells, where going through a role's rules would read many
strings that lie far apart in memory. Without a common bit a role and a request cannot match; with one they may.
"""

from __future__ import annotations

from collections.abc import Iterable

from rbaclens.authorizers.matching import ALL
from rbaclens.model.rules import PolicyRule

REMEMBERED_RESOURCES = 10_000
"""Beyond that somebody asks about anything at all, and memory must not grow with it."""

_RESOURCES = 58
_EVERY_RESOURCE = (1 << _RESOURCES) - 1
PATHS = 1 << _RESOURCES
"""The sieve of a request for a path."""
EVERYTHING = _EVERY_RESOURCE | PATHS
NOTHING = PATHS << 1
"""What is in every sieve of rules, so that none is zero; nobody asks for this bit."""


class _ResourceSieves(dict[str, int]):
    """The bits of a resource that is asked for, or of one entry of a rule's ``resources``.

    The bit is that of the resource without a subresource, so that a request's is the same as that of any of its
    ``resource_entries``; a star there has every bit.
    """

    def __missing__(self, entry: str) -> int:
        if len(self) >= REMEMBERED_RESOURCES:
            self.clear()
        resource = entry.partition("/")[0]
        found = self[entry] = _EVERY_RESOURCE if resource == ALL else 1 << hash(resource) % _RESOURCES
        return found


RESOURCE_SIEVES = _ResourceSieves()
"""To be asked with ``[...]``, which costs less than any function."""


def rules_sieve(rules: Iterable[PolicyRule]) -> int:
    """All that ``rules`` name; never zero."""
    found = NOTHING
    for rule in rules:
        for entry in rule.resources:
            found |= RESOURCE_SIEVES[entry]
        if rule.non_resource_urls:
            found |= PATHS
    return found
