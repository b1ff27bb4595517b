"""The compiled index and the plain reference must agree; and the laws of RBAC hold."""

from __future__ import annotations

import msgspec
import strategies
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.authorizers.reference.rbac import grants as reference_grants
from rbaclens.index.engine import Engine
from rbaclens.model.decision import Answer, Verdict
from rbaclens.model.policy import PolicySet


def verdict(decision):
    """What must be equal of two decisions."""
    return decision.answer, decision.reason, decision.evaluation_error, decision.denied, decision.opinion.evidence


@given(strategies.policies(), st.lists(strategies.requests(), min_size=1, max_size=8))
def test_engine_equals_reference(policy, requests):
    """All modules: answer, reason, error and evidence of the engine are the reference's (no request disturbs another)."""
    engine = Engine(policy)
    for request in requests:
        assert verdict(engine.decide(request)) == verdict(reference(policy, engine.config, request))


@given(strategies.policies(), strategies.requests())
def test_grants_equal_reference(policy, request):
    """Every grant of the reference is found by the index, in the same order (RBAC-21, RBAC-27)."""
    assert list(Engine(policy).rbac.grants(request)) == list(reference_grants(policy, request))


@given(strategies.policies(), strategies.requests())
def test_explain_agrees_with_answer(policy, request):
    """The first definite opinion of the explanation is the decision's; without one the answer is no (ATTR-23)."""
    engine = Engine(policy)
    decision, steps = engine.decide(request), engine.explain(request)
    definite = [s.opinion for s in steps if s.opinion.verdict in {Verdict.ALLOW, Verdict.DENY}]
    assert decision.opinion == definite[0] if definite else decision.answer is Answer.NO
    assert [s.asked for s in steps] == sorted((s.asked for s in steps), reverse=True)


@given(strategies.requests())
def test_default_is_no(request):
    """Without policy nobody but the privileged group may do anything."""
    decision = Engine(PolicySet()).decide(request)
    assert decision.allowed == ("system:masters" in request.groups)


@given(strategies.policies(), strategies.requests(), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(policy, request, random):
    """Shuffling objects and repeating rules changes nothing of an RBAC answer (RBAC-06, RBAC-20)."""
    roles = [msgspec.structs.replace(role, rules=role.rules + role.rules) for role in policy.roles]
    bindings = list(policy.bindings)
    random.shuffle(roles)
    random.shuffle(bindings)
    other = PolicySet(tuple(roles), tuple(bindings), abac=policy.abac)
    one, two = Engine(policy).decide(request), Engine(other).decide(request)
    assert (one.answer, one.reason) == (two.answer, two.reason)


@given(strategies.policies(), strategies.policies(), strategies.requests())
def test_more_bindings_never_take_away(policy, more, request):
    """RBAC only adds: what a policy allows, every larger policy allows (RBAC-06)."""
    extra = tuple(msgspec.structs.replace(binding, name=f"more-{binding.name}") for binding in more.bindings)
    larger = msgspec.structs.replace(policy, bindings=policy.bindings + extra)
    if Engine(policy).decide(request).allowed:
        assert Engine(larger).decide(request).allowed


@given(strategies.policies(), strategies.requests())
def test_gaps_turn_no_into_unknown(policy, request):
    """With policy that could not be read, a yes stands and a no becomes unknown."""
    whole = Engine(policy).decide(request)
    holey = Engine(msgspec.structs.replace(policy, gaps=("x.yaml could not be read",))).decide(request)
    assert holey.answer is (Answer.YES if whole.allowed else Answer.UNKNOWN)
