"""From triggers that hold to findings: how bad they are, and how it is put."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import msgspec

from rbaclens.analysis.capability import Expression
from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.audit.causes import Cause, Place, causes_of, united
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding, Subject
from rbaclens.audit.grading import adjusted, raised
from rbaclens.audit.match import Match
from rbaclens.audit.places import Kinds
from rbaclens.audit.severity import severity_of
from rbaclens.audit.source import Sources, account_of, limited
from rbaclens.audit.universe import Alone, Universe, Variant
from rbaclens.model.decision import RbacGrant
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern

Ask = Callable[[Place, Expression | Pattern], bool]


class Speaker(msgspec.Struct, frozen=True, gc=False):
    """A principal, with what all of its findings say of it.

    ``levels``: how much worse its findings are than those of others; ``accounts`` may waive its findings; ``ask`` says whether it may do
    what an expression or a pattern says, in a place.
    """

    principal: Principal
    name: str
    levels: int
    accounts: tuple[Subject, ...]
    ask: Ask


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why a finding is told of one place; ``match`` where a hook of the rule may look at all of it."""

    variant: Variant
    cause: Cause
    score: float
    scope: str
    grants: tuple[Grant, ...]
    names: tuple[str, ...]
    match: Match | None = None


class Teller:
    """Makes findings; what many of them say of the same grant is worked out once.

    ``by_atoms``: what somebody may do, so far as it is an atom, is exactly what their atoms say.
    """

    def __init__(self, universe: Universe, context: Context, by_atoms: bool) -> None:
        self._universe = universe
        self._context = context
        self._sources = Sources()
        self._kinds = Kinds(universe, context, by_atoms)

    def speaker(self, principal: Principal, ask: Ask) -> Speaker:
        """The principal whose findings are told next."""
        context = self._context
        return Speaker(principal, str(principal), raised(principal, context), account_of(principal, context), ask)

    def tell(self, speaker: Speaker, told: Sequence[tuple[Place, int]]) -> list[Finding]:
        """The findings of one principal: one for each rule, cause and level, with all the scopes of it.

        ``told`` are its places, each with the variants that are told of it, a bit each.
        """
        if len(told) == 1:
            place, bits = told[0]
            scopes = (place.scope,)
            return [self._finding(speaker, reason, scopes, reason.grants) for reason in self._reasons(speaker, place, bits)]
        same: dict[tuple[Variant, Cause, float], list[Reason]] = {}
        for place, bits in sorted(told, key=_scope):
            for reason in self._reasons(speaker, place, bits):
                same.setdefault((reason.variant, reason.cause, reason.score), []).append(reason)
        return [
            self._finding(speaker, reasons[0], tuple([one.scope for one in reasons]), united([one.grants for one in reasons]))
            for reasons in same.values()
        ]

    def matches(self, variant: Variant, speaker: Speaker, place: Place) -> Iterator[tuple[Cause, Match]]:
        """What makes a trigger true for one principal in one place, cause by cause."""
        for cause, grants in causes_of(variant, self._universe, place):
            roles = _roles(grants)
            yield cause, self._match(speaker, place, grants, self._universe.names(roles, variant), _only(roles, grants))

    def _match(self, speaker: Speaker, place: Place, grants: tuple[Grant, ...], names: tuple[str, ...], role: Role | None) -> Match:
        return Match(
            context=self._context,
            principal=speaker.principal,
            scope=place.scope,
            grants=grants,
            names=names,
            role=role,
            ask=partial(speaker.ask, place),
        )

    def _reasons(self, speaker: Speaker, place: Place, bits: int) -> list[Reason]:
        own, every, scope, levels = place.own, place.alone, place.scope, speaker.levels
        kind = self._kinds.of(scope)
        lone = every[0].enough if len(every) == 1 else 0
        found: list[Reason] = []
        for variant in self._universe.of(bits):
            base = kind.bases[variant]
            if base is None:
                continue
            at = 0 if lone & variant.bit else _only_one(every, variant.bit)
            number = every[at].first(variant) if at >= 0 else None
            if number is None:
                found += self._by_causes(speaker, place, variant, base)
                continue
            # The usual case, the short way: one part of one grant is enough by itself.
            alone, held = every[at], own[at]
            grants = (held.grant(number),)
            names = alone.names(variant) if variant.restricted else ()
            match = None if variant.simple else self._match(speaker, place, grants, names, held.role)
            if match is not None:
                score = adjusted(variant.rule, match, base, levels)
            elif variant.asking or levels:
                score = kind.score(variant, names, place.held, levels, partial(speaker.ask, place))
            else:
                score = kind.plain[variant]
            if score is not None:
                found.append(Reason(variant, alone.cause, score, scope, grants, names, match))
        return found

    def _by_causes(self, speaker: Speaker, place: Place, variant: Variant, base: float) -> Iterator[Reason]:
        for cause, match in self.matches(variant, speaker, place):
            score = adjusted(variant.rule, match, base, speaker.levels)
            if score is not None:
                yield Reason(variant, cause, score, place.scope, match.grants, match.names, match)

    def _finding(self, speaker: Speaker, reason: Reason, scopes: tuple[str, ...], grants: tuple[Grant, ...]) -> Finding:
        rule = reason.variant.rule
        source = self._sources.of(grants)
        kind = "cluster" if reason.scope == EVERYWHERE else severity_of(reason.score).title
        return Finding(
            rule=rule.id,
            title=rule.title,
            score=reason.score,
            confidence=rule.confidence,
            remediation=rule.fix,
            identity=(speaker.name, kind, *reason.cause),
            gives=rule.gives + limited(reason.names) if reason.names else rule.gives,
            by=source.by,
            principal=speaker.principal,
            scopes=scopes,
            evidence=grants,
            origin=source.origin,
            objects=source.objects + speaker.accounts,
            patch=rule.patch(reason.match) if rule.patch is not None and reason.match is not None else None,
        )


def _roles(grants: Iterable[Grant]) -> tuple[Role, ...]:
    return tuple([grant.role for grant in grants if isinstance(grant, RbacGrant)])


def _only(roles: tuple[Role, ...], grants: tuple[Grant, ...]) -> Role | None:
    """The one role that all grants are of."""
    return roles[0] if roles and len(roles) == len(grants) and all(role is roles[0] for role in roles) else None


def _only_one(every: Sequence[Alone], bit: int) -> int:
    """Which grant is the only one that is enough by itself, -1 if none or several are."""
    enough = [at for at, alone in enumerate(every) if alone.enough & bit]
    return enough[0] if len(enough) == 1 else -1


def _scope(told: tuple[Place, int]) -> str:
    return told[0].scope
