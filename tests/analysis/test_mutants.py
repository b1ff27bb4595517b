"""Mutants: each is one step, is caught exactly when a fact stops to hold, and equivalent ones answer every request alike."""

from __future__ import annotations

import msgspec
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.fact_world import World, is_from_bootstrap
from rbaclens.analysis.facts import Outcome, Prover
from rbaclens.analysis.mutants import Mutator, rule_steps
from rbaclens.analysis.mutation import MutantJudge, mutate
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.errors import UsageError
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.aggregation import aggregate_roles
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.identities import Identities, Membership
from rbaclens.model.identity import ANONYMOUS, implied_groups
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.permission_facts import Clause, Party, PermissionFact, Places
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule

BOB, DEVS = Party("bob", user="bob"), Party("group:devs", group="devs")
CLAUSES = [
    Clause("get", "pods", "", ""),
    Clause("get", "pods", "", "log"),
    Clause("create", "pods", "", "", ("x",)),
    Clause("get", "secrets", "", ""),
    Clause(None, "pods", "", ""),
    Clause("get", None, None, None),
    Clause("get", path="/healthz", namespaced=False),
    Clause("get", path="/api*", namespaced=False),
]
PLACES = [Places(), Places(False, ("a",)), Places(False, ("b",))]
FACTS = [PermissionFact("nobody", f"n{c}{p}", (clause,), places=p) for c, clause in enumerate(CLAUSES) for p in PLACES]
FACTS += [PermissionFact("only", f"o{c}", (clause,), (BOB, DEVS)) for c, clause in enumerate(CLAUSES)]
FACTS += [PermissionFact("allow", f"a{c}{p}", (clause,), (BOB,), places=p) for c, clause in enumerate(CLAUSES) for p in PLACES]
FACTS += [PermissionFact("everyone", f"e{c}", (clause,), (DEVS,), places=PLACES[1]) for c, clause in enumerate(CLAUSES)]


def applied(mutant, policy):
    """The policy as the mutant would have it, whole."""
    touched, after = mutant.touched, mutant.after
    if touched.roles:
        changed = {(role.kind, role.namespace, role.name): role for role in after.roles}
        roles = tuple(changed.get((role.kind, role.namespace, role.name), role) for role in policy.roles)
        return msgspec.structs.replace(policy, roles=roles)
    if touched.line is not None:
        lines = (line for one in policy.abac for line in (after.abac if one is touched.line else (one,)))
        return msgspec.structs.replace(policy, abac=tuple(lines))
    # A role that is bound everywhere becomes a ClusterRole: under a name of its own, lest it replace another.
    (role,) = after.roles
    role = msgspec.structs.replace(role, name="mutant")
    bindings = [msgspec.structs.replace(one, name="mutant", role_ref=RoleRef(role.kind, "mutant")) for one in after.bindings]
    rest = tuple(one for one in policy.bindings if one is not touched.binding)
    return msgspec.structs.replace(policy, roles=(*policy.roles, role), bindings=(*rest, *bindings))


def setup(policy, facts, identities=None):
    """Prover, the facts that hold, and mutator."""
    engine = Engine(policy)
    prover = Prover(engine, World(policy, facts, identities))
    held = [fact for fact in facts if prover.prove(fact).outcome is Outcome.HOLDS]
    return prover, held, Mutator(engine, identities or Identities(), is_from_bootstrap)


def real(request):
    """The request as HTTP and authentication make them: its path begins with a slash, no group is one that is only ever implied.

    Only an access review can ask about an empty path or "*", where "/*" and "*" differ (ABAC-23).
    """
    user = request.user or "bob"
    groups = () if user == ANONYMOUS else tuple(one for one in request.groups if not one.startswith("system:serviceaccounts"))
    path = f"/{request.path.lstrip('/')}" if request.path is not None else None
    return msgspec.structs.replace(request, user=user, groups=implied_groups(user, groups), path=path)


@settings(max_examples=25, deadline=None)
@given(strategies.policies(max_bindings=3), st.lists(strategies.requests(), min_size=20, max_size=20))
def test_judged_as_the_whole_mutant_would_be(policy, asked):
    """Judged by what it gains and loses alone, a mutant is caught if and only if a fact does not hold of the whole of it.

    Those that are said to change nothing answer every request alike; of the others, one request at least is answered otherwise.
    """
    prover, held, mutator = setup(policy, FACTS)
    judge = MutantJudge(prover, held)
    for plan in mutator.plans():
        mutant = plan()
        whole = applied(mutant, policy)
        engine = Engine(whole, prover.engine.config)
        after = Prover(engine, prover.world)
        caught = judge.catches(mutant)
        assert caught == any(after.prove(fact).outcome is not Outcome.HOLDS for fact in held)
        if judge.means_the_same(mutant):
            assert not caught
            for request in map(real, asked):
                assert reference(policy, engine.config, request).answer is reference(whole, engine.config, request).answer
        else:
            atoms = judge._atoms(mutant.gains if mutant.way == "widen" else mutant.loses)
            assert any(reference(policy, engine.config, one).answer is not reference(whole, engine.config, one).answer for one in atoms)


@settings(max_examples=25, deadline=None)
@given(strategies.policies(max_bindings=3), st.lists(strategies.requests(), min_size=20, max_size=20))
def test_one_way_only(policy, asked):
    """A wider mutant allows whatever the policy allows, a narrower one nothing else."""
    prover, _, mutator = setup(policy, [])
    for plan in mutator.plans():
        mutant = plan()
        whole = applied(mutant, policy)
        for request in map(real, asked):
            before = reference(policy, prover.engine.config, request).allowed
            after = reference(whole, prover.engine.config, request).allowed
            assert before <= after if mutant.way == "widen" else after <= before


def changes(rule):
    """The steps of a rule in words."""
    return [(step.way, step.change) for step in rule_steps(rule)]


def test_steps_of_a_rule():
    """Every axis is widened and narrowed by one entry; the last entry of an axis goes with the rule."""
    assert changes(PolicyRule(("get",), ("",), ("pods", "pods/log"), ("x",))) == [
        ("widen", "on objects of any name"),
        ("widen", "also verb *"),
        *(("widen", f"also verb {verb}") for verb in ("list", "watch", "create", "update", "patch", "delete", "deletecollection")),
        ("widen", "also resource *"),
        ("widen", "also resource */log"),
        ("widen", "also API group *"),
        ("narrow", "without resource pods"),
        ("narrow", "without resource pods/log"),
        ("narrow", "without the rule"),
    ]


def test_steps_of_a_rule_that_allows_everything():
    """What is widest already can only be narrowed."""
    assert changes(PolicyRule(("*",), ("*",), ("*",))) == [("narrow", "without the rule")]


def test_steps_of_a_path_rule():
    """Paths have their own verbs."""
    assert changes(PolicyRule(("get",), non_resource_urls=("/metrics",)))[-3:] == [
        ("widen", "also verb delete"),
        ("widen", "also path *"),
        ("narrow", "without the rule"),
    ]


READ_PODS = (PolicyRule(("get",), ("",), ("pods",)),)


def role(name="r", namespace="a", kind="Role", rules=READ_PODS, **fields):
    """A role."""
    return Role(kind, namespace, name, rules, Origin("roles"), **fields)


def bound(*subjects, kind="Role", namespace="a", name="r"):
    """A binding of the role."""
    return Binding("RoleBinding" if namespace else "ClusterRoleBinding", namespace, "b", subjects, RoleRef(kind, name), Origin("bindings"))


def survivors(policy, facts, identities=None, **options):
    """What is not caught, in words."""
    prover, held, mutator = setup(policy, facts, identities)
    assert len(held) == len(facts)
    return [(one.where, one.change) for one in mutate(prover, held, mutator, **options).survivors]


def test_subjects_step_to_their_groups():
    """A service account steps to its namespace's, a user to the groups of the identities file, each to everybody."""
    member = Membership("bob", "devs", Origin("ids"))
    identities = Identities({"bob": (member,)}, {"devs": (member,)})
    policy = PolicySet((role(),), (bound(Subject("User", "bob"), Subject("ServiceAccount", "ci")),))
    found = [change for where, change in survivors(policy, [], identities) if where.startswith("RoleBinding")]
    assert found == [
        "ClusterRoleBinding instead of RoleBinding: in every namespace",
        # The group devs has bob for its only member: a step to it changes nothing.
        "also group system:authenticated, beside User bob",
        "without User bob",
        "also group system:serviceaccounts:a, beside ServiceAccount a/ci",
        "also group system:authenticated, beside ServiceAccount a/ci",
        "without ServiceAccount a/ci",
    ]


def test_a_role_that_nobody_holds_has_no_mutant_that_counts():
    """Whatever is changed in it changes no answer."""
    prover, _, mutator = setup(PolicySet((role(),), ()), [])
    found = mutate(prover, [], mutator)
    assert (found.survivors, found.score, found.caught) == ((), None, 0)
    assert found.equivalent == found.possible > 0


def test_a_rule_that_another_repeats_has_no_narrower_mutant_that_counts():
    """What one of two equal rules loses, the other still gives."""
    twice = role(rules=READ_PODS * 2)
    policy = PolicySet((twice,), (bound(Subject("User", "bob")),))
    assert not [change for where, change in survivors(policy, []) if where.startswith("rule") and change.startswith("without")]


def test_aggregated_roles_carry_the_change():
    """A rule that is gathered into another role is changed there too (RBAC-41); the aggregated role has no mutants itself."""
    labels = {"to": "all"}
    roles = aggregate_roles(
        (
            role("part", "", "ClusterRole", labels=labels),
            role("all", "", "ClusterRole", (), aggregation=AggregationRule((LabelSelector(labels),))),
        )
    )
    policy = PolicySet(roles, (bound(Subject("User", "bob"), kind="ClusterRole", namespace="", name="all"),))
    nobody = PermissionFact("nobody", "n", (Clause("delete", "pods", "", ""),))
    allowed = PermissionFact("allow", "a", (Clause("get", "pods", "", ""),), (BOB,))
    found = survivors(policy, [nobody, allowed])
    assert ("rule 1 of ClusterRole part", "also verb list") in found
    assert ("rule 1 of ClusterRole part", "also verb delete") not in found
    assert ("rule 1 of ClusterRole part", "without the rule") not in found
    assert not [where for where, _ in found if "ClusterRole all" in where]


def test_default_objects_are_left_alone():
    """What the bootstrap brought is not changed."""
    origin = Origin("bootstrap")
    policy = PolicySet(
        (msgspec.structs.replace(role(), origin=origin),), (msgspec.structs.replace(bound(Subject("User", "bob")), origin=origin),)
    )
    assert list(setup(policy, [])[2].plans()) == []


def test_abac_lines_step():
    """A line is widened in verb, namespace, resource, group and user, and narrowed to nothing."""
    line = AbacPolicy(Origin("abac"), 1, user="bob", readonly=True, resource="pods", namespace="a")
    assert [change for _, change in survivors(PolicySet(abac=(line,)), [])] == [
        "every verb, not only reading",
        "namespace *",
        "resource *",
        "API group *",
        "group system:authenticated instead of user bob",
        "without the line",
    ]


def test_a_sample_is_the_same_for_the_same_seed():
    """With a limit, so many mutants are tried, chosen by the seed alone."""
    policy = PolicySet((role(),), (bound(Subject("User", "bob")),))
    first, again, other = (survivors(policy, [], limit=5, seed=seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 5


def test_progress_is_told():
    """After every mutant: how many of how many."""
    prover, _, mutator = setup(PolicySet((role(),), ()), [])
    told = []
    result = mutate(prover, [], mutator, progress=lambda done, total: told.append((done, total)))
    assert told == [(number + 1, result.possible) for number in range(result.possible)]


def test_a_chain_that_decides_by_other_means_is_refused():
    """With a webhook in the chain, no mutant can be judged."""
    policy = PolicySet((role(),), ())
    engine = Engine(policy, AuthorizerConfig((AuthorizerEntry("Webhook", "hook"), AuthorizerEntry("RBAC", "rbac"))))
    with pytest.raises(UsageError, match="hook"):
        mutate(Prover(engine, World(policy)), [], Mutator(engine, Identities(), is_from_bootstrap))
