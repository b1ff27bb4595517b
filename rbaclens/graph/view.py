"""What somebody wants to see of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.shipped import Shipped
from rbaclens.graph.permission import Permission
from rbaclens.model.pattern import Pattern

Level = Literal["namespace", "role", "rule"]
LEVELS: tuple[Level, ...] = ("namespace", "role", "rule")


class View(msgspec.Struct, frozen=True):
    """The wanted part of a policy.

    ``level``: permissions one by one, roles in the scopes where they are held, or scopes. ``pattern``: only what touches it, its
    namespace left aside. ``namespace``: only what counts there, cluster-wide grants included; empty: everything. ``shipped``: leave
    out the grants that every cluster has. ``identities``: who is in which groups.
    """

    level: Level = "role"
    pattern: Pattern | None = None
    namespace: str = ""
    shipped: Shipped | None = None
    identities: Mapping[str, Iterable[str]] = {}

    def wants_scope(self, scope: str) -> bool:
        """Whether what is held in a scope counts."""
        return not self.namespace or scope in (EVERYWHERE, self.namespace)

    def wanted_verbs(self, permission: Permission, verbs: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the verbs on a permission that count."""
        pattern = self.pattern
        if pattern is None:
            return verbs
        if not any(permission.touches(verbs, one) for one in self.patterns):
            return ()
        return verbs if pattern.verb is None else tuple(verb for verb in verbs if verb in ("*", pattern.verb))

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """What is wanted: a verb alone is wanted on paths too."""
        if self.pattern is None:
            return ()
        of_paths = self.pattern.is_resource and self.pattern.resource is None and self.pattern.api_group is None
        return (self.pattern, Pattern(self.pattern.verb, any_path=True)) if of_paths else (self.pattern,)
