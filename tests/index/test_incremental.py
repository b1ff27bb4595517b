"""An engine that followed any sequence of changes equals one built afresh from what is there in the end."""

from __future__ import annotations

import random

import msgspec
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.index import compile as compiled
from rbaclens.index.engine import Engine
from rbaclens.index.incremental import LivePolicy
from rbaclens.index.who_can import who_can
from rbaclens.model import aggregation
from rbaclens.model.aggregation import aggregate_roles
from rbaclens.model.api_struct import Metadata
from rbaclens.model.change import ObjectChange
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, PlainObject, Role, RoleRef, Subject
from rbaclens.model.pattern import Pattern
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule, SelectorRequirement
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod, PodSpec

HERE = Origin("cluster")
LABELS = [{}, {"a": "1"}, {"b": "1"}, {"a": "1", "b": "1"}]
SELECTORS = [
    LabelSelector(match_labels={"a": "1"}),
    LabelSelector(match_labels={"b": "1"}),
    LabelSelector(match_expressions=(SelectorRequirement("a", "DoesNotExist"),)),
    LabelSelector(match_expressions=(SelectorRequirement("a", "Broken"),)),
    LabelSelector(),
]
aggregations = st.one_of(
    st.none(), st.lists(st.sampled_from(SELECTORS), min_size=1, max_size=2).map(lambda found: AggregationRule(tuple(found)))
)


@st.composite
def role_changes(draw):
    """A Role or ClusterRole that is written or deleted."""
    kind, namespace = draw(st.sampled_from([("ClusterRole", ""), ("ClusterRole", ""), ("Role", "a"), ("Role", "b")]))
    name = draw(st.sampled_from(strategies.ROLE_NAMES))
    if draw(st.integers(0, 3)) == 0:
        return ObjectChange(kind, namespace, name)
    gathers = draw(aggregations) if kind == "ClusterRole" else None
    rules = tuple(draw(st.lists(strategies.rules, max_size=2)))
    return ObjectChange(kind, namespace, name, Role(kind, namespace, name, rules, HERE, draw(st.sampled_from(LABELS)), {}, gathers))


@st.composite
def binding_changes(draw):
    """A binding that is written (perhaps with another role than before) or deleted."""
    namespace = draw(st.sampled_from(["", *strategies.NAMESPACES]))
    kind, name = "RoleBinding" if namespace else "ClusterRoleBinding", draw(st.sampled_from(["b0", "b1", "b2"]))
    if draw(st.integers(0, 3)) == 0:
        return ObjectChange(kind, namespace, name)
    role = RoleRef(draw(st.sampled_from(["Role", "ClusterRole", "ClusterRole", "Odd"])), draw(st.sampled_from(strategies.ROLE_NAMES)))
    subjects = tuple(draw(st.lists(strategies.subjects, max_size=3)))
    return ObjectChange(kind, namespace, name, Binding(kind, namespace, name, subjects, role, HERE))


changes = st.one_of(role_changes(), binding_changes())
batches = st.lists(st.lists(changes, min_size=1, max_size=4), max_size=12)


def policy_of(objects):
    """The policy that ``objects`` (key to written object) make, built afresh."""
    roles = aggregate_roles([one for one in objects.values() if isinstance(one, Role)])
    return PolicySet(roles, tuple(one for one in objects.values() if isinstance(one, Binding)))


def key(binding):
    """What names a binding."""
    return binding.kind, binding.namespace, binding.name


def structure(index):
    """All that an index holds, whatever the order."""

    def bounds(found):
        return sorted((key(one.binding), one.position, None if one.role is None else repr(one.role.role)) for one in found)

    tables = [
        {name: (bounds(held.cluster), {where: bounds(local) for where, local in held.local.items()}) for name, held in table.items()}
        for table in (index.users, index.groups)
    ]
    by_role = {
        (one.role.kind, one.role.namespace, one.role.name): sorted(map(key, bindings)) for one, bindings in index.bindings_by_role.items()
    }
    return tables, by_role, {name: one.role for name, one in index.roles.items()}, sorted(map(key, index.bindings))


def remembered_is_right(index):
    """The sieves that are remembered are those that would be made; then all of them are remembered."""
    for holdings in (*index.users.values(), *index.groups.values()):
        remembered = holdings.sieve
        assert remembered in (0, holdings.make_sieve())


@settings(max_examples=80, deadline=None)
@given(batches, st.lists(strategies.requests(), min_size=1, max_size=8))
def test_equals_one_built_afresh(batches, requests):
    """After any sequence of single changes and relists: the same structure, decisions, grants and holders (RBAC-40 to 44)."""
    live, objects = LivePolicy(PolicySet()), {}
    for batch in batches:
        live.apply(live.plan(batch))
        for change in batch:
            objects.pop(change.key, None)
            if change.obj is not None:
                objects[change.key] = change.obj
        for request in requests:
            live.engine.decide(request)
        remembered_is_right(live.index)
    fresh = Engine(policy_of(objects))
    assert structure(live.engine.index) == structure(fresh.index)
    for request in requests:
        mine, theirs = live.engine.decide(request), fresh.decide(request)
        assert (mine.answer, mine.opinion) == (theirs.answer, theirs.opinion)
        assert live.engine.all_grants(request) == fresh.all_grants(request)
        assert live.engine.problems(request) == fresh.problems(request)
        pattern = Pattern.of(request)
        found, expected = who_can(live.engine, pattern), who_can(fresh, pattern)
        assert sorted(map(repr, found.holders)) == sorted(map(repr, expected.holders))


def random_role(chance):
    """A ClusterRole of six that is written or deleted: half of them gather others, most of them are gathered."""
    name = f"r{chance.randrange(6)}"
    if chance.random() < 0.2:
        return ObjectChange("ClusterRole", "", name)
    gathers = AggregationRule(tuple(chance.sample(SELECTORS, chance.choice([1, 2])))) if chance.random() < 0.5 else None
    rules = tuple(PolicyRule((verb,), ("",), ("pods",)) for verb in chance.sample(["get", "list", "watch", "create"], chance.randrange(3)))
    return ObjectChange("ClusterRole", "", name, Role("ClusterRole", "", name, rules, HERE, chance.choice(LABELS), {}, gathers))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32))
def test_gathered_at_every_step(seed):
    """After each change of ClusterRoles the rules in force, and where they were written, are those gathered afresh (RBAC-41 to 44)."""
    chance, live, objects = random.Random(seed), LivePolicy(PolicySet()), {}  # noqa: S311
    for _ in range(30):
        batch = [random_role(chance) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
        live.apply(live.plan(batch))
        for change in batch:
            objects.pop(change.key, None)
            if change.obj is not None:
                objects[change.key] = change.obj
        assert {name[2]: one.role for name, one in live.index.roles.items()} == {one.name: one for one in policy_of(objects).roles}


@settings(max_examples=40, deadline=None)
@given(strategies.policies(), st.lists(changes, max_size=6))
def test_from_any_policy(policy, changes):
    """A policy that was loaded, and then changed, equals what is there in the end; ABAC lines stay."""
    live = LivePolicy(policy)
    objects = {(one.kind, one.namespace, one.name): one for one in (*policy.roles, *policy.bindings)}
    for change in changes:
        live.apply(live.plan([change]))
        objects.pop(change.key, None)
        if change.obj is not None:
            objects[change.key] = change.obj
    assert structure(live.engine.index) == structure(Engine(policy_of(objects)).index)
    assert live.engine.policy.abac == policy.abac
    assert sorted(map(key, live.engine.policy.bindings)) == sorted(map(key, live.engine.index.bindings))


@settings(max_examples=40, deadline=None)
@given(st.lists(changes, max_size=8), st.lists(changes, max_size=4))
def test_a_plan_tells_and_changes_nothing(first, second):
    """A plan names exactly the objects that differ, and leaves everything as it was; what changes nothing is no change."""
    live = LivePolicy(PolicySet())
    live.apply(live.plan(first))
    before = structure(live.engine.index)
    update = live.plan(second)
    assert structure(live.engine.index) == before
    live.apply(update)
    after = structure(live.engine.index)
    different = {name for name in {*before[2], *after[2]} if before[2].get(name) != after[2].get(name)}
    assert {one.key for one in update.roles} == different
    assert live.plan(second).changes == ()


def role(name, *rules, labels=None, gathers=None):
    """A change that writes a ClusterRole."""
    found = Role("ClusterRole", "", name, rules, HERE, labels or {}, {}, AggregationRule((gathers,)) if gathers else None)
    return ObjectChange("ClusterRole", "", name, found)


def gathered(live, name):
    """The rules in force of a ClusterRole."""
    return live.index.roles["ClusterRole", "", name].role.rules


GET = PolicyRule(("get",), ("",), ("pods",))
LIST = PolicyRule(("list",), ("",), ("pods",))


def test_chains_of_aggregation():
    """A source's change runs through the chain view, edit, admin; other aggregated roles are not looked at (RBAC-44)."""
    to_view, to_edit = LabelSelector(match_labels={"to": "view"}), LabelSelector(match_labels={"to": "edit"})
    live = LivePolicy(PolicySet())
    start = [
        role("source", GET, labels={"to": "view"}),
        role("view", labels={"to": "edit"}, gathers=to_view),
        role("edit", labels={"to": "admin"}, gathers=to_edit),
        role("admin", gathers=LabelSelector(match_labels={"to": "admin"})),
        role("other", gathers=LabelSelector(match_labels={"to": "other"})),
    ]
    live.apply(live.plan(start))
    assert [gathered(live, name) for name in ("view", "edit", "admin", "other")] == [(GET,), (GET,), (GET,), ()]
    update = live.plan([role("source", LIST, labels={"to": "view"})])
    assert {one.key[2] for one in update.roles} == {"source", "view", "edit", "admin"}
    live.apply(update)
    assert gathered(live, "admin") == (LIST,)
    live.apply(live.plan([role("view", labels={}, gathers=to_view)]))
    assert (gathered(live, "view"), gathered(live, "admin")) == ((LIST,), ())
    live.apply(live.plan([ObjectChange("ClusterRole", "", "source")]))
    assert gathered(live, "view") == ()


def test_the_controllers_own_writing_is_no_change():
    """When the aggregation controller has written the rules that were gathered here before, nothing changes (RBAC-43)."""
    selector = LabelSelector(match_labels={"to": "view"})
    live = LivePolicy(PolicySet())
    live.apply(live.plan([role("source", GET, labels={"to": "view"}), role("view", gathers=selector)]))
    assert live.plan([role("view", GET, gathers=selector)]).changes == ()


def test_who_names_nothing_that_is_there():
    """A binding that waits for its role grants as soon as it is there, and no longer than it is (RBAC-31)."""
    binding = Binding("ClusterRoleBinding", "", "b", (Subject("User", "bob"),), RoleRef("ClusterRole", "late"), HERE)
    live = LivePolicy(PolicySet(bindings=(binding,)))
    request = Request("get", "pods", user="bob")
    assert not live.engine.decide(request).allowed
    live.apply(live.plan([role("late", GET)]))
    assert live.engine.decide(request).allowed
    live.apply(live.plan([role("late", LIST)]))
    assert not live.engine.decide(request).allowed
    live.apply(live.plan([role("late", GET)]))
    live.apply(live.plan([ObjectChange("ClusterRole", "", "late")]))
    assert live.engine.problems(request) == ('clusterrole.rbac.authorization.k8s.io "late" not found',)
    live.apply(live.plan([ObjectChange("ClusterRoleBinding", "", "b")]))
    assert live.engine.problems(request) == ()
    assert live.index.users == {}


def test_what_a_group_holds_follows_its_roles():
    """What is remembered of a group does not outlive the roles that it was made from (RBAC-31)."""
    binding = Binding("ClusterRoleBinding", "", "b", (Subject("Group", "devs"),), RoleRef("ClusterRole", "r"), HERE)
    live = LivePolicy(PolicySet((role("r", GET).obj,), (binding,)))
    pods, secrets = (Request("get", resource, user="bob", groups=("devs",)) for resource in ("pods", "secrets"))
    assert (live.engine.decide(pods).allowed, live.engine.decide(secrets).allowed) == (True, False)
    live.apply(live.plan([role("r", PolicyRule(("get",), ("",), ("secrets",)))]))
    assert (live.engine.decide(pods).allowed, live.engine.decide(secrets).allowed) == (False, True)
    live.apply(live.plan([ObjectChange("ClusterRole", "", "r")]))
    for request in (pods, secrets):
        assert live.engine.decide(request).reason == 'RBAC: clusterrole.rbac.authorization.k8s.io "r" not found'


def test_what_a_group_holds_follows_its_bindings():
    """A binding that comes counts at once, and one that goes leaves nothing behind."""
    roles = role("r", GET).obj, role("s", PolicyRule(("get",), ("",), ("secrets",))).obj
    first, second = (
        Binding("ClusterRoleBinding", "", name, (Subject("Group", "devs"),), RoleRef("ClusterRole", name), HERE) for name in ("r", "s")
    )
    live = LivePolicy(PolicySet(roles, (first,)))
    secrets = Request("get", "secrets", user="bob", groups=("devs",))
    assert not live.engine.decide(secrets).allowed
    before = live.index.groups["devs"].make_sieve()
    live.apply(live.plan([ObjectChange("ClusterRoleBinding", "", "s", second)]))
    assert live.engine.decide(secrets).allowed
    remembered_is_right(live.index)
    live.apply(live.plan([ObjectChange("ClusterRoleBinding", "", "s")]))
    assert not live.engine.decide(secrets).allowed
    remembered_is_right(live.index)
    assert live.index.groups["devs"].sieve == before


def test_other_objects():
    """Service accounts, nodes and the objects of the node graph follow as well (NODE-16)."""
    live = LivePolicy(PolicySet())
    account = PlainObject("ServiceAccount", "a", "sa", HERE)
    spec = msgspec.convert({"nodeName": "n1", "imagePullSecrets": [{"name": "pull"}]}, PodSpec)
    pod = Placed(Pod(Metadata(name="web", namespace="a"), spec), HERE)
    request = Request("get", "secrets", namespace="a", name="pull", user="system:node:n1", groups=("system:nodes",))
    live.apply(live.plan([ObjectChange("ServiceAccount", "a", "sa", account), ObjectChange("Pod", "a", "web", pod)]))
    assert live.engine.policy.service_accounts == (account,)
    assert live.engine.decide(request).allowed
    live.apply(live.plan([ObjectChange("Pod", "a", "web")]))
    assert not live.engine.decide(request).allowed
    assert live.engine.policy.node_graph == NodeGraphObjects()


def test_no_full_rebuild(monkeypatch):
    """Changes to a large policy make no engine and no index anew, and gather no role that they cannot reach."""
    bindings = tuple(
        Binding("RoleBinding", f"ns{n % 50}", f"b{n}", (Subject("User", f"u{n}"),), RoleRef("ClusterRole", "view"), HERE)
        for n in range(1000)
    )
    sources = [role(f"source{n}", GET, labels={"to": "view"}).obj for n in range(100)]
    live = LivePolicy(PolicySet((role("view", GET).obj, *sources), bindings))
    calls = {"index": 0, "roles": 0}

    def counted(self, *args):
        calls["index"] += 1

    def gathering(roles):
        calls["roles"] += len(roles)
        return aggregation.aggregate_roles(roles)

    monkeypatch.setattr(compiled.SubjectIndex, "__init__", counted)
    monkeypatch.setattr("rbaclens.index.gathering.aggregate_roles", gathering)
    for number in range(300):
        binding = bindings[number]
        other = msgspec.structs.replace(binding, subjects=(Subject("User", f"new{number}"),))
        rule = PolicyRule(("get",), ("",), (f"kind{number}",))
        live.apply(live.plan([ObjectChange("RoleBinding", binding.namespace, binding.name, other)]))
        live.apply(live.plan([role("view", rule)]))
        request = Request("get", f"kind{number}", namespace=binding.namespace, user=f"new{number}")
        assert live.engine.decide(request).allowed
    assert calls == {"index": 0, "roles": 0}


@pytest.mark.parametrize("kind", ["ConfigMap", "CustomResourceDefinition"])
def test_kinds_that_are_not_followed(kind):
    """Objects of kinds that make no difference are passed over."""
    live = LivePolicy(PolicySet())
    assert live.plan([ObjectChange(kind, "a", "x", PlainObject(kind, "a", "x", HERE))]).changes == ()
