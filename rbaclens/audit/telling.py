"""From triggers that hold to findings: how bad they are, and how it is put."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import msgspec

from rbaclens.analysis.capability import Expression
from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.audit.causes import Cause, Place, causes_of, united
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding, Subject, fingerprint
from rbaclens.audit.grading import raised, score_of
from rbaclens.audit.match import Match
from rbaclens.audit.severity import severity_of
from rbaclens.audit.source import Sources, account_of, limited, where
from rbaclens.audit.universe import Universe, Variant
from rbaclens.model.decision import RbacGrant
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern

Ask = Callable[[Place, Expression | Pattern], bool]
Scores = dict[Variant, float | None]
_ANYBODY = Principal.of_user("anybody")


class Speaker(msgspec.Struct, frozen=True, gc=False):
    """A principal, with what all of its findings say of it.

    ``raised``: what it holds is a level worse than for others; ``accounts`` may waive its findings; ``ask`` says whether it may do
    what an expression or a pattern says, in a place.
    """

    principal: Principal
    name: str
    raised: bool
    accounts: tuple[Subject, ...]
    ask: Ask


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why a finding is told of one place; ``match`` where names or a hook of the rule have a say."""

    variant: Variant
    cause: Cause
    score: float
    scope: str
    grants: tuple[Grant, ...]
    match: Match | None = None


class Teller:
    """Makes findings; what many of them say of the same grant is worked out once."""

    def __init__(self, universe: Universe, context: Context) -> None:
        self._universe = universe
        self._context = context
        self._sources = Sources()
        self._scores: dict[tuple[bool, bool, str], Scores] = {}

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
            return [self._finding(speaker, reason, (reason.scope,), reason.grants) for reason in self._reasons(speaker, place, bits)]
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
            match = Match(
                context=self._context,
                principal=speaker.principal,
                scope=place.scope,
                grants=grants,
                names=self._universe.names(roles, variant),
                role=_only(roles, grants),
                ask=partial(speaker.ask, place),
            )
            yield cause, match

    def _reasons(self, speaker: Speaker, place: Place, bits: int) -> Iterator[Reason]:
        scope = place.scope
        scores = self._scores_in(scope)
        for variant in self._universe.of(bits):
            if variant.plain and not speaker.raised:
                # The usual case, the short way: one grant is enough by itself, and the score depends on the place alone.
                enough = [at for at, alone in enumerate(place.alone) if alone.enough & variant.bit]
                number = place.alone[enough[0]].first(variant) if len(enough) == 1 else None
                if number is not None:
                    score = scores[variant]
                    if score is not None:
                        yield Reason(variant, place.alone[enough[0]].cause, score, scope, (place.own[enough[0]].grant(number),))
                    continue
            for cause, match in self.matches(variant, speaker, place):
                score = score_of(variant.rule, match)
                if score is not None:
                    yield Reason(variant, cause, score, scope, match.grants, match)

    def _scores_in(self, scope: str) -> Scores:
        """What plain variants come to in a scope for anybody."""
        context = self._context
        key = scope == EVERYWHERE, scope in context.privileged, context.pod_security(scope)
        found = self._scores.get(key)
        if found is None:
            match = Match(context=context, principal=_ANYBODY, scope=scope, grants=(), ask=_never)
            found = self._scores[key] = {one: score_of(one.rule, match) for one in self._universe.variants if one.plain}
        return found

    def _finding(self, speaker: Speaker, reason: Reason, scopes: tuple[str, ...], grants: tuple[Grant, ...]) -> Finding:
        rule = reason.variant.rule
        match = reason.match
        source = self._sources.of(grants)
        kind = "cluster" if reason.scope == EVERYWHERE else severity_of(reason.score).title
        gives = rule.gives + limited(match.names) if match is not None and match.names else rule.gives
        return Finding(
            rule=rule.id,
            title=rule.title,
            score=reason.score,
            confidence=rule.confidence,
            message=f"{speaker.name} {where(scopes)}, by {source.by}: {gives}",
            gives=gives,
            remediation=rule.fix,
            fingerprint=fingerprint(rule.id, speaker.name, kind, *map("/".join, reason.cause)),
            principal=speaker.principal,
            scopes=scopes,
            evidence=grants,
            origin=source.origin,
            objects=source.objects + speaker.accounts,
            patch=rule.patch(match) if rule.patch is not None and match is not None else None,
        )


def _roles(grants: Iterable[Grant]) -> tuple[Role, ...]:
    return tuple([grant.role for grant in grants if isinstance(grant, RbacGrant)])


def _only(roles: tuple[Role, ...], grants: tuple[Grant, ...]) -> Role | None:
    """The one role that all grants are of."""
    return roles[0] if roles and len(roles) == len(grants) and all(role is roles[0] for role in roles) else None


def _scope(told: tuple[Place, int]) -> str:
    return told[0].scope


def _never(_: Expression | Pattern) -> bool:
    return False
