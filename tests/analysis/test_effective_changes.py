"""What changes of objects mean: complete and true by the reference, silent where other grants hold, worded by cause."""

from __future__ import annotations

import msgspec
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.coverage import break_down
from rbaclens.analysis.effective_changes import effective_changes
from rbaclens.authorizers.matching import rule_allows
from rbaclens.authorizers.reference.decide import decide
from rbaclens.index.incremental import LivePolicy
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.change import ObjectChange
from rbaclens.model.identity import implied_groups, service_account_user
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule
from rbaclens.reports.changes import change_data, change_text

RBAC = AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),))
HERE = Origin("cluster")
PEOPLE = [user for user in strategies.USERS if user]


def key(one):
    """What names an object."""
    return one.kind, one.namespace, one.name


@st.composite
def moves(draw):
    """A policy, and changes that lead it some of the way to another."""
    before, after = (msgspec.structs.replace(draw(strategies.policies()), abac=None) for _ in range(2))
    there = {key(one): one for one in (*after.roles, *after.bindings)}
    keys = dict.fromkeys([key(one) for one in (*before.roles, *before.bindings)] + list(there))
    return before, [ObjectChange(*name, there.get(name)) for name in keys if draw(st.booleans())]


def moved(before, changes):
    """The live policy, its policy after the changes, and what they meant."""
    live = LivePolicy(before, RBAC)
    found = effective_changes(live, changes)
    return live.engine.policy, found


def allowed(policy, request):
    """The reference's word."""
    return decide(policy, RBAC, request).allowed


@settings(max_examples=150, deadline=None)
@given(moves(), st.lists(strategies.requests(), min_size=1, max_size=6))
def test_every_difference_is_told(move, requests):
    """If the reference's answer to somebody changes, a change of them or of one of their groups says so."""
    before, changes = move
    after, found = moved(before, changes)
    for request in requests:
        groups = implied_groups(request.user, request.groups)
        asked = msgspec.structs.replace(request, groups=groups)
        was, now = allowed(before, asked), allowed(after, asked)
        if was == now:
            continue
        telling = [
            one
            for one in found
            if one.gained is now
            and (one.name in groups if one.kind == "Group" else user_of(one) == request.user)
            and (one.scopes == (EVERYWHERE,) or (request.is_resource and request.namespace in one.scopes))
            and not (request.namespace and request.namespace in one.except_in)
            and rule_allows(one.rule, asked)
        ]
        assert telling


def user_of(change):
    """The user name of a changed user or service account."""
    return service_account_user(*change.name.split("/")) if change.kind == "ServiceAccount" else change.name


def requests_of(change):
    """Requests, taken literally, that the changed rule speaks of, by the subject alone, in every scope where it changed."""
    if change.kind == "Group":
        groups = () if change.name == "system:unauthenticated" else ("system:authenticated",)
        more = ("system:serviceaccounts",) if change.name.startswith("system:serviceaccounts:") else ()
        user, groups = "nobody", (change.name, *more, *groups)
    else:
        user = user_of(change)
        groups = implied_groups(user)
    for atom in break_down([change.rule]):
        for scope in change.scopes:
            if atom.non_resource_urls:
                yield Request(atom.verbs[0], path=atom.non_resource_urls[0], user=user, groups=groups)
                continue
            resource, _, subresource = atom.resources[0].partition("/")
            name = atom.resource_names[0] if atom.resource_names else "fresh"
            namespace = "fresh" if scope == EVERYWHERE else scope
            yield Request(atom.verbs[0], resource, atom.api_groups[0], subresource, namespace, name, None, user, groups)


@settings(max_examples=150, deadline=None)
@given(moves())
def test_everything_told_is_true(move):
    """What is told as gained the reference refused before and allows now; the other way round for what was lost."""
    before, changes = move
    after, found = moved(before, changes)
    for change in found:
        for request in requests_of(change):
            assert (allowed(before, request), allowed(after, request)) == (not change.gained, change.gained)
            if change.scopes == (EVERYWHERE,) and request.is_resource:
                for namespace in change.except_in:
                    there = msgspec.structs.replace(request, namespace=namespace)
                    assert allowed(before, there) == allowed(after, there)


@given(moves())
@settings(max_examples=30, deadline=None)
def test_there_and_back(move):
    """Undoing the changes gives back exactly what was lost."""
    before, changes = move
    live = LivePolicy(before, RBAC)
    there = {key(one): one for one in (*before.roles, *before.bindings)}
    first = effective_changes(live, changes)
    second = effective_changes(live, [ObjectChange(*change.key, there.get(change.key)) for change in changes])
    assert {_what(one, not one.gained) for one in first} == {_what(one, one.gained) for one in second}
    assert effective_changes(live, []) == ()


def _what(one, gained):
    atoms = frozenset(msgspec.json.encode(atom) for atom in break_down([one.rule]))
    return gained, one.kind, one.name, frozenset(one.scopes), frozenset(one.except_in), atoms


def role(name, *rules, namespace="", by="", **fields):
    """A change that writes a role."""
    kind = "Role" if namespace else "ClusterRole"
    return ObjectChange(kind, namespace, name, Role(kind, namespace, name, rules, HERE, **fields), by)


def bind(name, role_name, *subjects, namespace="", kind="ClusterRole", by=""):
    """A change that writes a binding."""
    own = "RoleBinding" if namespace else "ClusterRoleBinding"
    return ObjectChange(own, namespace, name, Binding(own, namespace, name, subjects, RoleRef(kind, role_name), HERE), by)


def gone(change):
    """A change that deletes what ``change`` wrote."""
    return msgspec.structs.replace(change, obj=None)


DEVS, BOB, ROBOT = Subject("Group", "devs"), Subject("User", "bob"), Subject("ServiceAccount", "robot", "ci")
SECRETS = PolicyRule(("get",), ("",), ("secrets",))
PODS = PolicyRule(("get", "list"), ("",), ("pods",))
READER = role("reader", SECRETS)


def texts(live, *changes):
    """The lines that changes give, all at once."""
    return [change_text(one) for one in effective_changes(live, changes)]


def start(*changes):
    """A live policy in which ``changes`` have happened."""
    live = LivePolicy(PolicySet(), RBAC)
    live.apply(live.plan(changes))
    return live


def test_a_binding():
    """A binding gives and takes; who applied it is said, as far as it is known."""
    live, binding = start(READER), bind("x", "reader", DEVS, namespace="prod", by="helm")
    assert texts(live, binding) == ["group devs gained get secrets in prod, by RoleBinding prod/x, applied by helm"]
    assert texts(live, binding) == []
    assert texts(live, gone(binding)) == ["group devs lost get secrets in prod, by RoleBinding prod/x (deleted), last applied by helm"]
    assert texts(live, bind("y", "reader", ROBOT)) == [
        "service account ci/robot gained get secrets everywhere, by ClusterRoleBinding y, applied by unknown"
    ]


def test_a_role():
    """A role's change reaches everybody who holds it, in all their namespaces at once."""
    live = start(READER, *(bind("x", "reader", DEVS, namespace=name) for name in ("a", "b", "c", "d")), bind("y", "reader", BOB))
    assert texts(live, role("reader", SECRETS, PODS, by="kubectl")) == [
        "group devs gained get,list pods in a, b, c and 1 more, by RoleBinding a/x, RoleBinding b/x, RoleBinding c/x and 1 more,"
        " as ClusterRole reader was written, applied by kubectl",
        "user bob gained get,list pods everywhere, by ClusterRoleBinding y, as ClusterRole reader was written, applied by kubectl",
    ]
    assert [one.partition(", by")[0] for one in texts(live, gone(READER))] == [
        "group devs lost get secrets in a, b, c and 1 more",
        "group devs lost get,list pods in a, b, c and 1 more",
        "user bob lost get secrets everywhere",
        "user bob lost get,list pods everywhere",
    ]


@pytest.mark.parametrize(
    "other",
    [
        bind("other", "reader", DEVS),
        bind("other", "all", DEVS, namespace="prod"),
        bind("other", "reader", Subject("Group", "system:authenticated")),
        bind("other", "reader", Subject("Group", "system:authenticated"), namespace="prod"),
    ],
)
def test_what_other_grants_cover_is_silent(other):
    """Neither gained nor lost: what the group holds by another binding, a wildcard, or as everybody does (ATTR-16)."""
    everything = PolicyRule(("*",), ("*",), ("*",))
    live, binding = start(READER, role("all", everything), other), bind("x", "reader", DEVS, namespace="prod")
    assert texts(live, binding) == texts(live, gone(binding)) == []


def test_service_accounts_have_groups():
    """What all service accounts of a namespace hold, one of them does not gain (ATTR-14)."""
    live = start(READER, bind("all", "reader", Subject("Group", "system:serviceaccounts:ci"), namespace="prod"))
    assert texts(live, bind("x", "reader", ROBOT, namespace="prod")) == []
    live = start(READER, bind("all", "reader", Subject("Group", "system:serviceaccounts")))
    assert texts(live, bind("x", "reader", Subject("Group", "system:serviceaccounts:ci"))) == []
    assert len(texts(live, bind("y", "reader", Subject("Group", "system:unauthenticated")))) == 1


def test_everywhere_but():
    """What is gained everywhere was held in some namespaces already, and those are named; so when it is lost again."""
    live, binding = start(READER, bind("x", "reader", DEVS, namespace="prod")), bind("y", "reader", DEVS)
    assert texts(live, binding)[0].startswith("group devs gained get secrets everywhere but in prod, by ClusterRoleBinding y")
    assert texts(live, gone(binding))[0].startswith("group devs lost get secrets everywhere but in prod")


def test_names_and_urls():
    """A rule for certain names is less than one for all; URLs count for ClusterRoleBindings only (RBAC-29)."""
    named = msgspec.structs.replace(SECRETS, resource_names=("a", "b"))
    live = start(role("reader", named, PolicyRule(("get",), non_resource_urls=("/metrics",))))
    assert texts(live, bind("x", "reader", DEVS, namespace="prod")) == [
        "group devs gained get secrets named a,b in prod, by RoleBinding prod/x, applied by unknown"
    ]
    assert sorted(one.partition(",")[0] for one in texts(live, bind("y", "reader", BOB))) == [
        "user bob gained get /metrics everywhere",
        "user bob gained get secrets named a",
    ]
    assert texts(live, role("reader", SECRETS))[0].startswith("group devs gained get secrets in prod")


def test_the_privileged_group():
    """Whatever is bound to system:masters changes nothing (ATTR-25)."""
    assert texts(start(READER), bind("x", "reader", Subject("Group", "system:masters"))) == []


def test_a_relist_tells_causes_apart():
    """Of many changes at once each difference names those that brought it about, and a move between bindings is silent."""
    live = start(READER, role("pods", PODS), bind("old", "reader", DEVS, namespace="prod"), bind("p", "pods", BOB, namespace="prod"))
    found = effective_changes(
        live,
        [
            gone(bind("old", "reader", DEVS, namespace="prod")),
            bind("new", "reader", DEVS, namespace="prod", by="helm"),
            role("pods", by="argo"),
            role("unused", SECRETS, by="somebody"),
        ],
    )
    assert [(one.kind, one.name, one.gained, [cause.name for cause in one.causes]) for one in found] == [("User", "bob", False, ["pods"])]


def test_through_aggregation():
    """A role that is gathered into another gives its holders what it says; taking its label away takes that back (RBAC-41)."""
    gathers = AggregationRule((LabelSelector(match_labels={"to": "view"}),))
    live = start(role("view", aggregation=gathers), bind("x", "view", DEVS))
    part = role("part", SECRETS, labels={"to": "view"}, by="helm")
    end = "by ClusterRoleBinding x, as ClusterRole part was written, applied by helm"
    assert texts(live, part, role("unused", PODS)) == [f"group devs gained get secrets everywhere, {end}"]
    assert texts(live, role("part", SECRETS, by="helm")) == [f"group devs lost get secrets everywhere, {end}"]


def test_rules_that_never_differed_are_not_told():
    """A rewritten role tells what it has more, not what it said before in other words."""
    live = start(role("reader", PODS), bind("x", "reader", DEVS))
    split = [PolicyRule(("get",), ("",), ("pods", "secrets")), PolicyRule(("list",), ("",), ("pods",))]
    assert [one.partition(",")[0] for one in texts(live, role("reader", *split))] == ["group devs gained get secrets everywhere"]


def test_data():
    """The JSON form, with its schema; an unprintable name does not reach the text."""
    live = start(READER)
    odd = Subject("User", "eve\x1b[2J")
    [change] = effective_changes(live, [bind("x", "reader", odd, namespace="prod", by="helm")])
    data = change_data(change, "2026-01-02T03:04:05Z")
    assert data.pop("text") == "user eve?[2J gained get secrets in prod, by RoleBinding prod/x, applied by helm"
    assert data == {
        "schema": "rbaclens.change/v1",
        "time": "2026-01-02T03:04:05Z",
        "change": "gained",
        "subject": {"kind": "User", "name": "eve\x1b[2J"},
        "scopes": ["prod"],
        "exceptIn": [],
        "rule": {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]},
        "by": [{"kind": "RoleBinding", "name": "x", "namespace": "prod", "role": {"kind": "ClusterRole", "name": "reader"}}],
        "causes": [{"kind": "RoleBinding", "name": "x", "namespace": "prod", "deleted": False, "appliedBy": "helm"}],
    }


def test_many_causes_are_counted():
    """A line stays a line when many objects changed at once."""
    gathers = AggregationRule((LabelSelector(match_labels={"to": "view"}),))
    live = start(role("view", aggregation=gathers), bind("x", "view", DEVS))
    parts = [role(f"part{n}", SECRETS if n else PODS, labels={"to": "view"}) for n in range(6)]
    [line, *_] = texts(live, *parts)
    assert "more changes" in line or line.count("was written") <= 3
