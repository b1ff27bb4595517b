"""Aggregated ClusterRoles under changes: only those that a change can reach are gathered again (RBAC-40 to RBAC-45)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rbaclens.model.aggregation import Matcher, aggregate_roles, selector_matcher
from rbaclens.model.objects import Role

Changed = Mapping[str, Role | None]
"""ClusterRoles by name as they are now written; ``None``: not there any more."""


class Gathering:
    """The ClusterRoles by name, and which of them are gathered into which: kept up to date role by role.

    A role whose selectors do not parse gathers nothing and keeps its rules (RBAC-43): it counts as a plain role here.
    """

    def __init__(self, cluster_roles: Iterable[Role]) -> None:
        # What stands in the rules of an aggregated role here does not count, nor is it kept up to date.
        self._roles = {role.name: role for role in cluster_roles}
        self._matchers: dict[str, tuple[Matcher, ...]] = {}
        self._sources: dict[str, set[str]] = {}
        self._learn_aggregated(self._roles)

    def regather(self, changed: Changed) -> dict[str, Role]:
        """Every aggregated role that ``changed`` can reach, with the rules that it will have; changes nothing here."""
        matchers = {name: found for name, found in self._matchers.items() if name not in changed}
        for name, role in changed.items():
            if role is not None and (own := _matchers(role)) is not None:
                matchers[name] = own
        reached = self._reached(changed, matchers)
        if not reached:
            return {}
        needed, waiting = set(reached), list(reached)
        while waiting:
            name = waiting.pop()
            if name in matchers:
                fresh = self._sources_after(name, changed, matchers[name]) - needed
                needed |= fresh
                waiting += fresh
        roles = [role for name in needed if (role := self._after(name, changed)) is not None]
        return {role.name: role for role in aggregate_roles(roles) if role.name in reached}

    def learn(self, changed: Changed) -> None:
        """Remember that ``changed`` has happened."""
        for name, role in changed.items():
            self._matchers.pop(name, None)
            self._sources.pop(name, None)
            if role is None:
                self._roles.pop(name, None)
            else:
                self._roles[name] = role
        for aggregated, sources in self._sources.items():
            sources.difference_update(changed)
            sources.update(self._matching(changed, self._matchers[aggregated]))
        self._learn_aggregated(changed)

    def _reached(self, changed: Changed, matchers: Mapping[str, tuple[Matcher, ...]]) -> set[str]:
        """The aggregated roles whose rules may differ: those that gather something changed, and those that gather these."""
        reached = {name for name in changed if name in matchers}
        labels = [role.labels for name in changed for role in (self._roles.get(name), changed[name]) if role is not None]
        while labels:
            here = labels.pop()
            for name, selectors in matchers.items():
                if name not in reached and any(matches(here) for matches in selectors):
                    reached.add(name)
                    labels.append(self._roles[name].labels)
        return reached

    def _sources_after(self, name: str, changed: Changed, selectors: tuple[Matcher, ...]) -> set[str]:
        found = set(self._matching(self._roles, selectors) if name in changed else self._sources[name])
        found.difference_update(changed)
        found.update(self._matching(changed, selectors))
        found.discard(name)
        return found

    def _after(self, name: str, changed: Changed) -> Role | None:
        return changed[name] if name in changed else self._roles[name]

    def _matching(self, roles: Changed, selectors: tuple[Matcher, ...]) -> Iterator[str]:
        return (name for name, role in roles.items() if role is not None and any(matches(role.labels) for matches in selectors))

    def _learn_aggregated(self, roles: Changed) -> None:
        for name, role in roles.items():
            selectors = None if role is None else _matchers(role)
            if selectors is not None:
                self._matchers[name] = selectors
                self._sources[name] = set(self._matching(self._roles, selectors)) - {name}


def _matchers(role: Role) -> tuple[Matcher, ...] | None:
    """The tests of an aggregated role's selectors; ``None`` for a role that is left alone."""
    if role.aggregation is None:
        return None
    found = [selector_matcher(selector) for selector in role.aggregation.selectors]
    return None if None in found else tuple(matcher for matcher in found if matcher is not None)
