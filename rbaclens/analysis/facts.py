"""Permission facts, proven or refuted over all requests.

What a fact demands is checked on requests with fresh values in every open place: only a rule that allows every value allows
those. What a fact forbids is looked for in every grant that touches it. Either way a failure is a request that the engine
was asked: a counterexample is never guessed.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Collection, Iterator
from functools import cached_property

import msgspec

from rbaclens.analysis.fact_nodes import node_requests
from rbaclens.analysis.fact_requests import abac_rule, deciding, is_single, pattern_of, reached, region_of
from rbaclens.analysis.fact_world import Region, Who, World, without_components
from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.index.engine import Engine
from rbaclens.index.who_can import Holder, who_can
from rbaclens.model.authorizer_config import AuthorizerConfig
from rbaclens.model.decision import AbacGrant, Answer, Decision, RbacGrant
from rbaclens.model.identity import ANONYMOUS, MASTERS, NODE_PREFIX, service_account_user
from rbaclens.model.pattern import Pattern
from rbaclens.model.permission_facts import Clause, PermissionFact, Places
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request


class Outcome(enum.Enum):
    """What became of a fact: unknown is never a pass."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class FactResult(msgspec.Struct, frozen=True):
    """A fact and what became of it.

    ``decision`` is the counterexample: the engine's answer, with its evidence, to a request that the fact says is answered
    otherwise. Of an unknown fact it is a request that could be one, if a single request is to blame; ``doubts`` say why.
    """

    fact: PermissionFact
    outcome: Outcome
    decision: Decision | None = None
    doubts: tuple[str, ...] = ()


class Prover:
    """Proves facts on one engine's policy.

    ``settled_webhooks`` are those whose answer is the same for every request (assumed ones); any other makes it unknown
    what it might say. ``world`` must have been made for this policy, or for one that names everything which this one names.
    """

    def __init__(self, engine: Engine, world: World, settled_webhooks: Collection[str] = ()) -> None:
        self.engine = engine
        self.world = world
        names = [authorizer.name for authorizer in engine.authorizers]
        open_ones = [entry.name for entry in engine.config.authorizers if entry.type == "Webhook" and entry.name not in settled_webhooks]
        self._open_webhooks = tuple(open_ones)
        self._sure = frozenset(names[: names.index(open_ones[0])]) if open_ones else None

    def prove(self, fact: PermissionFact) -> FactResult:
        """What became of ``fact``, over all requests and all identities that it speaks of."""
        region = self.world.region(fact.places)
        result = self._prove(fact, region)
        if fact.places.labels is None or result.outcome is not Outcome.HOLDS:
            return self._not_empty(result, region)
        # Namespaces of which no labels are known might be meant as well.
        others = self.world.unlabelled(fact.places)
        doubtful = self._prove(fact, others) if others.decisive else result
        if doubtful.outcome is Outcome.HOLDS:
            return self._not_empty(result, region)
        where = doubtful.decision.request.namespace if doubtful.decision is not None else others.sample
        doubt = f"the policy has no Namespace {where}: whether it is labelled {fact.places.label_text} is not known"
        return FactResult(fact, Outcome.UNKNOWN, doubtful.decision, (doubt, *doubtful.doubts))

    def demanded(self, fact: PermissionFact) -> Iterator[Request]:
        """The requests that decide about a fact which demands something: it holds if and only if all are allowed."""
        regions = [self.world.region(fact.places)]
        if fact.places.labels is not None:
            regions.append(self.world.unlabelled(fact.places))
        for who, clause, region in itertools.product(self._parties(fact), fact.clauses, regions):
            for request in deciding(clause, region, self.world):
                yield _asked_by(request, who)

    def patterns(self, fact: PermissionFact) -> tuple[Pattern, ...]:
        """Patterns of which one touches every grant that matters to the fact."""
        return tuple(pattern_of(clause, self.world.region(Places())) for clause in fact.clauses)

    def _prove(self, fact: PermissionFact, region: Region) -> FactResult:
        return self._demand(fact, region) if fact.demands else self._forbid(fact, region)

    def _not_empty(self, result: FactResult, region: Region) -> FactResult:
        """A fact about no namespace at all would hold whatever the policy says: that is no proof of anything."""
        fact = result.fact
        if result.outcome is not Outcome.HOLDS or all(region_of(clause, region).decisive for clause in fact.clauses):
            return result
        places = fact.places
        which = f"is labelled {places.label_text}" if places.labels is not None else "is left"
        return FactResult(fact, Outcome.UNKNOWN, None, (f"no namespace {which}: the fact says nothing",))

    # what is demanded

    def _demand(self, fact: PermissionFact, region: Region) -> FactResult:
        doubtful: Decision | None = None
        sure = True
        people = self._parties(fact)
        for user, groups in people:
            for clause in fact.clauses:
                for request in deciding(clause, region, self.world):
                    decision = self.engine.decide(_asked_by(request, (user, groups)))
                    if decision.answer is Answer.NO:
                        return FactResult(fact, Outcome.FAILS, decision)
                    if decision.answer is Answer.UNKNOWN:
                        doubtful = doubtful or decision
                    elif self._sure is not None and decision.opinion.authorizer not in self._sure:
                        sure = sure and is_single(clause, region)
        if doubtful is not None:
            return FactResult(fact, Outcome.UNKNOWN, doubtful, doubtful.doubts)
        if not people:
            return FactResult(fact, Outcome.UNKNOWN, None, ("nobody is left whom the fact speaks of",))
        return FactResult(fact, Outcome.HOLDS) if sure else FactResult(fact, Outcome.UNKNOWN, None, self._webhook_doubts())

    def _parties(self, fact: PermissionFact) -> list[Who]:
        """Those who stand for everybody whom the fact names."""
        found: list[Who] = []
        for party in fact.parties:
            if party.user:
                found.append(self.world.closure(party.user))
            else:
                found += [who for who in self.world.members(party.group) if not _is_exempt(who, fact)]
        return list(dict.fromkeys(found))

    # what is forbidden

    def _forbid(self, fact: PermissionFact, region: Region) -> FactResult:
        engine = self.engine if fact.kind == "deny" or fact.count_components else self._counted
        doubtful: Decision | None = None
        for clause in fact.clauses:
            for request in self._suspects(fact, clause, region):
                decision = engine.decide(request)
                if decision.answer is Answer.YES:
                    return FactResult(fact, Outcome.FAILS, decision)
                if decision.answer is Answer.UNKNOWN and doubtful is None:
                    doubtful = decision
        if doubtful is not None:
            return FactResult(fact, Outcome.UNKNOWN, doubtful, doubtful.doubts)
        doubts = self.engine.policy.gaps
        single = fact.kind == "deny" and all(party.user for party in fact.parties)
        if not (single and all(is_single(clause, region) for clause in fact.clauses)):
            doubts += self._webhook_doubts()
        return FactResult(fact, Outcome.UNKNOWN, None, doubts) if doubts else FactResult(fact, Outcome.HOLDS)

    def _suspects(self, fact: PermissionFact, clause: Clause, region: Region) -> Iterator[Request]:
        """Requests of the clause that some grant might allow to somebody who must not have them."""
        where = region_of(clause, region)
        if not where.decisive:
            return
        people = self._parties(fact) if fact.kind == "deny" else None
        # AlwaysAllow, an assumed webhook, a privileged group: what allows without naming anything.
        anybody = (self.world.closure(self.world.fresh.user), self.world.closure(ANONYMOUS))
        for who in people if people is not None else anybody:
            if people is not None or not _is_exempt(who, fact):
                for request in deciding(clause, region, self.world):
                    yield _asked_by(request, who)
        counted = people is not None or fact.count_components
        for holder in who_can(self._plain if counted else self._counted, pattern_of(clause, where)).holders:
            if holder.kind == "Group" and holder.name == MASTERS:
                continue
            concerned = [who for who in people if _is_held_by(who, holder)] if people is not None else self._others(holder, fact)
            if concerned:
                for request in self._requests(holder, clause, region):
                    for who in concerned:
                        yield _asked_by(request, who)
        if counted:
            yield from self._node_suspects(fact, clause, region, people)

    def _others(self, holder: Holder, fact: PermissionFact) -> list[Who]:
        """Those who stand for ``holder`` and are not among those who may."""
        found = self.world.of_holder(holder)
        return [who for who in found if not _is_exempt(who, fact) and MASTERS not in who[1]]

    def _requests(self, holder: Holder, clause: Clause, region: Region) -> Iterator[Request]:
        evidence = holder.evidence
        if isinstance(evidence, RbacGrant):
            for index in holder.rules:
                yield from reached(clause, region, evidence.role.rules[index], holder.scope, self.world)
        elif isinstance(evidence, AbacGrant):
            rule = abac_rule(evidence.policy, clause, self.world.fresh)
            scope = evidence.policy.namespace
            yield from reached(clause, region, rule, scope, self.world)

    def _node_suspects(self, fact: PermissionFact, clause: Clause, region: Region, people: list[Who] | None) -> Iterator[Request]:
        for authorizer in self.engine.authorizers:
            if isinstance(authorizer, NodeAuthorizer):
                wanted = None if people is None else [user for user, _ in people if user.startswith(NODE_PREFIX)]
                for request in node_requests(authorizer, clause, region, self.world, wanted):
                    who = self.world.closure(request.user)
                    if people is not None:
                        yield from (_asked_by(request, one) for one in people if one[0] == request.user)
                    elif not _is_exempt(who, fact):
                        yield _asked_by(request, who)

    # engines

    @cached_property
    def _plain(self) -> Engine:
        """Without the node authorizer, whose grants are looked for in another way."""
        return _derived(self.engine, self.engine.policy)

    @cached_property
    def _counted(self) -> Engine:
        """Without the cluster's own components: neither nodes nor what default bindings give them."""
        return _derived(self.engine, without_components(self.engine.policy, self.world.is_default))

    def _webhook_doubts(self) -> tuple[str, ...]:
        return tuple(f"webhook {name} may answer otherwise: it is not asked about every request" for name in self._open_webhooks)


def _derived(engine: Engine, policy: PolicySet) -> Engine:
    """``engine`` over another policy and without the node authorizer; webhooks stay the very same."""
    entries = tuple(entry for entry in engine.config.authorizers if entry.type != "Node")
    if policy is engine.policy and len(entries) == len(engine.config.authorizers):
        return engine
    known = {entry.name: made for entry, made in zip(engine.config.authorizers, engine.authorizers[1:], strict=True)}
    config = AuthorizerConfig(entries, engine.config.file)
    return Engine(policy, config, webhook=lambda entry: known[entry.name], prepare=False)


def _asked_by(request: Request, who: Who) -> Request:
    return msgspec.structs.replace(request, user=who[0], groups=who[1])


def _is_exempt(who: Who, fact: PermissionFact) -> bool:
    """Whether a fact does not speak of somebody: excepted, or (``only``) one of those who may."""
    others = fact.parties if fact.kind == "only" else ()
    return any(party.includes(*who) for party in (*fact.exempt, *others))


def _is_held_by(who: Who, holder: Holder) -> bool:
    user, groups = who
    if holder.kind == "Group":
        return holder.name in groups
    name = service_account_user(*holder.name.split("/")) if holder.kind == "ServiceAccount" else holder.name
    return name == user and (not holder.only_in or holder.only_in in groups)
