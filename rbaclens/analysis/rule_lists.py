"""A server's own rule lists (SelfSubjectRulesReview) as a guide to what should be asked.

A list holds all that somebody holds in a namespace, so that a few dozen of them show every rule that one side lacks. They are
advice only (SSRR-07): each difference becomes access reviews, and those are judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random

import msgspec

from rbaclens.analysis.coverage import Coverage, break_down, rule_text
from rbaclens.analysis.edges import EVERYWHERE, Words, inside
from rbaclens.analysis.principals import Principal, principal_of
from rbaclens.analysis.probes import Probe, Who
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import rules_review
from rbaclens.model.decision import Answer
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

DEFAULT_NAMESPACE = "default"
_MOST_ATOMS = 8


class Listing(msgspec.Struct, frozen=True):
    """Whose rules in which namespace to list; ``principal`` is ``None`` for whoever asks."""

    who: Who
    namespace: str
    principal: Principal | None = None


def listings(engine: Engine, most: int, *, seed: int = 0, identity: Who | None = None) -> tuple[Listing, ...]:
    """At most ``most`` lists that together show as much of the policy as they can, the fullest first.

    A principal's cluster-wide rules show in each of their namespaces, so that nobody needs a list for them alone.
    """
    if identity is not None:
        spaces = {space for held in engine.index.holdings(*identity) for space in held.local} or {DEFAULT_NAMESPACE}
        return tuple(Listing(identity, space) for space in sorted(spaces))[:most]
    rules: Counter[tuple[Principal, str]] = Counter()
    for compiled, bindings in engine.index.by_role():
        for binding in bindings:
            for who in {principal_of(subject, binding) for subject in binding.subjects}:
                if who is not None:
                    rules[who, binding.namespace] += len(compiled.rules) + 1
    local = {who for who, namespace in rules if namespace}
    pairs = [(who, namespace or DEFAULT_NAMESPACE) for who, namespace in rules if namespace or who not in local]
    Random(seed).shuffle(pairs)  # noqa: S311 - reproducible, not secret
    pairs.sort(key=lambda pair: -rules[pair])
    return tuple(Listing(who.real(), namespace, who) for who, namespace in pairs[:most])


def differences(
    engine: Engine, listing: Listing, listed: Iterable[PolicyRule], words: Words, random: Random, *, real: bool
) -> Iterator[Probe]:
    """Requests on which the two sides should differ, for each rule that only one side lists; none where it changes nothing.

    ``real`` says that access reviews are asked with the listing's own identity; otherwise the principal is asked about alone,
    which shows what rules of a group they are in would hide.
    """
    theirs = Counter(_normal(rule) for rule in listed)
    ours = Counter(_normal(rule) for rule in _local(engine, listing.who, listing.namespace))
    if theirs == ours:
        return
    identities = [listing.who] if real or listing.principal is None else [listing.principal.alone(), listing.who]
    for rules, wanted in ((theirs - ours, Answer.NO), (ours - theirs, Answer.YES)):
        against = ours if wanted is Answer.NO else theirs
        for rule in rules:
            yield from _first_difference(engine, (rule, Coverage(against)), wanted, listing, identities, (words, random))


def _first_difference(
    engine: Engine,
    rule_and_others: tuple[PolicyRule, Coverage],
    wanted: Answer,
    listing: Listing,
    identities: list[Who],
    material: tuple[Words, Random],
) -> Iterator[Probe]:
    """One request per identity inside the rule that this engine answers as ``wanted``."""
    rule, others = rule_and_others
    label = f"only {'the server' if wanted is Answer.NO else 'this policy'} lists {rule_text(rule)}"
    atoms = list(others.missing([rule])) or break_down([rule])
    scopes = (listing.namespace, EVERYWHERE)
    for who in identities:
        requests = (request for atom in atoms[:_MOST_ATOMS] for request in _requests(atom, scopes, material))
        found = _answered(engine, requests, who, wanted)
        if found is not None:
            yield Probe(found, wanted is Answer.YES, of=label)


def _requests(atom: PolicyRule, scopes: tuple[str, ...], material: tuple[Words, Random]) -> Iterator[Request]:
    for scope in scopes:
        yield from inside(atom, scope, *material)


def _answered(engine: Engine, requests: Iterable[Request], who: Who, wanted: Answer) -> Request | None:
    """The first request that is answered as wanted; of those allowed best one that a single grant allows."""
    spare = None
    for request in requests:
        asked = msgspec.structs.replace(request, user=who[0], groups=who[1])
        if engine.decide(asked).answer is wanted:
            if wanted is Answer.NO or len(engine.all_grants(asked)) == 1:
                return asked
            spare = spare or asked
    return spare


def _local(engine: Engine, who: Who, namespace: str) -> Iterator[PolicyRule]:
    review = rules_review(engine, *who, namespace)
    yield from review.resource_rules
    yield from review.non_resource_rules


def _normal(rule: PolicyRule) -> PolicyRule:
    """The rule with its lists sorted: order and repetition mean nothing."""
    return PolicyRule(*(tuple(sorted(set(getattr(rule, field)))) for field in rule.__struct_fields__))
