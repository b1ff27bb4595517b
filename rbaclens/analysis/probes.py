"""Which requests tell most about whether a server judges as the engine does: those at the edges of the policy's rules.

Every rule is asked about once before any is asked about twice; rules that alone give something come first, because an
error in one of them shows. The plan is the same for the same policy and seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from random import Random

import msgspec

from rbaclens.analysis.edges import AXES, EVERYWHERE, URL_AXES, Words, inside, outside, words_of
from rbaclens.analysis.principals import Principal, principal_of
from rbaclens.authorizers.rbac import RoleKey
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import Answer, NodeGrant
from rbaclens.model.identity import NODE_PREFIX, NODES, implied_groups
from rbaclens.model.objects import Binding, Role
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

BUDGET = 300
_SLOTS_PER_PROBE = 8
"""Of a large policy so many rules are looked at for each probe of the budget."""
_ROUNDS = 12
_READ_VERBS = ("get", "list", "watch")

Who = tuple[str, tuple[str, ...]]
Way = tuple[str, Principal | None]
Key = tuple[object, ...]


class Probe(msgspec.Struct, frozen=True):
    """A request to ask, and why: ``inside`` the rule ``of`` a role (or ABAC line), or one step outside along ``axis``."""

    request: Request
    inside: bool
    axis: str = ""
    of: str = ""


class _Slot(msgspec.Struct):
    """One rule and the ways in which somebody holds it: scope and principal. ``role`` is ``None`` for an ABAC line."""

    label: str
    rule: PolicyRule
    ways: Sequence[Way]
    role: RoleKey | None = None
    turn: int = 0


def request_key(request: Request) -> Key:
    """What makes two requests the same question."""
    return (
        request.user,
        request.groups,
        request.verb,
        request.path,
        request.api_group,
        request.resource,
        request.subresource,
        request.namespace,
        request.name,
    )


def plan(
    engine: Engine,
    budget: int = BUDGET,
    *,
    seed: int = 0,
    identity: Who | None = None,
    real: bool = False,
    listed: bool = False,
    reference: Engine | None = None,
    first: Iterable[Probe] = (),
) -> tuple[Probe, ...]:
    """At most ``budget`` different probes.

    ``identity`` is user and groups of whoever asks for themselves alone; otherwise each rule's own subjects are asked
    about, ``real`` as authentication would complete them, else alone. ``listed``: the server's rule lists were
    compared already, so that every third rule begins outside. ``reference`` is policy that the cluster should hold too
    (what its server creates by itself): what it allows and ``engine`` does not comes right after ``first``.
    """
    planner = _Planner(engine, Random(seed), identity, real)  # noqa: S311 - reproducible, not secret
    found: dict[Key, Probe] = {}
    sources = (first, planner.missing(reference) if reference else (), planner.other_authorizers(), planner.around(budget, listed))
    for probe in (probe for source in sources for probe in source):
        if len(found) >= budget:
            break
        found.setdefault(request_key(probe.request), probe)
    return tuple(found.values())


class _Planner:
    def __init__(self, engine: Engine, random: Random, identity: Who | None, real: bool) -> None:
        self.engine = engine
        self.random = random
        self.identity = identity
        self.real = real
        self.words: Words = words_of(engine.policy)
        self.principals: list[Principal] = []

    def around(self, budget: int, listed: bool) -> Iterator[Probe]:
        """Probes around every rule, in turns."""
        slots = self._slots(self.engine, budget)
        self.principals = sorted({who for slot in slots for _, who in slot.ways if who is not None})
        sole: list[tuple[_Slot, Probe | None]] = []
        others: list[tuple[_Slot, Probe | None]] = []
        for number, slot in enumerate(slots):
            probe = self._inside(slot)
            slot.turn = 1 if listed and number % 3 == 2 else 0
            (sole if probe is not None and self._alone_gives(probe.request) else others).append((slot, probe))
        ordered = sole + others
        for slot, probe in ordered:
            chosen = probe if slot.turn == 0 else self._outside(slot)
            if chosen is not None:
                yield chosen
        for _ in range(_ROUNDS):
            for slot, _ in ordered:
                slot.turn += 1
                again = self._inside(slot) if slot.turn % 3 == 0 else self._outside(slot)
                if again is not None:
                    yield again

    def missing(self, reference: Engine) -> Iterator[Probe]:
        """Probes inside the rules of ``reference`` that this policy's roles of the same name do not hold."""
        here: dict[RoleKey, set[PolicyRule]] = {
            (role.kind, role.namespace, role.name): set(role.rules) for role in self.engine.policy.roles
        }
        gone = [slot for slot in self._slots(reference, BUDGET) if slot.role and slot.rule not in here.get(slot.role, ())]
        for slot in gone:
            probe = self._inside(slot, lambda request: self.engine.decide(request).answer is Answer.NO)
            if probe is not None and self.engine.decide(probe.request).answer is Answer.NO:
                yield probe

    def other_authorizers(self) -> Iterator[Probe]:
        """Probes that only the node authorizer allows: they show whether the server has it."""
        if self.identity is not None or not any(entry.type == "Node" for entry in self.engine.config.authorizers):
            return
        name = self.engine.policy.nodes[0].name if self.engine.policy.nodes else "rbaclens-verify"
        user = NODE_PREFIX + name
        who = {"user": user, "groups": implied_groups(user, (NODES,))}
        for request in (Request("list", "services", **who), Request("get", "nodes", name=name, **who)):  # type: ignore[arg-type]
            if isinstance(self.engine.decide(request).opinion.evidence, NodeGrant):
                yield Probe(request, True, of="the node authorizer")

    def _slots(self, engine: Engine, budget: int) -> list[_Slot]:
        slots = [*(self._own(engine) if self.identity else self._bound(engine)), *self._abac()]
        self.random.shuffle(slots)
        return slots[: budget * _SLOTS_PER_PROBE]

    def _bound(self, engine: Engine) -> Iterator[_Slot]:
        for compiled, bindings in engine.index.by_role():
            role = compiled.role
            ways = [way for binding in bindings for way in _ways(binding)]
            if ways:
                yield from _slots_of(role, ways)

    def _own(self, engine: Engine) -> Iterator[_Slot]:
        assert self.identity is not None  # noqa: S101
        held = engine.index.holdings(*self.identity)
        for scope in dict.fromkeys(("", *(namespace for one in held for namespace in one.local))):
            for binding, _, role in engine.rbac.visit(*self.identity, scope):
                if role is not None and binding.namespace == scope:
                    yield from _slots_of(role, [(scope or EVERYWHERE, None)])

    def _abac(self) -> Iterator[_Slot]:
        for line in self.engine.policy.abac or ():
            if self.identity is None:
                who = Principal(line.user) if line.user else Principal(line.group, True)
                yield _Slot(f"ABAC line {line.line}", _abac_rule(line), [(line.namespace or EVERYWHERE, who)])

    def _inside(self, slot: _Slot, wanted: Callable[[Request], bool] | None = None) -> Probe | None:
        """A request inside: the first that ``wanted`` takes (by default one that only this rule allows), else any."""
        scope, who = self.random.choice(slot.ways)
        spare = None
        for request in inside(slot.rule, scope, self.words, self.random):
            asked = self._as(request, who)
            if (wanted or self._alone_gives)(asked):
                return Probe(asked, True, of=slot.label)
            spare = spare or asked
        return Probe(spare, True, of=slot.label) if spare else None

    def _outside(self, slot: _Slot) -> Probe | None:
        """A request one step outside, on an axis that has one; best one that the whole policy does not allow."""
        scope, who = self.random.choice(slot.ways)
        base = next(inside(slot.rule, scope, self.words, self.random), None)
        if base is None:
            return None
        axes = [*(AXES if base.is_resource else URL_AXES), *(["subject"] if who else [])]
        self.random.shuffle(axes)
        spare = None
        for axis in axes:
            for asked in islice(self._step(base, slot, (scope, who), axis), 3):
                probe = Probe(asked, False, axis, slot.label)
                if self.engine.decide(asked).answer is Answer.NO:
                    return probe
                spare = spare or probe
        return spare

    def _step(self, base: Request, slot: _Slot, way: Way, axis: str) -> Iterator[Request]:
        scope, who = way
        if axis == "subject":
            holders = {holder for _, holder in slot.ways}
            for other in self.random.sample(self.principals, min(3, len(self.principals))):
                if other not in holders:
                    yield self._as(base, other)
        else:
            for step in outside(base, slot.rule, scope, axis, self.words, self.random):
                yield self._as(step, who)

    def _as(self, request: Request, who: Principal | None) -> Request:
        if who is None:
            assert self.identity is not None  # noqa: S101
            user, groups = self.identity
        else:
            user, groups = who.real() if self.real else who.alone()
        return msgspec.structs.replace(request, user=user, groups=groups)

    def _alone_gives(self, request: Request) -> bool:
        return sum(1 for _ in islice(self.engine.rbac.grants(request), 2)) == 1


def _slots_of(role: Role, ways: Sequence[Way]) -> Iterator[_Slot]:
    name = f"{role.namespace}/{role.name}" if role.namespace else role.name
    for index, rule in enumerate(role.rules):
        yield _Slot(f"{role.kind} {name}, rule {index}", rule, ways, (role.kind, role.namespace, role.name))


def _ways(binding: Binding) -> list[Way]:
    found = dict.fromkeys(principal_of(subject, binding) for subject in binding.subjects)
    return [(binding.namespace or EVERYWHERE, who) for who in found if who is not None]


def _abac_rule(line: AbacPolicy) -> PolicyRule:
    verbs = _READ_VERBS if line.readonly else ("*",)
    if line.non_resource_path:
        return PolicyRule(verbs=verbs, non_resource_urls=(line.non_resource_path,))
    return PolicyRule(verbs=verbs, api_groups=(line.api_group,), resources=(line.resource,))
