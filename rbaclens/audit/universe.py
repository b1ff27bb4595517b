"""All the atoms that the capability rules of one run ask for, and which rules a set of atoms satisfies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import reduce
from operator import or_

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.capability import Expression, Test, atoms, compiled, form
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Held
from rbaclens.audit.rule import NP, C, CapabilityRule, N
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern


class Variant:
    """A capability rule in one of its two forms: held for any object, or (``restricted``) for certain names only."""

    __slots__ = ("asking", "bit", "blocked", "heard", "relevant", "restricted", "rule", "simple", "test")

    def __init__(self, rule: CapabilityRule, restricted: bool, number: int) -> None:
        self.rule = rule
        self.restricted = restricted
        self.simple = rule.score is None and rule.patch is None
        """Whether its findings depend on nothing but the place and what the principal may do there."""
        self.asking = restricted or rule.here is not None
        """Whether they depend on more than the place: on names, or on what the principal may do besides."""
        self.bit = 1 << number
        self.relevant = 0
        self.heard = 0
        """What the hooks of the rule ask about, as far as it is known beforehand."""
        self.test: Test = bool
        self.blocked: Test | None = None


class Alone:
    """What one grant gives by itself in a place where grants give ``within`` (-1: all), whoever holds it.

    ``enough`` are the variants for which it is enough, beyond what every cluster gives, a bit each; ``reach`` the atoms that it can
    give there: a cluster-wide grant all that it has, one of the namespace what counts in it.
    """

    __slots__ = ("_first", "_held", "_names", "_universe", "cause", "enough", "reach")

    def __init__(self, universe: Universe, held: Held, within: int) -> None:
        fires = universe.fires
        self.enough = fires(held.mask & within) & ~fires(held.base & within)
        if held.bound is not None:
            self.reach = within if held.bound.binding.namespace else -1
        else:
            self.reach = within if held.line is not None and held.line.namespace not in ("", EVERYWHERE) else -1
        self.cause = ("/".join(held.cause),)
        self._universe = universe
        self._held = held
        self._first: dict[Variant, int | None] = {}
        self._names: dict[Variant, tuple[str, ...]] = {}

    def first(self, variant: Variant) -> int | None:
        """The number of the first part that satisfies a variant by itself."""
        try:
            return self._first[variant]
        except KeyError:
            parts = self._held.parts(self._universe, variant.relevant & self.reach)
            found = self._first[variant] = next((number for mask, number in parts if variant.test(mask)), None)
            return found

    def names(self, variant: Variant) -> tuple[str, ...]:
        """The object names that a variant is limited to by this grant."""
        found = self._names.get(variant)
        if found is None:
            role = self._held.role
            found = self._names[variant] = self._universe.names((role,), variant) if role is not None else ()
        return found


class Universe(AtomTable):
    """The atoms of a set of capability rules, and which rules a set of atoms satisfies.

    ``reported`` are the ids of those that make findings (``None``: all); the others only say who amounts to cluster-admin.
    """

    def __init__(self, rules: Iterable[CapabilityRule], reported: Collection[str] | None = None) -> None:
        super().__init__()
        self._fires: dict[int, int] = {0: 0}
        self._barred: dict[int, int] = {}
        self._of: dict[int, tuple[Variant, ...]] = {}
        self._tests: dict[int, tuple[Expression, Test]] = {}
        self._alone: dict[tuple[int, int, int, bool], Alone] = {}
        self.variants: list[Variant] = []
        for rule in rules:
            for restricted in (False, True) if rule.named else (False,):
                self._add(rule, restricted)
        self._triggers = [(one.relevant, one.test, one.bit) for one in self.variants]
        self._blocks = [(one.blocked, one.bit) for one in self.variants if one.blocked is not None]
        self.wanted = self._with(lambda rule: reported is None or rule.id in reported)
        self.cluster = self._with(lambda rule: C in rule.scores) & self.wanted
        self.local = self._with(lambda rule: N in rule.scores or NP in rule.scores) & self.wanted
        self.plain = sum(one.bit for one in self.variants if not one.restricted)
        self._restricted = sum(one.bit for one in self.variants if one.restricted)
        by_scope = {scope: self._with(lambda rule, scope=scope: scope in rule.admin) for scope in (C, NP)}  # type: ignore[misc]
        names_matter = self._with(lambda rule: rule.sensitive is not None)
        self.admin = {scope: rules & self.plain for scope, rules in by_scope.items()}
        self.admin_by_name = {scope: rules & self._restricted & names_matter for scope, rules in by_scope.items()}

    def fires(self, held: int) -> int:
        """The variants whose trigger ``held`` satisfies, a bit each."""
        found = self._fires.get(held)
        if found is None:
            found = 0
            for relevant, test, bit in self._triggers:
                if held & relevant and test(held):
                    found |= bit
            self._fires[held] = found
        return found

    def barred(self, fired: int, held: int) -> int:
        """The variants that are not told where ``fired`` are satisfied and ``held`` is all that there is.

        Their ``unless`` holds, or it is the restricted form of a rule whose other form is told.
        """
        found = self._barred.get(held)
        if found is None:
            found = sum([bit for blocked, bit in self._blocks if blocked(held)])
            self._barred[held] = found
        return found | self._restricted & fired << 1

    def of(self, fired: int) -> tuple[Variant, ...]:
        """The variants of a set of bits, in order; of one rule the restricted form only where the other is not there."""
        found = self._of.get(fired)
        if found is None:
            told = fired & ~(self._restricted & fired << 1)
            found = self._of[fired] = tuple(one for one in self.variants if one.bit & told)
        return found

    def mask(self, wanted: Expression | Pattern) -> int:
        """The atoms that an expression (for any object) or a pattern is about; 0 where one of them is not known."""
        if isinstance(wanted, Pattern):
            return self._bits.get(wanted, 0)
        bits = [self._bits.get(form(pattern, False), 0) for pattern in atoms(wanted)]
        return 0 if 0 in bits else reduce(or_, bits, 0)

    def answer(self, wanted: Expression | Pattern, held: int) -> bool | None:
        """Whether ``held`` has what an expression (for any object) or a pattern says; ``None`` where it is not about these atoms."""
        if isinstance(wanted, Pattern):
            bit = self._bits.get(wanted)
            return None if bit is None else held & bit != 0
        found = self._tests.get(id(wanted))
        if found is None:
            patterns = [form(pattern, False) for pattern in atoms(wanted)]
            if any(pattern not in self._bits for pattern in patterns):
                return None
            # The expression is kept with its test, so that no other one gets its id.
            found = self._tests[id(wanted)] = wanted, compiled(wanted, lambda pattern: self._bits[form(pattern, False)])
        return found[1](held)

    def alone(self, held: Held, within: int) -> Alone:
        """What a grant gives by itself in a place where grants give ``within``; the same for all who hold that role there."""
        key = (id(held.role or held), held.base, within, held.bound is None or not held.bound.binding.namespace)
        found = self._alone.get(key)
        if found is None:
            found = self._alone[key] = Alone(self, held, within)
        return found

    def names(self, roles: Iterable[Role], variant: Variant) -> tuple[str, ...]:
        """The object names to which roles limit what a variant asks for; none where it asks for any object."""
        if not variant.restricted:
            return ()
        found: dict[str, None] = {}
        for role in roles:
            for rule in role.rules:
                if self.rule_mask(rule) & variant.relevant:
                    found.update(dict.fromkeys(rule.resource_names))
        return tuple(found)

    def _add(self, rule: CapabilityRule, restricted: bool) -> None:
        variant = Variant(rule, restricted, len(self.variants))

        def bit(pattern: Pattern) -> int:
            return self.bit(form(pattern, restricted))

        variant.test = compiled(rule.trigger, bit)
        for pattern in atoms(rule.trigger):
            variant.relevant |= bit(pattern)
        for expression in (rule.trigger, rule.asks):
            for pattern in atoms(expression) if expression is not None else ():
                for by_name in (False, True) if rule.named else (False,):
                    variant.heard |= self.bit(form(pattern, by_name))
        if rule.unless is not None:
            variant.blocked = compiled(rule.unless, lambda pattern: self.bit(form(pattern, False)))
        self.variants.append(variant)

    def _with(self, wanted: Callable[[CapabilityRule], bool]) -> int:
        return sum(one.bit for one in self.variants if wanted(one.rule))
