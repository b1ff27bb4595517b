"""What somebody may do in a scope, about which names, and by which grants: asked of the rules of the roles that they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from rbaclens.analysis.atom_table import counts_everywhere
from rbaclens.analysis.capability import Expression, asked, form
from rbaclens.analysis.holder import EVERYWHERE, Grant
from rbaclens.analysis.holdings import Held, Part, fewest
from rbaclens.authorizers.abac import policy_touches
from rbaclens.authorizers.matching import rule_touches
from rbaclens.graph.attack.actors import Actor
from rbaclens.graph.attack.technique import Technique
from rbaclens.graph.attack.variants import Given, Variant, Variants
from rbaclens.index.compile import CompiledRole
from rbaclens.model.pattern import Pattern

_About = tuple[int, dict[str, int]]
"""Atoms that are held about any object, and what comes to them about the objects of some names."""


class Evidence:
    """Answers for an actor and a scope; ``variants`` remember what each role gives of a technique."""

    def __init__(self, variants: Variants) -> None:
        self._variants = variants
        self._touching: dict[Pattern, dict[CompiledRole, bool]] = {}
        self._through: dict[str, Evidence] = {}

    def through(self, verb: str) -> Evidence:
        """The same about techniques with ``verb`` before every verb."""
        found = self._through.get(verb)
        if found is None:
            found = self._through[verb] = Evidence(self._variants.through(verb))
        return found

    def may(self, actor: Actor, scope: str, pattern: Pattern) -> bool:
        """Whether the actor may do what ``pattern`` says in ``scope`` (EVERYWHERE or a namespace); it need not be an atom."""
        if actor.through is not None:
            speaker, spoken_for, verb = actor.through
            asked_on = msgspec.structs.replace(pattern, verb=f"{verb}{pattern.verb}")
            return self.may(spoken_for, scope, pattern) and self.may(speaker, scope, asked_on)
        if actor.all_of in (EVERYWHERE, scope) and pattern.is_resource and pattern.namespace != "":
            return actor.all_of == EVERYWHERE or pattern.namespace in (None, scope)
        touching = self._touching.get(pattern)
        if touching is None:
            touching = self._touching[pattern] = {}
        return any(_gives(held, scope, pattern, touching) for some in _counting(actor, scope) for held in some)

    def names(self, actor: Actor, scope: str, technique: Technique) -> list[str]:
        """The names, in order, about whose objects an actor can do a technique by grants that are limited to names."""
        is_enough = self._variants.variant(technique, restricted=True).is_enough
        of_any, by_name = self._about_names(actor, scope, technique)
        return [name for name in sorted(by_name) if is_enough(of_any | by_name[name])]

    def _about_names(self, actor: Actor, scope: str, technique: Technique) -> _About:
        if actor.through is not None:
            speaker, spoken_for, verb = actor.through
            return _common(self.through(verb)._about_names(speaker, scope, technique), self._about_names(spoken_for, scope, technique))
        variant = self._variants.variant(technique, restricted=True)
        of_any = 0
        by_name: dict[str, int] = {}
        for some in _counting(actor, scope):
            for held in some:
                for one in self._given(held, scope, variant):
                    within = self._within(held, scope)
                    of_any |= one.atoms & ~one.limited & within
                    for name in one.names if one.limited & within else ():
                        by_name[name] = by_name.get(name, 0) | one.limited & within
        return of_any, by_name

    def grants(self, actor: Actor, scope: str, technique: Technique, name: str) -> tuple[Grant, ...]:
        """Grants that are enough for a technique about ``name`` (empty: any object), none of which could be left out.

        The actor's own are preferred.
        """
        if actor.through is not None:
            speaker, spoken_for, verb = actor.through
            on = self.through(verb).grants(speaker, scope, technique, name)
            return (*on, *self.grants(spoken_for, scope, technique, name))
        variant = self._variants.variant(technique, restricted=name != "")
        found: list[Part] = []
        for some in _counting(actor, scope):
            for parts in sorted(filter(None, (self._parts(held, scope, variant, name) for held in some)), key=_order):
                for part in parts:
                    # One that is enough alone ends it: what else there is need not even be looked at.
                    if variant.is_enough(part[2]):
                        return (part[0].grant(part[1]),)
                found += parts
        return tuple(held.grant(number) for held, number, _ in fewest(found, variant.is_enough))

    def _parts(self, held: Held, scope: str, variant: Variant, name: str) -> list[Part]:
        """What a grant gives of a variant in a scope, by what is needed first."""
        given = self._given(held, scope, variant)
        if not given:
            return []
        within = self._within(held, scope)
        found = [(held, one.number, atoms) for one in given if (atoms := one.about(name) & within)]
        if len(found) > 1:
            found.sort(key=lambda part: next(at for at, atom in enumerate(variant.atoms) if part[2] & atom))
        return found

    def _given(self, held: Held, scope: str, variant: Variant) -> Sequence[Given]:
        if held.line is not None:
            atoms = self._variants.of_line(held.line, scope) & variant.relevant
            return (Given(0, atoms, 0, ()),) if atoms else ()
        return variant.given_by(held.bound.role) if held.bound is not None and held.bound.role is not None else ()

    def _within(self, held: Held, scope: str) -> int:
        """The atoms that a grant can give, by the place of its binding."""
        is_local = held.bound is not None and held.bound.binding.namespace
        return self._variants.table.within(scope) if is_local else -1


class May:
    """Answers what somebody may do in a scope: by the atoms that they hold, for which ``held`` is asked once, else by their grants."""

    __slots__ = ("_actor", "_evidence", "_held", "_mask", "_scope", "_variants", "asked")

    def __init__(self, actor: Actor, scope: str, variants: Variants, held: Callable[[Actor, str], int], evidence: Evidence) -> None:
        self._actor = actor
        self._scope = scope
        self._variants = variants
        self._held = held
        self._evidence = evidence
        self._mask: int | None = None
        self.asked = False
        """Whether anybody wanted to know; whoever wants to find that out anew sets it back."""

    def __call__(self, pattern: Pattern) -> bool:
        """Whether they may."""
        mask = self._atoms()
        bit = self._variants.table.bits.get(pattern)
        return self._evidence.may(self._actor, self._scope, pattern) if bit is None else mask & bit != 0

    def holds(self, wanted: Expression, *, restricted: bool = False) -> bool:
        """Whether they hold an expression, for any object (``restricted``: or for certain names only)."""
        test = self._variants.test_of(wanted, restricted)
        return test(self._atoms()) if test is not None else asked(wanted, lambda pattern: self(form(pattern, restricted)))

    def _atoms(self) -> int:
        self.asked = True
        if self._mask is None:
            self._mask = self._held(self._actor, self._scope)
        return self._mask


def _common(one: _About, other: _About) -> _About:
    """What is held both by the one and by the other."""
    (of_any, by_name), (other_of_any, other_by_name) = one, other
    names = {*by_name, *other_by_name}
    return of_any & other_of_any, {name: (of_any | by_name.get(name, 0)) & (other_of_any | other_by_name.get(name, 0)) for name in names}


def _counting(actor: Actor, scope: str) -> Iterator[Sequence[Held]]:
    """The grants that count in a scope, the actor's own first."""
    for held in (actor.own, actor.shared):
        local = held.local_held.get(scope) if scope != EVERYWHERE else None
        yield (*held.held, *local) if local else held.held


def _order(parts: list[Part]) -> tuple[str, ...]:
    held = parts[0][0]
    binding = held.bound.binding if held.bound is not None else None
    return (binding.namespace, binding.name, *held.cause) if binding is not None else ("", "", *held.cause)


def _gives(held: Held, scope: str, pattern: Pattern, touching: dict[CompiledRole, bool]) -> bool:
    """Whether a grant gives something in a scope; ``touching`` remembers of which roles the pattern is."""
    if held.line is not None:
        return (held.line.namespace == scope or counts_everywhere(held.line, pattern)) and policy_touches(held.line, pattern)
    bound = held.bound
    if bound is None or bound.role is None:
        return False
    found = touching.get(bound.role)
    if found is None:
        found = touching[bound.role] = any(rule_touches(rule, pattern) for rule in bound.role.rules)
    return found and not (bound.binding.namespace and (not pattern.is_resource or pattern.namespace not in (None, scope)))
