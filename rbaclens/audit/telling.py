"""From a trigger that holds to findings: which grants cause it, how bad it is, and how it is put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import msgspec

from rbaclens.analysis.capability import Expression, holds
from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.analysis.holdings import Held
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding, Subject, fingerprint, name_of
from rbaclens.audit.grading import score_of
from rbaclens.audit.match import Match
from rbaclens.audit.rule import CapabilityRule
from rbaclens.audit.severity import severity_of
from rbaclens.audit.universe import Universe, Variant
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.location import Origin
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
_SHIPPED_FILE = "bootstrap"


class Source(msgspec.Struct, frozen=True):
    """What a finding says of the grants that it rests on: their bindings in words, where to look, the objects."""

    by: str
    origin: Origin
    objects: tuple[Subject, ...]


class Teller:
    """Makes findings; what many of them say of the same grant is worked out once."""

    def __init__(self, universe: Universe, context: Context) -> None:
        self._universe = universe
        self._context = context
        self._sources: dict[int, Source] = {}

    def tell(self, variant: Variant, principal: Principal, places: Sequence[Place], ask: Ask) -> list[Finding]:
        """The findings of one principal for one rule: one for each cause and level, with all the scopes of it.

        ``ask`` says whether the principal may do what an expression or a pattern says, in a place.
        """
        found: dict[tuple[Cause, float], list[Match]] = {}
        for place in places:
            for cause, match in self.matches(variant, principal, place, ask):
                score = score_of(variant.rule, match)
                if score is not None:
                    found.setdefault((cause, score), []).append(match)
        return [self._finding(variant.rule, principal, cause, score, matches) for (cause, score), matches in found.items()]

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

    def _finding(self, rule: CapabilityRule, principal: Principal, cause: Cause, score: float, matches: list[Match]) -> Finding:
        matches.sort(key=_scope)
        first = matches[0]
        scopes = tuple([match.scope for match in matches])
        grants = first.grants if len(matches) == 1 else _united(matches)
        source = self._source(grants)
        kind = "cluster" if first.everywhere else severity_of(score).title
        who = str(principal)
        gives = rule.gives + _limited(first.names)
        return Finding(
            rule=rule.id,
            title=rule.title,
            score=score,
            confidence=rule.confidence,
            message=f"{who} {_where(scopes)}, by {source.by}: {gives}",
            gives=gives,
            remediation=rule.fix,
            fingerprint=fingerprint(rule.id, who, kind, *map("/".join, cause)),
            principal=principal,
            scopes=scopes,
            evidence=grants,
            origin=source.origin,
            objects=source.objects + _account(principal, self._context),
            patch=rule.patch(first) if rule.patch else None,
        )

    def _source(self, grants: tuple[Grant, ...]) -> Source:
        if len(grants) > 1:
            return Source(_by(grants), _origin(grants[0]), _objects(grants))
        found = self._sources.get(id(grants[0]))
        if found is None:
            found = self._sources[id(grants[0])] = Source(_by(grants), _origin(grants[0]), _objects(grants))
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


def _scope(match: Match) -> str:
    return match.scope


def _united(matches: list[Match]) -> tuple[Grant, ...]:
    return tuple({_identity(grant): grant for match in matches for grant in match.grants}.values())


def _where(scopes: tuple[str, ...]) -> str:
    if scopes == (EVERYWHERE,):
        return "everywhere"
    if len(scopes) <= 3:
        return f"in namespace{'s' if len(scopes) > 1 else ''} {', '.join(scopes)}"
    return f"in {len(scopes)} namespaces ({', '.join(scopes[:2])}, …)"


def _by(grants: tuple[Grant, ...]) -> str:
    """The bindings and lines, as far as there is room."""
    names = list(dict.fromkeys(_name(grant) for grant in grants))
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _name(grant: Grant) -> str:
    return name_of(grant.binding) if isinstance(grant, RbacGrant) else f"ABAC line {grant.policy.line}"


def _limited(names: tuple[str, ...]) -> str:
    return f" (limited to {', '.join(names[:5])}{', …' if len(names) > 5 else ''})" if names else ""


def _origin(grant: Grant) -> Origin:
    """The binding, or the one of its subjects that is meant; of a binding that every cluster has, the rule, which somebody added."""
    if isinstance(grant, AbacGrant):
        return grant.policy.origin
    if grant.binding.origin.file == _SHIPPED_FILE:
        return grant.role.rule_origin(grant.rule_index)
    subjects = grant.binding.subjects
    if len(subjects) == 1:
        return grant.binding.origin
    return grant.binding.origin.child("subjects", next((at for at, one in enumerate(subjects) if one is grant.subject), 0))


def _objects(grants: tuple[Grant, ...]) -> tuple[Subject, ...]:
    found: dict[int, Subject] = {}
    for grant in grants:
        for one in (grant.binding, grant.role) if isinstance(grant, RbacGrant) else (grant.policy,):
            found.setdefault(id(one), one)
    return tuple(found.values())


def _account(principal: Principal, context: Context) -> tuple[Subject, ...]:
    """The ServiceAccount that holds it, where it is in the input: its annotations may waive the finding too."""
    if principal.kind != "ServiceAccount" or not context.service_accounts:
        return ()
    namespace, _, name = principal.name.partition("/")
    found = context.service_accounts.get((namespace, name))
    return () if found is None else (found,)
