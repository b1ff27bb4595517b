"""Which grants make a need true: asked again of the policy's own rules, so that what is shown does not rest on bit masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from rbaclens.analysis.atom_table import counts_everywhere
from rbaclens.analysis.capability import AllOf, AnyOf, Atom, Expression, asked, atoms
from rbaclens.analysis.holder import EVERYWHERE, Grant
from rbaclens.analysis.holdings import Held
from rbaclens.authorizers.abac import policy_touches
from rbaclens.authorizers.matching import rule_touches
from rbaclens.graph.attack.actors import Actor
from rbaclens.index.compile import CompiledRole
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.pattern import Pattern

Part = tuple[Held, int]
"""A grant and the number of one of its role's rules."""
_Touching = dict[CompiledRole, tuple[int, ...]]
"""The rules of each role that give something of one pattern."""


class _Wanted(NamedTuple):
    """What is needed, with its patterns and the roles that have to do with any of them."""

    needs: Expression
    touching: list[tuple[Pattern, _Touching]]
    concerned: dict[CompiledRole, bool]


class Evidence:
    """Answers what an actor may do in a scope, and by which grants; remembers what each rule gives."""

    def __init__(self) -> None:
        self._touching: dict[Pattern, _Touching] = {}
        self._wanted: dict[int, _Wanted] = {}

    def may(self, actor: Actor, scope: str, pattern: Pattern) -> bool:
        """Whether the actor may do what ``pattern`` says in ``scope`` (EVERYWHERE or a namespace)."""
        if actor.through is not None:
            speaker, spoken_for, verb = actor.through
            asked_on = msgspec.structs.replace(pattern, verb=f"{verb}{pattern.verb}")
            return self.may(spoken_for, scope, pattern) and self.may(speaker, scope, asked_on)
        if actor.all_of in (EVERYWHERE, scope) and pattern.is_resource and pattern.namespace != "":
            return actor.all_of == EVERYWHERE or pattern.namespace in (None, scope)
        touching = self._touching.get(pattern)
        if touching is None:
            touching = self._touching[pattern] = {}
        for held in (actor.own, actor.shared):
            if self._any_gives(held.held, scope, pattern, touching):
                return True
            if scope in held.local_held and self._any_gives(held.local_held[scope], scope, pattern, touching):
                return True
        return False

    def _any_gives(self, some: Sequence[Held], scope: str, pattern: Pattern, touching: _Touching) -> bool:
        for held in some:
            bound = held.bound
            # Most roles have nothing to do with the pattern, and are known not to.
            if bound is not None and bound.role is not None and touching.get(bound.role) == ():
                continue
            if self._rules(held, scope, pattern, touching):
                return True
        return False

    def suffices(self, actor: Actor, scope: str, needs: Expression) -> bool:
        """Whether the actor holds all of an expression."""
        return asked(needs, lambda pattern: self.may(actor, scope, pattern))

    def grants(self, actor: Actor, scope: str, needs: Expression) -> tuple[Grant, ...]:
        """Grants that together are enough, and none of which could be left out; the actor's own are preferred."""
        if actor.through is not None:
            speaker, spoken_for, verb = actor.through
            return (*self.grants(speaker, scope, prefixed(needs, verb)), *self.grants(spoken_for, scope, needs))
        wanted = self._wanted_for(needs)
        parts: dict[tuple[int, int], Part] = {}
        for some in _counting(actor, scope):
            for held in sorted((held for held in some if self._concerns(held, wanted)), key=_order):
                for one in wanted.touching:
                    for number in self._rules(held, scope, *one):
                        parts.setdefault((id(held), number), (held, number))
        kept = _needed(list(parts.values()), lambda some: asked(needs, lambda pattern: self._given(some, scope, pattern)))
        return tuple(held.grant(number) for held, number in kept)

    def _wanted_for(self, needs: Expression) -> _Wanted:
        found = self._wanted.get(id(needs))
        if found is None:
            patterns = dict.fromkeys(atoms(needs))
            touching = [(pattern, self._touching.setdefault(pattern, {})) for pattern in patterns]
            found = self._wanted[id(needs)] = _Wanted(needs, touching, {})
        return found

    def _concerns(self, held: Held, wanted: _Wanted) -> bool:
        """Whether a grant could give something of what is needed, in some scope; remembered, since most roles do not."""
        bound = held.bound
        if bound is None or bound.role is None:
            return held.line is not None
        found = wanted.concerned.get(bound.role)
        if found is None:
            rules = bound.role.rules
            found = any(rule_touches(rule, pattern) for pattern, _ in wanted.touching for rule in rules)
            wanted.concerned[bound.role] = found
        return found

    def _given(self, parts: Sequence[Part], scope: str, pattern: Pattern) -> bool:
        return any(number in self._rules(held, scope, pattern, self._touching[pattern]) for held, number in parts)

    def _rules(self, held: Held, scope: str, pattern: Pattern, touching: _Touching) -> tuple[int, ...]:
        """The rules of a grant that give something in a scope."""
        if held.line is not None:
            return (0,) if _line_gives(held.line, scope, pattern) else ()
        bound = held.bound
        if bound is None or bound.role is None:
            return ()
        if bound.binding.namespace and (not pattern.is_resource or pattern.namespace not in (None, scope)):
            return ()
        found = touching.get(bound.role)
        if found is None:
            found = tuple(number for number, rule in enumerate(bound.role.rules) if rule_touches(rule, pattern))
            touching[bound.role] = found
        return found


class May:
    """Answers what somebody may do in a scope: by the atoms that they hold, for which ``held`` is asked once, else by their grants."""

    __slots__ = ("_actor", "_bits", "_evidence", "_held", "_mask", "_scope", "asked")

    def __init__(
        self, actor: Actor, scope: str, bits: Mapping[Pattern, int], held: Callable[[Actor, str], int], evidence: Evidence
    ) -> None:
        self._actor = actor
        self._scope = scope
        self._bits = bits
        self._held = held
        self._evidence = evidence
        self._mask = 0
        self.asked = False
        """Whether anybody wanted to know."""

    def __call__(self, pattern: Pattern) -> bool:
        """Whether they may."""
        if not self.asked:
            self.asked = True
            self._mask = self._held(self._actor, self._scope)
        bit = self._bits.get(pattern)
        return self._evidence.may(self._actor, self._scope, pattern) if bit is None else self._mask & bit != 0


def prefixed(expression: Expression, verb: str) -> Expression:
    """The expression with ``verb`` before every verb."""
    if isinstance(expression, Atom):
        return Atom(msgspec.structs.replace(expression.pattern, verb=f"{verb}{expression.pattern.verb}"))
    assert isinstance(expression, (AllOf, AnyOf))  # noqa: S101
    return type(expression)(tuple(prefixed(part, verb) for part in expression.parts))


def _counting(actor: Actor, scope: str) -> Iterator[Sequence[Held]]:
    """The grants that count in a scope, the actor's own first."""
    for held in (actor.own, actor.shared):
        yield (*held.held, *(held.local_held.get(scope, ()) if scope != EVERYWHERE else ()))


def _order(held: Held) -> tuple[str, ...]:
    binding = held.bound.binding if held.bound is not None else None
    return (binding.namespace, binding.name, *held.cause) if binding is not None else ("", "", *held.cause)


def _line_gives(line: AbacPolicy, scope: str, pattern: Pattern) -> bool:
    return (line.namespace == scope or counts_everywhere(line, pattern)) and policy_touches(line, pattern)


def _needed(parts: list[Part], enough: Callable[[list[Part]], bool]) -> list[Part]:
    """Parts that are enough together, none of which could be left out; a single one, the first, where one is enough."""
    for part in parts:
        if enough([part]):
            return [part]
    kept = parts
    for part in reversed(parts):
        rest = [one for one in kept if one is not part]
        if enough(rest):
            kept = rest
    return kept
