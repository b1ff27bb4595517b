"""Roles that nobody is bound to: what they would give."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import Expression, holds
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding, name_of
from rbaclens.audit.grading import score_of
from rbaclens.audit.match import Match
from rbaclens.audit.universe import Universe, Variant
from rbaclens.authorizers.matching import rule_touches
from rbaclens.index.compile import CompiledRole
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern


def latent_roles(context: Context) -> list[CompiledRole]:
    """The roles that nobody is bound to, by scope and name."""
    bound = {role for role, bindings in context.index.by_role() if any(binding.subjects for binding in bindings)}
    sources = {(source.role.kind, "", source.role.name) for role in bound for source in role.role.gathered}
    found = [
        compiled
        for compiled in context.index.roles.values()
        if compiled not in bound and (compiled.role.kind, compiled.role.namespace, compiled.role.name) not in sources
    ]
    return sorted(found, key=lambda one: (one.role.namespace or EVERYWHERE, one.role.kind, one.role.name))


def latent_findings(compiled: CompiledRole, context: Context, universe: Universe) -> Iterator[Finding]:
    """The findings of a role that nobody is bound to, by what it says beyond the API server's own role of its name."""
    role = compiled.role
    mask = _own_mask(compiled, context, universe)
    if not mask:
        return
    fired = universe.fires(mask & universe.within(role.namespace) if role.namespace else mask)
    for variant in universe.of(fired & (universe.local if role.namespace else universe.cluster)):
        if variant.blocked is None or not variant.blocked(mask):
            yield from _tell(variant, universe, context, role)


def _own_mask(compiled: CompiledRole, context: Context, universe: Universe) -> int:
    shipped = context.shipped_role(compiled.role)
    if shipped is None:
        # What an aggregated role gathers is found on the roles that wrote it.
        return 0 if compiled.role.gathered else universe.rules_mask(compiled.rules)
    if shipped is compiled.role or compiled.role.gathered:
        return 0
    same = set(shipped.rules)
    return universe.rules_mask([rule for rule in compiled.role.rules if rule not in same])


def _tell(variant: Variant, universe: Universe, context: Context, role: Role) -> Iterator[Finding]:
    """The finding for a role that is bound to nobody."""
    scope = role.namespace or EVERYWHERE
    mask = universe.rules_mask(role.rules)

    def ask(wanted: Expression | Pattern) -> bool:
        answer = universe.answer(wanted, mask)
        if answer is not None:
            return answer
        return touches(wanted) if isinstance(wanted, Pattern) else holds(wanted, touches)

    def touches(pattern: Pattern) -> bool:
        return any(rule_touches(rule, pattern) for rule in role.rules)

    match = Match(context=context, principal=None, scope=scope, grants=(), role=role, ask=ask)
    score = score_of(variant.rule, match)
    if score is None:
        return
    parts = universe.parts(role, variant.relevant, 0)
    yield Finding(
        rule=variant.rule.id,
        title=variant.rule.title,
        score=score,
        confidence=variant.rule.confidence,
        text=f"Nobody is bound to {name_of(role)} yet; whoever will be gets: {variant.rule.gives}",
        gives=variant.rule.gives,
        remediation=variant.rule.fix,
        identity=("latent", role.kind, role.namespace, role.name),
        scopes=(scope,),
        origin=role.rule_origin(parts[0][1]) if parts else role.origin,
        objects=(role,),
        latent=True,
        patch=variant.rule.patch(match) if variant.rule.patch else None,
    )
