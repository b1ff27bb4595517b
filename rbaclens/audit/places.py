"""Places of one kind, and what rules come to in them: worked out once for everybody who holds something there."""

from __future__ import annotations

from collections.abc import Callable

from rbaclens.analysis.capability import Expression
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.audit.context import KUBE_SYSTEM, Context
from rbaclens.audit.grading import base_score, levels_of_names, levels_of_place
from rbaclens.audit.match import Here
from rbaclens.audit.severity import shifted
from rbaclens.audit.universe import Universe, Variant
from rbaclens.model.pattern import Pattern

Names = tuple[str, ...]


class Kind:
    """One kind of place: the whole cluster, or namespaces that do not differ in anything that the rules look at.

    ``bases`` is the score of each variant there before anything else is looked at, ``plain`` what those that depend on the place
    alone come to. ``by_atoms``: what somebody may do, so far as it is an atom, is exactly what their atoms say.
    """

    def __init__(self, universe: Universe, context: Context, scope: str, by_atoms: bool) -> None:
        self._universe = universe
        self._by_atoms = by_atoms
        self._context = context
        self._scope = scope
        self.bases = {one: base_score(one.rule, context, scope) for one in universe.variants}
        self._levels = {one: levels_of_place(one.rule, context, scope) for one in universe.variants}
        self.plain = {
            one: shifted(base, self._levels[one]) for one, base in self.bases.items() if base is not None and not one.asking and one.simple
        }
        self._scores: dict[tuple[Variant, Names, int, int], float | None] = {}

    def score(self, variant: Variant, names: Names, held: int, levels: int, ask: Callable[[Expression | Pattern], bool]) -> float | None:
        """What a simple variant comes to for somebody with the atoms ``held``, whose findings are ``levels`` worse than others'."""
        key = variant, names, held & variant.heard if variant.rule.here is not None else 0, levels
        if key in self._scores:
            return self._scores[key]
        personal = not self._by_atoms

        def may(wanted: Expression | Pattern) -> bool:
            # What is not among the atoms of the key holds for this one alone.
            nonlocal personal
            mask = self._universe.mask(wanted)
            personal = personal or not mask or bool(mask & ~variant.heard)
            return ask(wanted)

        score = self.bases[variant]
        if score is not None and variant.rule.here is not None:
            score = variant.rule.here(Here(self._context, self._scope, names, may), score)
        if score is not None:
            score = shifted(score, levels + self._levels[variant] + levels_of_names(variant.rule, names))
        if not personal:
            self._scores[key] = score
        return score


class Kinds:
    """The kinds of all places."""

    def __init__(self, universe: Universe, context: Context, by_atoms: bool) -> None:
        self._universe = universe
        self._context = context
        self._by_atoms = by_atoms
        self._of_scope: dict[str, Kind] = {}
        self._found: dict[tuple[bool, bool, bool, str], Kind] = {}

    def of(self, scope: str) -> Kind:
        """The kind of a scope."""
        kind = self._of_scope.get(scope)
        if kind is None:
            context = self._context
            key = scope == EVERYWHERE, scope == KUBE_SYSTEM, scope in context.privileged, context.pod_security(scope)
            kind = self._found.get(key)
            if kind is None:
                kind = self._found[key] = Kind(self._universe, context, scope, self._by_atoms)
            self._of_scope[scope] = kind
        return kind
