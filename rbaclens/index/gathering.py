"""Aggregated ClusterRoles under changes: only those that a change can reach are gathered again (RBAC-40 to RBAC-45)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rbaclens.model.aggregation import Matcher, aggregate_roles, selector_matcher
from rbaclens.model.objects import Role

ClusterRoles = Mapping[str, Role]


class Gathering:
    """Which ClusterRoles are gathered into which, by name, kept up to date role by role.

    A role whose selectors do not parse gathers nothing and keeps its rules (RBAC-43); it is no aggregated role here.
    """

    def __init__(self, roles: ClusterRoles) -> None:
        self._matchers: dict[str, tuple[Matcher, ...]] = {}
        self._sources: dict[str, set[str]] = {}
        for role in roles.values():
            self._learn(role, roles)

    def regather(self, before: ClusterRoles, changed: Mapping[str, Role | None]) -> dict[str, Role]:
        """The aggregated roles that differ once ``changed`` (``None``: gone) has happened to ``before``, with their new rules.

        Also remembers what the change did to the selectors and the labels.
        """
        after = {**before, **{name: role for name, role in changed.items() if role is not None}} if changed else before
        for name, role in changed.items():
            if role is None:
                del after[name]  # type: ignore[attr-defined]
        return {}
