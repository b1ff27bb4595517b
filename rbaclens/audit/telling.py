"""From a trigger that holds to findings: which grants cause it, how bad it is, and how it is put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from rbaclens.analysis.capability import Expression, holds
from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.analysis.holdings import Held
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding, fingerprint, name_of
from rbaclens.audit.grading import raised, score_of
from rbaclens.audit.match import Match
from rbaclens.audit.patch import Patch
from rbaclens.audit.rule import CapabilityRule
from rbaclens.audit.severity import severity_of
from rbaclens.audit.source import Source, account_of, limited, source_of, where
from rbaclens.audit.universe import Universe, Variant
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern


class Place(msgspec.Struct, frozen=True):
    """One scope of a principal: its own grants that count there, those of its groups, and all their atoms (``held``).

    ``within`` are the atoms that a grant of the namespace can give (-1: all); ``enough`` says for each of its own grants for which
    variants it is enough by itself, a bit each.
    """

    scope: str
    within: int
    held: int
    own: list[Held]
    enough: list[int]
    shared: list[Held]


Ask = Callable[[Place, Expression | Pattern], bool]
Cause = tuple[tuple[str, ...], ...]
_ANYBODY = Principal.of_user("anybody")


class Teller:
    """Makes findings; what many of them say of the same grant is worked out once."""

    def __init__(self, universe: Universe, context: Context) -> None:
        self._universe = universe
        self._context = context
        self._sources: dict[int, Source] = {}
        self._scores: dict[tuple[int, bool, bool, bool | str], float | None] = {}

    def tell(self, variant: Variant, principal: Principal, places: Sequence[Place], ask: Ask) -> list[Finding]:
        """The findings of one principal for one rule: one for each cause and level, with all the scopes of it.

        ``ask`` says whether the principal may do what an expression or a pattern says, in a place.
        """
        if variant.plain and len(places) == 1:
            one = self._plainly(variant, principal, places[0])
            if one is not None:
                return [one]
        found: dict[tuple[Cause, float], list[Match]] = {}
        for place in places:
            for cause, match in self.matches(variant, principal, place, ask):
                score = score_of(variant.rule, match)
                if score is not None:
                    found.setdefault((cause, score), []).append(match)
        return [self._grouped(variant.rule, principal, cause, score, matches) for (cause, score), matches in found.items()]

    def matches(self, variant: Variant, principal: Principal, place: Place, ask: Ask) -> Iterator[tuple[Cause, Match]]:
        """What makes a trigger true for one principal in one place, cause by cause."""
        for cause, grants in _causes(variant, self._universe, place):
            match = Match(
                context=self._context,
                principal=principal,
                scope=place.scope,
                grants=grants,
                names=_names(grants, self._universe, variant) if variant.restricted else (),
                role=_single_role(grants),
                ask=partial(ask, place),
            )
            yield cause, match

    def _plainly(self, variant: Variant, principal: Principal, place: Place) -> Finding | None:
        """The usual case, the short way: one grant is enough by itself, and the score depends on the place alone."""
        enough = [one for one, bits in zip(place.own, place.enough, strict=True) if bits & variant.bit]
        if len(enough) != 1 or raised(principal, self._context):
            return None
        held = enough[0]
        number = self._universe.first_enough(variant, held, _reach(held, place.within))
        score = self._score_in(variant, place.scope)
        if number is None or score is None:
            return None
        return self._finding(variant.rule, principal, (held.cause,), score, (place.scope,), (held.grant(number),))

    def _score_in(self, variant: Variant, scope: str) -> float | None:
        """What a variant comes to in a scope for anybody, where neither names nor a hook of the rule have a say."""
        context = self._context
        key = variant.bit, scope == EVERYWHERE, scope in context.privileged, variant.rule.pods and context.pod_security(scope)
        if key not in self._scores:
            match = Match(context=context, principal=_ANYBODY, scope=scope, grants=(), ask=_never)
            self._scores[key] = score_of(variant.rule, match)
        return self._scores[key]

    def _grouped(self, rule: CapabilityRule, principal: Principal, cause: Cause, score: float, matches: list[Match]) -> Finding:
        matches.sort(key=_scope)
        first = matches[0]
        scopes = tuple([match.scope for match in matches])
        grants = first.grants if len(matches) == 1 else _united(matches)
        patch = rule.patch(first) if rule.patch else None
        return self._finding(rule, principal, cause, score, scopes, grants, first.names, patch)

    def _finding(
        self,
        rule: CapabilityRule,
        principal: Principal,
        cause: Cause,
        score: float,
        scopes: tuple[str, ...],
        grants: tuple[Grant, ...],
        names: tuple[str, ...] = (),
        patch: Patch | None = None,
    ) -> Finding:
        source = self._source(grants)
        kind = "cluster" if scopes[0] == EVERYWHERE else severity_of(score).title
        who = str(principal)
        gives = rule.gives + limited(names) if names else rule.gives
        return Finding(
            rule=rule.id,
            title=rule.title,
            score=score,
            confidence=rule.confidence,
            message=f"{who} {where(scopes)}, by {source.by}: {gives}",
            gives=gives,
            remediation=rule.fix,
            fingerprint=fingerprint(rule.id, who, kind, *map("/".join, cause)),
            principal=principal,
            scopes=scopes,
            evidence=grants,
            origin=source.origin,
            objects=source.objects + account_of(principal, self._context),
            patch=patch,
        )

    def _source(self, grants: tuple[Grant, ...]) -> Source:
        if len(grants) > 1:
            return source_of(grants)
        found = self._sources.get(id(grants[0]))
        if found is None:
            found = self._sources[id(grants[0])] = source_of(grants)
        return found


def tell_latent(variant: Variant, universe: Universe, context: Context, role: Role) -> Iterator[Finding]:
    """The finding for a role that is bound to nobody."""
    scope = role.namespace or EVERYWHERE

    def touches(pattern: Pattern) -> bool:
        return any(rule_touches(rule, pattern) for rule in role.rules)

    def ask(wanted: Expression | Pattern) -> bool:
        return touches(wanted) if isinstance(wanted, Pattern) else holds(wanted, touches)

    match = Match(context=context, principal=None, scope=scope, grants=(), role=role, ask=ask)
    score = score_of(variant.rule, match)
    if score is None:
        return
    numbers = [number for number, rule in enumerate(role.rules) if universe.rule_mask(rule) & variant.relevant]
    yield Finding(
        rule=variant.rule.id,
        title=variant.rule.title,
        score=score,
        confidence=variant.rule.confidence,
        message=f"Nobody is bound to {name_of(role)} yet; whoever will be gets: {variant.rule.gives}",
        gives=variant.rule.gives,
        remediation=variant.rule.fix,
        fingerprint=fingerprint(variant.rule.id, "latent", role.kind, role.namespace, role.name),
        scopes=(scope,),
        origin=role.rule_origin(numbers[0]) if numbers else role.origin,
        objects=(role,),
        latent=True,
        patch=variant.rule.patch(match) if variant.rule.patch else None,
    )


def _causes(variant: Variant, universe: Universe, place: Place) -> list[tuple[Cause, tuple[Grant, ...]]]:
    within = place.within
    enough = [one for one, bits in zip(place.own, place.enough, strict=True) if bits & variant.bit]
    if len(enough) == 1:
        return [((enough[0].cause,), _needed_of(variant, universe, enough[0], within))]
    if enough:
        by_cause: dict[tuple[str, ...], tuple[Grant, ...]] = {}
        for one in sorted(enough, key=_order):
            by_cause[one.cause] = by_cause.get(one.cause, ()) + _needed_of(variant, universe, one, within)
        return [((cause,), same) for cause, same in by_cause.items()]
    # Which grants are named must not depend on the order of the input.
    grants = _needed(variant, universe, sorted(place.own, key=_order) + sorted(place.shared, key=_order), within)
    return [(tuple(sorted({_cause(grant) for grant in grants})), tuple(grants))]


def _order(held: Held) -> tuple[str, ...]:
    binding = held.bound.binding if held.bound is not None else None
    return (binding.namespace, binding.name, *held.cause) if binding is not None else ("", "", *held.cause)


def _identity(grant: Grant) -> tuple[int, ...]:
    if isinstance(grant, AbacGrant):
        return (id(grant.policy),)
    return id(grant.binding), id(grant.subject), grant.rule_index


def _needed_of(variant: Variant, universe: Universe, held: Held, within: int) -> tuple[Grant, ...]:
    """The first part of a grant that is enough by itself, or as many as it takes."""
    number = universe.first_enough(variant, held, _reach(held, within))
    return (held.grant(number),) if number is not None else tuple(_needed(variant, universe, [held], within))


def _needed(variant: Variant, universe: Universe, held: list[Held], within: int) -> list[Grant]:
    """Grants that together are enough, and none of which could be left out; the first ones are kept."""
    parts = [(mask, one, number) for one in held for mask, number in one.parts(universe, variant.relevant & _reach(one, within))]
    kept = parts
    for part in reversed(parts):
        rest = [one for one in kept if one is not part]
        together = 0
        for mask, _, _ in rest:
            together |= mask
        if variant.test(together):
            kept = rest
    return [one.grant(number) for _, one, number in kept]


def _reach(held: Held, within: int) -> int:
    """A cluster-wide grant gives all that it has in a namespace too; one of the namespace only what counts there."""
    if held.bound is not None:
        return within if held.bound.binding.namespace else -1
    return within if held.line is not None and held.line.namespace not in ("", EVERYWHERE) else -1


def _cause(grant: Grant) -> tuple[str, ...]:
    if isinstance(grant, AbacGrant):
        return "ABAC", "", grant.policy.written
    return grant.role.kind, grant.role.namespace, grant.role.name


def _single_role(grants: tuple[Grant, ...]) -> Role | None:
    if len(grants) == 1:
        return grants[0].role if isinstance(grants[0], RbacGrant) else None
    roles = [grant.role if isinstance(grant, RbacGrant) else None for grant in grants]
    return roles[0] if roles and all(role is roles[0] for role in roles) else None


def _names(grants: tuple[Grant, ...], universe: Universe, variant: Variant) -> tuple[str, ...]:
    """The object names that the grants are limited to."""
    found: dict[str, None] = {}
    for grant in grants:
        if isinstance(grant, RbacGrant):
            for rule in grant.role.rules:
                if universe.rule_mask(rule) & variant.relevant:
                    found.update(dict.fromkeys(rule.resource_names))
    return tuple(found)


def _never(_: Expression | Pattern) -> bool:
    return False


def _scope(match: Match) -> str:
    return match.scope


def _united(matches: list[Match]) -> tuple[Grant, ...]:
    return tuple({_identity(grant): grant for match in matches for grant in match.grants}.values())
