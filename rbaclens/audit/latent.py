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
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern


def tell_latent(variant: Variant, universe: Universe, context: Context, role: Role) -> Iterator[Finding]:
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
