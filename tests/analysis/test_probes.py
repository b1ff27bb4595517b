"""The plan of requests: at the edges of the rules, well spread, and the same each time."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import strategies
from hypothesis import given, settings

from rbaclens import sources
from rbaclens.analysis.edges import AXES, EVERYWHERE, URL_AXES, inside, outside, words_of
from rbaclens.analysis.principals import STAND_IN, Principal
from rbaclens.analysis.probes import plan, request_key
from rbaclens.authorizers.matching import rule_allows
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import Answer, NodeGrant
from rbaclens.model.location import Origin
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule

RECORDINGS = Path(__file__).parents[1] / "conformance"


@pytest.fixture(scope="module")
def engine():
    """A recording's policy on top of the bootstrap policy."""
    return Engine(sources.load([str(RECORDINGS / "rbac-101" / "objects.json")]))


def test_the_plan_is_deterministic(engine):
    """The same policy and seed give the same requests; another seed gives others."""
    assert plan(engine, seed=3) == plan(engine, seed=3)
    assert plan(engine, seed=3) != plan(engine, seed=4)


@pytest.mark.parametrize("budget", [0, 1, 50, 300])
def test_the_budget_is_used_and_kept(engine, budget):
    """A policy with hundreds of rules fills any budget, with different requests."""
    probes = plan(engine, budget)
    assert len(probes) == budget
    assert len({request_key(probe.request) for probe in probes}) == budget


def test_every_rule_comes_once_before_any_comes_twice(engine):
    """The first turn takes a rule at a time; those that alone give something stand at its beginning."""
    asked = [probe for probe in plan(engine, 220) if probe.of.startswith(("Role ", "ClusterRole "))]
    assert len({probe.of for probe in asked}) == len(asked) > 200
    assert all(len(engine.all_grants(probe.request)) == 1 for probe in asked)


def test_inside_is_allowed_and_outside_mostly_not(engine):
    """A probe inside a rule is allowed; outside, requests that nothing allows are preferred."""
    probes = plan(engine, 600, listed=True)
    assert all(engine.decide(probe.request).answer is Answer.YES for probe in probes if probe.inside)
    outer = [probe for probe in probes if not probe.inside]
    refused = [probe for probe in outer if engine.decide(probe.request).answer is Answer.NO]
    assert len(refused) > len(outer) * 0.9
    assert {probe.axis for probe in outer} >= {*AXES, "subject"} - {"name"}
    assert any(probe.request.path is not None for probe in outer)


def test_for_oneself_only_own_requests_are_planned(engine):
    """SelfSubjectAccessReviews say nothing of others."""
    who = ("bob", ("devs", "system:authenticated"))
    probes = plan(engine, 100, identity=who)
    assert probes
    assert {(probe.request.user, probe.request.groups) for probe in probes} == {who}
    assert "subject" not in {probe.axis for probe in probes}


def test_impersonation_needs_real_identities(engine):
    """With ``real`` every identity has a user name and one of the two groups that everybody is in (ATTR-14, ATTR-15)."""
    for probe in plan(engine, 200, real=True):
        assert probe.request.user
        assert {"system:authenticated", "system:unauthenticated"} & set(probe.request.groups)


def test_what_the_cluster_should_hold_is_asked_about_first(engine):
    """A default role's rule that the policy lacks is asked about before anything else."""
    lacking = Engine(PolicySet(namespaces=engine.policy.namespaces))
    probes = plan(lacking, 20, reference=engine)
    assert len(probes) == 20
    assert all(lacking.decide(probe.request).answer is Answer.NO for probe in probes)


def test_node_mode_shows(engine):
    """Some request is allowed by the node authorizer alone, so that a server without it answers otherwise."""
    evidence = [engine.decide(probe.request).opinion.evidence for probe in plan(engine)]
    assert any(isinstance(one, NodeGrant) for one in evidence)


def test_abac_lines_are_rules_too():
    """Each line is asked about, inside and outside."""
    lines = (
        AbacPolicy(Origin("f"), 1, user="bob", namespace="a", resource="pods", readonly=True),
        AbacPolicy(Origin("f"), 2, group="ops", non_resource_path="/logs/*", namespace="*"),
    )
    engine = Engine(PolicySet(abac=lines))
    probes = plan(engine, 30)
    assert {probe.of for probe in probes if probe.inside} >= {"ABAC line 1", "ABAC line 2"}
    assert any(engine.decide(probe.request).allowed for probe in probes if probe.of == "ABAC line 1")
    assert any(not engine.decide(probe.request).allowed for probe in probes)


@settings(max_examples=60, deadline=None)
@given(strategies.policies())
def test_any_policy_can_be_planned_for(policy):
    """Odd rules, missing roles and subjects that stand for nobody make the plan shorter, never wrong."""
    engine = Engine(policy)
    for probe in plan(engine, 40, seed=1):
        assert probe.request.user or probe.request.groups
        if probe.inside and not probe.of.startswith("ABAC"):
            assert engine.decide(probe.request).answer is Answer.YES


@settings(max_examples=100, deadline=None)
@given(strategies.rules, strategies.policies(2))
def test_edges_are_edges(rule, policy):
    """What is inside a rule is allowed by it; one step outside is not, or is in another namespace, and differs in one axis."""
    words, random = words_of(policy), Random(1)  # noqa: S311
    for scope in (EVERYWHERE, "a"):
        for request in inside(rule, scope, words, random):
            assert rule_allows(rule, request)
            for axis in AXES if request.is_resource else URL_AXES:
                for step in outside(request, rule, scope, axis, words, random):
                    assert step != request
                    assert not rule_allows(rule, step) or step.namespace != scope


def test_a_star_has_no_outside():
    """Where a rule has a star, or no names, there is no step outside along that axis."""
    rule = PolicyRule(("*",), ("*",), ("*",))
    words, random = words_of(PolicySet()), Random(1)  # noqa: S311
    request = next(inside(rule, EVERYWHERE, words, random))
    assert all(not list(outside(request, rule, EVERYWHERE, axis, words, random)) for axis in AXES)


@pytest.mark.parametrize(
    ("principal", "alone", "real"),
    [
        (Principal("bob"), ("bob", ()), ("bob", ("system:authenticated",))),
        (Principal("devs", True), ("", ("devs",)), (STAND_IN, ("devs", "system:authenticated"))),
        (
            Principal("system:unauthenticated", True),
            ("", ("system:unauthenticated",)),
            ("system:anonymous", ("system:unauthenticated",)),
        ),
        (
            Principal("system:serviceaccount:a:sa"),
            ("system:serviceaccount:a:sa", ()),
            ("system:serviceaccount:a:sa", ("system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated")),
        ),
    ],
)
def test_identities(principal, alone, real):
    """A principal alone, and as authentication completes it (ATTR-14 to ATTR-16)."""
    assert principal.alone() == alone
    assert principal.real() == real
