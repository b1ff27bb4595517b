"""The audit itself: rules in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby

import msgspec

from rbaclens import beside
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.audit.capabilities import Capabilities
from rbaclens.audit.context import Context, Version
from rbaclens.audit.finding import Finding, Flaw, ordered
from rbaclens.audit.registry import load_rules
from rbaclens.audit.rule import CapabilityRule, CheckRule, LineRule, Rule
from rbaclens.audit.surroundings import Surroundings
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role
from rbaclens.model.policy import PolicySet

Progress = Callable[[int, int], None]
Job = Callable[[], list[Finding]]
_PARTS = 32
"""Everybody is looked at in as many parts."""
MANY = 1024
"""With fewer bindings a second process is no help."""
_PATHS = "RL40"
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
    groups; ``surroundings`` what else is known. ``progress`` is told the parts of the work that are done, and how many there are.
    """
    every = load_rules()
    asked = tuple(rule for rule in (every if rules is None else rules) if rule.since <= version <= rule.until)
    ids = {rule.id for rule in asked}
    capability = [rule for rule in every if isinstance(rule, CapabilityRule) and rule.since <= version <= rule.until]
    capability += [rule for rule in asked if isinstance(rule, CapabilityRule) and rule not in capability]
    context = Context(engine, bootstrap, version, surroundings)
    held = Capabilities(context, [rule for rule in capability if rule.id in ids or rule.admin], ids, identities or {})
    jobs: list[Job] = [partial(held.findings, part, _PARTS) for part in range(_PARTS)]
    jobs.append(held.latent)
    jobs += [partial(_flawed_by, tuple(same), context) for _, same in groupby(_checks(asked), key=_work)]
    # What custom rules could not decide is remembered where they are asked.
    much = len(engine.policy.bindings) >= MANY and not any(rule.source for rule in asked)
    found: list[Finding] = []
    for done, some in enumerate(beside.results(jobs, context.judged_objects, much=much)):
        if progress:
            progress(done, len(jobs))
        found += some
    if progress:
        progress(len(jobs), len(jobs))
    return Audit(tuple(ordered(found)), asked, context)


def _checks(rules: Iterable[Rule]) -> list[CheckRule | LineRule]:
    """The rules that look at objects; those about attack paths, which take longest, are the last."""
    return sorted((rule for rule in rules if isinstance(rule, (CheckRule, LineRule))), key=_work)


def _work(rule: Rule) -> str:
    """What rules of one job have in common: those about attack paths share a graph."""
    return _PATHS if rule.id.startswith(_PATHS) else rule.id


def _flawed_by(rules: Iterable[CheckRule | LineRule], context: Context) -> list[Finding]:
    return [finding for rule in rules for finding in _flaws(rule, context)]


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
