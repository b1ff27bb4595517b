"""The audit itself: rules in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, groupby

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

Job = Callable[[], list[Finding]]
_PARTS, _LATENT_PARTS = 48, 8
"""Everybody, and the roles that nobody is bound to, are looked at in as many parts."""
MANY = 1024
"""A policy with as many bindings is large: a second process is of use, and so is not to keep all in memory that is said of it."""
_PATHS = "RL40"
_NOTHING_ELSE = Surroundings()


class Work(msgspec.Struct, frozen=True):
    """What an audit has to do. ``rules`` are those that are asked.

    What several ``jobs`` find of one rule and score is in order (:func:`~rbaclens.audit.finding.ordered`) if that of each job is;
    all that somebody holds by grants is found by one of them.
    """

    jobs: tuple[Job, ...]
    rules: tuple[Rule, ...]
    context: Context

    @property
    def large(self) -> bool:
        """Whether there is much to do."""
        return len(self.context.policy.bindings) >= MANY

    def gather(self, gatherer: beside.Gatherer[list[Finding]], progress: beside.Progress | None = None) -> None:
        """Do it. ``progress`` is told the parts of the work that are begun, and how many there are."""
        # What custom rules could not decide is remembered where they are asked.
        much = self.large and not any(rule.source for rule in self.rules)
        # Whoever looks at a part of everybody first sums up what everybody holds.
        alike = _PARTS + _LATENT_PARTS
        beside.gather(self.jobs, gatherer, self.context.judged_objects, much=much, alike=alike, progress=progress)


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
) -> Audit:
    """Judge the policy of ``engine`` by ``rules`` (``None``: all of them); see :func:`work`."""
    todo = work(engine, bootstrap, rules, version=version, identities=identities, surroundings=surroundings)
    kept: beside.Kept[list[Finding]] = beside.Kept()
    todo.gather(kept)
    return Audit(tuple(ordered(chain.from_iterable(kept.found))), todo.rules, todo.context)


def work(
    engine: Engine,
    bootstrap: PolicySet,
    rules: Sequence[Rule] | None = None,
    *,
    version: Version = (1, 36),
    identities: Mapping[str, Iterable[str]] | None = None,
    surroundings: Surroundings = _NOTHING_ELSE,
) -> Work:
    """What there is to do to judge the policy of ``engine`` by ``rules`` (``None``: all of them).

    ``bootstrap`` is the API server's own policy, which is nobody's fault; ``version`` the server's; ``identities`` who is in which
    groups; ``surroundings`` what else is known.
    """
    every = load_rules()
    asked = tuple(rule for rule in (every if rules is None else rules) if rule.since <= version <= rule.until)
    ids = {rule.id for rule in asked}
    capability = [rule for rule in every if isinstance(rule, CapabilityRule) and rule.since <= version <= rule.until]
    capability += [rule for rule in asked if isinstance(rule, CapabilityRule) and rule not in capability]
    context = Context(engine, bootstrap, version, surroundings)
    held = Capabilities(context, [rule for rule in capability if rule.id in ids or rule.admin], ids, identities or {})
    jobs: list[Job] = [partial(held.findings, part, _PARTS) for part in range(_PARTS)]
    jobs += [partial(held.latent, part, _LATENT_PARTS) for part in range(_LATENT_PARTS)]
    jobs += [partial(_flawed_by, tuple(same), context) for _, same in groupby(_checks(asked), key=_work)]
    return Work(tuple(jobs), asked, context)


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
