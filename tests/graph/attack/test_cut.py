"""What to remove so that no path is left."""

from itertools import combinations

import msgspec
import pytest
from attack_paths import ADMIN, finder, shipped
from audit_rules import RBAC, account, binding, grant, group, policy_of, role, rule, user
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.graph.attack.cut import smallest_cut
from rbaclens.graph.attack.targets import everybody
from rbaclens.graph.attack.units import Unit, unit_of, without
from rbaclens.index.engine import Engine

POWERS = [
    rule("create", "pods"),
    rule("create", "serviceaccounts/token"),
    rule("bind", "clusterroles", RBAC),
    rule("create", "clusterrolebindings", RBAC),
    rule("escalate update", "clusterroles", RBAC),
    rule("*", "*", "*"),
    rule("get", "pods"),
]
HOLDERS = [user("a"), user("b"), group("g"), account("x", "one"), account("y", "two")]
STARTS = ("user:a", "user:b", "group:g")


@st.composite
def clusters(draw):
    """A few roles with dangerous rules, bound to a few subjects here and there."""
    objects = []
    for number in range(draw(st.integers(1, 3))):
        objects.append(role(f"r{number}", *draw(st.lists(st.sampled_from(POWERS), min_size=1, max_size=2))))
    for number in range(draw(st.integers(1, 5))):
        subjects = draw(st.lists(st.sampled_from(HOLDERS), min_size=1, max_size=2, unique_by=str))
        bound = draw(st.sampled_from([one["metadata"]["name"] for one in objects if one["kind"] == "ClusterRole"]))
        objects.append(binding(f"b{number}", *subjects, role=bound, namespace=draw(st.sampled_from(["", "one", "two"]))))
    return policy_of(objects, bootstrap=False)


def open_after(policy, units):
    """Whether any start still has a path without these grants."""
    engine = without(Engine(policy), frozenset(units))
    return bool(list(finder(engine.policy).cheapest(STARTS, (ADMIN,))))


@settings(max_examples=60, deadline=None)
@given(clusters(), st.sampled_from(["binding", "rule"]))
def test_a_cut_is_the_smallest(policy, by):
    """It closes every path, nothing smaller does, and so no part of it does."""
    cut = smallest_cut(Engine(policy), shipped(), STARTS, (ADMIN,), by=by)
    assert cut.smallest and not cut.open
    assert not open_after(policy, cut.units)
    if by == "binding":
        every = [Unit(one.kind, one.namespace, one.name) for one in policy.bindings]
    else:
        every = [Unit(one.kind, one.namespace, one.name, number) for one in policy.roles for number in range(len(one.rules))]
    for size in range(len(cut.units)):
        assert all(open_after(policy, some) for some in combinations(every, size))


def test_one_binding_on_every_path():
    """Where all paths pass one binding, that is the cut, and the choke point."""
    objects = [
        *grant("create", "pods", namespace="ci", to=user("a"), name="first"),
        *grant("create", "serviceaccounts/token", namespace="ci", to=user("b"), name="second"),
        *grant("*", "*", "*", to=account("deployer", "ci"), name="power"),
    ]
    cut = smallest_cut(Engine(policy_of(objects)), shipped(), ("user:a", "user:b"), (ADMIN,))
    assert [str(unit) for unit in cut.units] == ["ClusterRoleBinding power"]
    assert (str(cut.chokes[0].unit), cut.chokes[0].starts) == ("ClusterRoleBinding power", 2)


def test_what_every_cluster_has_is_not_cut():
    """The control plane's own grants come back; a path through them is closed before them."""
    objects = grant("create", "pods", namespace="kube-system", to=user("a"), name="mine")
    cut = smallest_cut(Engine(policy_of(objects)), shipped(), ("user:a",), (ADMIN,))
    assert [str(unit) for unit in cut.units] == ["RoleBinding kube-system/mine"]


def test_hopeless():
    """A start whose path needs no grant of anybody stays open, and is named."""
    cut = smallest_cut(Engine(policy_of()), shipped(), ("group:system:masters",), (ADMIN,))
    assert (cut.units, cut.open) == ((), ("group:system:masters",))


def test_aggregated_rules_are_cut_where_they_are_written():
    """Cutting by rule names the role that the rule was written in, and removing it there removes it from the gathering role."""
    objects = [
        role("gathering", aggregationRule={"clusterRoleSelectors": [{"matchLabels": {"to": "it"}}]}),
        role("written", rule("get", "pods"), rule("*", "*", "*"), labels={"to": "it"}),
        binding("all", user("a"), role="gathering"),
    ]
    engine = Engine(policy_of(objects))
    cut = smallest_cut(engine, shipped(), ("user:a",), (ADMIN,), by="rule")
    assert cut.units == (Unit("ClusterRole", "", "written", 1),)
    left = next(one for one in without(engine, frozenset(cut.units)).policy.roles if one.name == "gathering")
    assert [one.verbs for one in left.rules] == [("get",), ()]


def test_abac_lines_are_cut():
    """A line of an ABAC file is a grant like others."""
    line = '{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": '
    line += '{"user": "a", "namespace": "*", "resource": "*", "apiGroup": "*"}}'
    cut = smallest_cut(Engine(policy_of([], abac=line)), shipped(), ("user:a",), (ADMIN,))
    assert [unit.kind for unit in cut.units] == ["ABAC line"]


@pytest.mark.parametrize("by", ["binding", "rule"])
def test_units_of_shipped_grants(by):
    """What the API server ships is no unit, whatever is cut."""
    policy = policy_of()
    found = finder(policy)
    (path,) = found.cheapest(("sa:kube-system/clusterrole-aggregation-controller",), (ADMIN,))
    assert all(unit_of(grant, by, shipped()) is None for grant in path.steps[0].grants)


def test_everybody_leaves_the_control_plane_out():
    """Who holds nothing but what every cluster gives is no attacker."""
    found = finder(policy_of(grant("create", "pods", to=user("a"))))
    assert everybody(found.builder) == ("user:a",)


def test_removing_everything_leaves_the_same_policy_otherwise():
    """Removing a binding touches nothing else."""
    policy = policy_of(grant("create", "pods", to=user("a"), name="x"))
    left = without(Engine(policy), frozenset({Unit("ClusterRoleBinding", "", "x")})).policy
    assert left == msgspec.structs.replace(policy, bindings=tuple(one for one in policy.bindings if one.name != "x"))
