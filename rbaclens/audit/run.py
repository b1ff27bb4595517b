"""The audit itself: rules in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Everybody
from rbaclens.audit.context import Context, Version
from rbaclens.audit.finding import Finding, Flaw, ordered
from rbaclens.audit.latent import tell_latent
from rbaclens.audit.parts import Parts
from rbaclens.audit.registry import load_rules
from rbaclens.audit.rule import CapabilityRule, CheckRule, LineRule, Rule
from rbaclens.audit.search import Search
from rbaclens.audit.surroundings import Surroundings
from rbaclens.audit.universe import Universe
from rbaclens.index.compile import CompiledRole
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role
from rbaclens.model.policy import PolicySet

Progress = Callable[[int, int], None]
_STEP = 256
_NOTHING_ELSE = Surroundings()


class Audit(msgspec.Struct, frozen=True):
    """What an audit found, the worst first; ``rules`` are those that were asked."""

    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    context: Context


def audit(
    engine: Engine,
    bootstrap: PolicySet,
    rules: Sequence[Rule] | None = None,
    *,
    version: Version = (1, 36),
    identities: Mapping[str, Iterable[str]] | None = None,
    surroundings: Surroundings = _NOTHING_ELSE,
    progress: Progress | None = None,
) -> Audit:
    """Judge the policy of ``engine`` by ``rules`` (``None``: all of them).

    ``bootstrap`` is the API server's own policy, which is nobody's fault; ``version`` the server's; ``identities`` who is in which
    groups; ``surroundings`` what else is known. ``progress`` is told the principals done and the principals in all.
    """
    every = load_rules()
    asked = tuple(rule for rule in (every if rules is None else rules) if rule.since <= version <= rule.until)
    ids = {rule.id for rule in asked}
    capability = [rule for rule in every if isinstance(rule, CapabilityRule) and rule.since <= version <= rule.until]
    capability += [rule for rule in asked if isinstance(rule, CapabilityRule) and rule not in capability]
    context = Context(engine, bootstrap, version, surroundings)
    universe = Universe((rule for rule in capability if rule.id in ids or rule.admin), ids)
    everybody = Everybody(engine, context.shipped, universe, identities or {})
    search = Search(context, universe, everybody)
    context.privileged = search.privileged()
    parts = Parts(rule for rule in capability if rule.whole)
    found = list(_held(search, parts, progress))
    found += parts.named(list(_latent(context, universe, everybody)))
    for rule in asked:
        if isinstance(rule, (CheckRule, LineRule)):
            found += _flaws(rule, context)
    return Audit(tuple(ordered(found)), asked, context)


def _held(search: Search, parts: Parts, progress: Progress | None) -> Iterator[Finding]:
    holders = search.holders
    for done, holder in enumerate(holders):
        if progress and done % _STEP == 0:
            progress(done, len(holders))
        yield from parts.named(search.findings(holder))
    if progress:
        progress(len(holders), len(holders))


def _latent(context: Context, universe: Universe, everybody: Everybody) -> Iterator[Finding]:
    """The findings of roles that nobody is bound to, by what they say beyond the API server's own role of their name."""
    bound = {role for role, bindings in context.index.by_role() if any(binding.subjects for binding in bindings)}
    sources = {(source.role.kind, "", source.role.name) for role in bound for source in role.role.gathered}
    for compiled in context.index.roles.values():
        role = compiled.role
        if compiled in bound or (role.kind, role.namespace, role.name) in sources:
            continue
        mask = _own_mask(compiled, context, universe, everybody)
        if not mask:
            continue
        fired = universe.fires(mask & universe.within(role.namespace) if role.namespace else mask)
        for variant in universe.of(fired & (universe.local if role.namespace else universe.cluster)):
            if variant.blocked is None or not variant.blocked(mask):
                yield from tell_latent(variant, universe, context, role)


def _own_mask(compiled: CompiledRole, context: Context, universe: Universe, everybody: Everybody) -> int:
    shipped = context.shipped_role(compiled.role)
    if shipped is None:
        # What an aggregated role gathers is found on the roles that wrote it.
        return 0 if compiled.role.gathered else everybody.role_mask(compiled)
    if shipped is compiled.role or compiled.role.gathered:
        return 0
    same = set(shipped.rules)
    return universe.rules_mask([rule for rule in compiled.role.rules if rule not in same])


def _flaws(rule: CheckRule | LineRule, context: Context) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for flaw in _checked(rule, context):
        one = _flawed(rule, flaw, context)
        if one.identity not in seen:
            seen.add(one.identity)
            yield one


def _checked(rule: CheckRule | LineRule, context: Context) -> Iterator[Flaw]:
    if isinstance(rule, CheckRule):
        yield from rule.check(context)
    else:
        for line in context.policy.abac or ():
            yield from rule.check(line, context)


def _flawed(rule: CheckRule | LineRule, flaw: Flaw, context: Context) -> Finding:
    on = flaw.on
    if on is not None:
        origin: Origin | None = on.origin.child(*flaw.steps)
    else:
        origin = flaw.related[0].origin if flaw.related else context.first_file
    if isinstance(on, AbacPolicy):
        identity: tuple[str, ...] = ("ABAC", on.written)
        origin = on.origin
    else:
        identity = (on.kind, on.namespace, on.name) if on is not None else ()
    scopes: tuple[str, ...] = ()
    if isinstance(on, (Role, Binding, AbacPolicy)):
        scopes = (on.namespace or EVERYWHERE,)
    elif on is not None and on.namespace:
        scopes = (on.namespace,)
    return Finding(
        rule=rule.id,
        title=rule.title,
        score=rule.top_score if flaw.score is None else flaw.score,
        confidence=rule.confidence,
        text=flaw.message,
        remediation=rule.fix,
        identity=(str(flaw.principal or ""), *identity, *flaw.key),
        principal=flaw.principal,
        scopes=scopes,
        evidence=flaw.evidence,
        origin=origin,
        related=flaw.related,
        objects=(on,) if on is not None else (),
        patch=flaw.patch,
    )
