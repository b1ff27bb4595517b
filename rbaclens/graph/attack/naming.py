"""Grants that are limited to object names: which names they are, and what a technique needs about one of them."""

from __future__ import annotations

import msgspec

from rbaclens.analysis.capability import AllOf, AnyOf, Atom, Expression, atoms, form
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Sum
from rbaclens.authorizers.matching import rule_touches
from rbaclens.graph.attack.actors import Actor
from rbaclens.graph.attack.technique import Technique
from rbaclens.index.compile import CompiledRole
from rbaclens.model.pattern import Pattern


class Names:
    """Remembers the names of each role's rules."""

    def __init__(self) -> None:
        self._limited: dict[tuple[Sum, str], tuple[CompiledRole, ...]] = {}
        self._of_role: dict[tuple[CompiledRole, str], frozenset[str]] = {}
        self._needs: dict[tuple[str, str], Expression] = {}

    def of(self, actor: Actor, scope: str, technique: Technique) -> tuple[str, ...]:
        """The object names to which an actor's grants on the technique's resources are limited, in order."""
        found: set[str] = set()
        whose = (actor,) if actor.through is None else actor.through[:2]
        for held in (part for one in whose for part in (one.own, one.shared)):
            for role in self._roles(held, EVERYWHERE):
                found |= self._names(role, technique)
            for role in self._roles(held, scope) if scope in held.local_held else ():
                found |= self._names(role, technique)
        return tuple(sorted(found))

    def _roles(self, held: Sum, scope: str) -> tuple[CompiledRole, ...]:
        """The roles held in a scope of which some rule is limited to names."""
        found = self._limited.get((held, scope))
        if found is None:
            some = held.held if scope == EVERYWHERE else held.local_held[scope]
            roles = (one.bound.role for one in some if one.bound is not None and one.bound.role is not None)
            found = tuple(dict.fromkeys(role for role in roles if any(rule.resource_names for rule in role.rules)))
            self._limited[held, scope] = found
        return found

    def needs(self, technique: Technique, name: str) -> Expression:
        """What a technique needs, about the object ``name``."""
        key = (technique.id, name)
        found = self._needs.get(key)
        if found is None:
            found = self._needs[key] = with_name(technique, name)
        return found

    def _names(self, role: CompiledRole, technique: Technique) -> frozenset[str]:
        key = (role, technique.id)
        found = self._of_role.get(key)
        if found is None:
            named = [rule for rule in role.rules if rule.resource_names]
            patterns = [pattern for pattern in atoms(technique.needs) if pattern.resource in technique.named] if named else []
            touched = (rule for rule in named if any(rule_touches(rule, pattern) for pattern in patterns))
            found = self._of_role[key] = frozenset(name for rule in touched for name in rule.resource_names)
        return found


def with_name(technique: Technique, name: str) -> Expression:
    """What a technique needs, about the object ``name``; empty: about any object."""
    return _with_name(technique.needs, technique, name)


def _with_name(expression: Expression, technique: Technique, name: str) -> Expression:
    if isinstance(expression, Atom):
        pattern = expression.pattern
        # A create carries no name, whatever the others are limited to.
        if pattern.resource in technique.any_name or not _takes_name(pattern):
            return Atom(form(pattern, True))
        return Atom(msgspec.structs.replace(pattern, name=name if pattern.resource in technique.named else ""))
    assert isinstance(expression, (AllOf, AnyOf))  # noqa: S101
    return type(expression)(tuple(_with_name(part, technique, name) for part in expression.parts))


def _takes_name(pattern: Pattern) -> bool:
    return pattern.is_resource and form(pattern, True).name is None
