"""From a trigger that holds to findings: which grants cause it, how bad it is, and how it is put."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.analysis.holdings import Held
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding, Subject, fingerprint, name_of
from rbaclens.audit.grading import score_of
from rbaclens.audit.match import Match
from rbaclens.audit.severity import severity_of
from rbaclens.audit.universe import Universe, Variant
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.location import Origin
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern

Case = tuple[str, list[Held], list[Held]]
"""A scope, the principal's own grants that count there, and those of its groups."""
Ask = Callable[[str, Pattern], bool]
Cause = tuple[tuple[str, ...], ...]
_SHIPPED_FILE = "bootstrap"


def tell(
    variant: Variant, universe: Universe, context: Context, principal: Principal, cases: Sequence[Case], ask: Ask
) -> Iterator[Finding]:
    """The findings of one principal for one rule: one for each cause and level, with all the scopes of it.

    ``ask`` says whether the principal may do what a pattern says, in a scope.
    """
    found: dict[tuple[Cause, float], list[Match]] = {}
    for cause, match in matches_of(variant, universe, context, principal, cases, ask):
        score = score_of(variant.rule, match)
        if score is not None:
            found.setdefault((cause, score), []).append(match)
    for (cause, score), matches in found.items():
        yield _finding(variant, principal, cause, score, matches)


def matches_of(
    variant: Variant, universe: Universe, context: Context, principal: Principal, cases: Sequence[Case], ask: Ask
) -> Iterator[tuple[Cause, Match]]:
    """What makes a trigger true for one principal, cause by cause."""
    for scope, own, shared in cases:
        within = -1 if scope == EVERYWHERE else universe.within(scope)
        for cause, grants in _causes(variant, universe, scope, own, shared, within):
            yield (
                cause,
                Match(
                    context=context,
                    principal=principal,
                    scope=scope,
                    grants=grants,
                    names=_names(grants, universe, variant) if variant.restricted else (),
                    role=_single_role(grants),
                    ask=partial(ask, scope),
                ),
            )


def tell_latent(variant: Variant, universe: Universe, context: Context, role: Role) -> Iterator[Finding]:
    """The finding for a role that is bound to nobody."""
    scope = role.namespace or EVERYWHERE

    def ask(pattern: Pattern) -> bool:
        return any(rule_touches(rule, pattern) for rule in role.rules)

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


def _causes(
    variant: Variant, universe: Universe, scope: str, own: list[Held], shared: list[Held], within: int
) -> Iterator[tuple[Cause, tuple[Grant, ...]]]:
    enough = [one for one in own if _suffices(variant, one, within)]
    if len(enough) == 1:
        yield (enough[0].cause,), _needed_of(variant, universe, enough[0], within)
        return
    if enough:
        by_cause: dict[tuple[str, ...], tuple[Grant, ...]] = {}
        for one in sorted(enough, key=_order):
            by_cause[one.cause] = by_cause.get(one.cause, ()) + _needed_of(variant, universe, one, within)
        for cause, same in by_cause.items():
            yield (cause,), same
        return
    # Which grants are named must not depend on the order of the input.
    grants = _needed(variant, universe, sorted(own, key=_order) + sorted(shared, key=_order), within)
    yield tuple(sorted({_cause(grant) for grant in grants})), tuple(grants)


def _order(held: Held) -> tuple[str, ...]:
    binding = held.bound.binding if held.bound is not None else None
    return (binding.namespace, binding.name, *held.cause) if binding is not None else ("", "", *held.cause)


def _identity(grant: Grant) -> tuple[int, ...]:
    if isinstance(grant, AbacGrant):
        return (id(grant.policy),)
    return id(grant.binding), id(grant.subject), grant.rule_index


def _suffices(variant: Variant, held: Held, within: int) -> bool:
    return variant.test(held.mask & within) and not variant.test(held.base & within)


def _needed_of(variant: Variant, universe: Universe, held: Held, within: int) -> tuple[Grant, ...]:
    """The first part of a grant that is enough by itself, or as many as it takes."""
    for mask, number in held.parts(universe, variant.relevant & _reach(held, within)):
        if variant.test(mask):
            return (held.grant(number),)
    return tuple(_needed(variant, universe, [held], within))


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


def _finding(variant: Variant, principal: Principal, cause: Cause, score: float, matches: list[Match]) -> Finding:
    matches.sort(key=lambda match: match.scope)
    rule, first = variant.rule, matches[0]
    scopes = tuple(match.scope for match in matches)
    grants = tuple({_identity(grant): grant for match in matches for grant in match.grants}.values()) if len(matches) > 1 else first.grants
    kind = "cluster" if first.everywhere else severity_of(score).title
    return Finding(
        rule=rule.id,
        title=rule.title,
        score=score,
        confidence=rule.confidence,
        message=f"{principal} {_where(scopes)}{_by(grants)}: {rule.gives}" + _limited(first.names),
        gives=rule.gives + _limited(first.names),
        remediation=rule.fix,
        fingerprint=fingerprint(rule.id, str(principal), kind, *("/".join(part) for part in cause)),
        principal=principal,
        scopes=scopes,
        evidence=grants,
        origin=_origin(first.grants[0]),
        objects=(*_objects(grants), *_account(principal, first.context)),
        patch=rule.patch(first) if rule.patch else None,
    )


def _where(scopes: tuple[str, ...]) -> str:
    if scopes == (EVERYWHERE,):
        return "everywhere"
    if len(scopes) <= 3:
        return f"in namespace{'s' if len(scopes) > 1 else ''} {', '.join(scopes)}"
    return f"in {len(scopes)} namespaces ({', '.join(scopes[:2])}, …)"


def _by(grants: tuple[Grant, ...]) -> str:
    names = list(dict.fromkeys(_name(grant) for grant in grants))
    shown = ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
    return f", by {shown}"


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


def _account(principal: Principal, context: Context) -> Iterator[Subject]:
    """The ServiceAccount that holds it, where it is in the input: its annotations may waive the finding too."""
    if principal.kind == "ServiceAccount":
        namespace, _, name = principal.name.partition("/")
        found = context.service_accounts.get((namespace, name))
        if found is not None:
            yield found
