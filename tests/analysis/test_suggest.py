"""What to add so that a no becomes a yes, and nothing else (RBAC-07 to RBAC-29, VAL-02 to VAL-17)."""

from __future__ import annotations

import msgspec
import pytest
import strategies
from hypothesis import given, settings

from rbaclens.analysis.suggest import BIND_EXISTING, NEW_ROLE, NOTHING, extended, suggest
from rbaclens.authorizers.reference.decide import decide
from rbaclens.authorizers.webhook import WebhookAuthorizer
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import Answer
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP, Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule
from rbaclens.sources.strict import check_object

ORIGIN = Origin("test")
GET_PODS = PolicyRule(("get",), ("",), ("pods",))
REF = {"apiGroup": RBAC_GROUP}


def ask(verb="get", resource="pods", **more):
    return Request(verb, resource, **{"namespace": "demo", "user": "bob"} | more)


def role(name, *rules, namespace="", **more):
    return Role("Role" if namespace else "ClusterRole", namespace, name, rules, ORIGIN, **more)


def test_a_new_role_and_its_binding():
    """The smallest Role and RoleBinding, as manifests."""
    found = suggest(Engine(PolicySet()), ask(subresource="log", name="web-0"))
    head = {"apiVersion": f"{RBAC_GROUP}/v1"}
    assert found.kind == NEW_ROLE
    assert found.objects == (
        {
            **head,
            "kind": "Role",
            "metadata": {"name": "get-pods-log-web-0", "namespace": "demo"},
            "rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods/log"], "resourceNames": ["web-0"]}],
        },
        {
            **head,
            "kind": "RoleBinding",
            "metadata": {"name": "get-pods-log-web-0-bob", "namespace": "demo"},
            "subjects": [{"kind": "User", "name": "bob", **REF}],
            "roleRef": {**REF, "kind": "Role", "name": "get-pods-log-web-0"},
        },
    )
    assert found.decision.answer is Answer.YES


@pytest.mark.parametrize(
    ("who", "subject"),
    [
        ({"user": "bob"}, {"kind": "User", "name": "bob", **REF}),
        ({"user": "system:serviceaccount:shop:sa"}, {"kind": "ServiceAccount", "name": "sa", "namespace": "shop"}),
        ({"user": "system:serviceaccount:Shop:sa"}, {"kind": "User", "name": "system:serviceaccount:Shop:sa", **REF}),
        ({"user": "", "groups": ("devs", "system:authenticated")}, {"kind": "Group", "name": "devs", **REF}),
        ({"user": "", "groups": ("system:authenticated",)}, {"kind": "Group", "name": "system:authenticated", **REF}),
    ],
)
def test_the_form_of_the_subject(who, subject):
    """Users, service accounts and the group that was asked about (RBAC-22, ATTR-18)."""
    assert suggest(Engine(PolicySet()), ask(**who)).objects[1]["subjects"] == [subject]


@pytest.mark.parametrize(
    ("request_", "kinds", "rule"),
    [
        (ask(namespace=""), ["ClusterRole", "ClusterRoleBinding"], {"resources": ["pods"]}),
        (Request("get", path="/metrics", user="bob"), ["ClusterRole", "ClusterRoleBinding"], {"nonResourceURLs": ["/metrics"]}),
        (ask("create", name="x"), ["Role", "RoleBinding"], {"resourceNames": None}),
        (ask("deletecollection", name="x"), ["Role", "RoleBinding"], {"resourceNames": None}),
        (ask("create", subresource="exec", name="x"), ["Role", "RoleBinding"], {"resourceNames": ["x"]}),
        (ask("list", name="x"), ["Role", "RoleBinding"], {"resourceNames": ["x"]}),
        (ask(resource="deployments", api_group="apps"), ["Role", "RoleBinding"], {"apiGroups": ["apps"]}),
    ],
)
def test_scope_and_names(request_, kinds, rule):
    """Cluster scope and URLs need a ClusterRoleBinding; resourceNames are there where the verb can carry one (RBAC-16)."""
    found = suggest(Engine(PolicySet()), request_)
    assert [item["kind"] for item in found.objects] == kinds
    assert {key: found.objects[0]["rules"][0].get(key) for key in rule} == rule


@pytest.mark.parametrize(
    ("roles", "ref"),
    [
        ([role("a", GET_PODS)], ("ClusterRole", "a")),
        ([role("a", GET_PODS), role("b", GET_PODS, namespace="demo")], ("Role", "b")),
        ([role("a", GET_PODS, GET_PODS)], ("ClusterRole", "a")),
        ([role("a", PolicyRule(("get", "list"), ("",), ("pods",)))], None),
        ([role("a", GET_PODS, namespace="other")], None),
        ([role("a", PolicyRule(("get",), ("",), ("pods",), ("x",)))], None),
        ([role("a", GET_PODS, aggregation=AggregationRule((LabelSelector({"x": "y"}),)))], None),
    ],
)
def test_an_existing_role_is_bound_only_when_it_grants_exactly_this(roles, ref):
    """Coverage both ways; another namespace's roles, larger and aggregated ones are left alone (ESC-20)."""
    found = suggest(Engine(PolicySet(tuple(roles))), ask())
    assert found.kind == (BIND_EXISTING if ref else NEW_ROLE)
    assert len(found.objects) == (1 if ref else 2)
    if ref:
        assert found.objects[0]["roleRef"] == {**REF, "kind": ref[0], "name": ref[1]}


def test_names_do_not_collide():
    """Neither with a role or binding that is there, nor with a name that a dangling binding waits for."""
    waiting = Binding("RoleBinding", "demo", "get-pods-3-bob", (Subject("User", "eve"),), RoleRef("Role", "get-pods-2"), ORIGIN)
    policy = PolicySet((role("get-pods", namespace="demo"),), (waiting,))
    assert [item["metadata"]["name"] for item in suggest(Engine(policy), ask()).objects] == ["get-pods-3", "get-pods-3-bob-2"]


@pytest.mark.parametrize(
    ("policy", "types", "request_", "note"),
    [
        (PolicySet(), ["RBAC"], ask(groups=("system:masters",)), "allowed already"),
        (PolicySet(), ["ABAC"], ask(), "RBAC is not among"),
        (PolicySet(), ["RBAC"], ask(namespace="projectCaribou"), "no valid name of a namespace"),
        (PolicySet(), ["RBAC"], ask(user=""), "neither a user nor a group"),
    ],
)
def test_when_nothing_helps_it_says_so(policy, types, request_, note):
    """No object is shown that would not change the answer."""
    config = AuthorizerConfig(tuple(AuthorizerEntry(name, name.lower()) for name in types))
    found = suggest(Engine(policy, config), request_)
    assert (found.kind, found.objects) == (NOTHING, ())
    assert note in found.notes[0]


@pytest.mark.parametrize(
    ("order", "assumed", "kind", "note"),
    [
        (("Webhook", "RBAC"), "deny", NOTHING, "hook denies before RBAC is asked"),
        (("RBAC", "Webhook"), "deny", NEW_ROLE, ""),
        (("Webhook", "RBAC"), "no-opinion", NEW_ROLE, ""),
        (("Webhook", "RBAC"), None, NEW_ROLE, "still unknown: webhook hook was not asked"),
    ],
)
def test_webhooks_in_the_chain(order, assumed, kind, note):
    """A webhook that denies first cannot be overruled; one that was not asked leaves a doubt (ATTR-23)."""
    config = AuthorizerConfig(tuple(AuthorizerEntry(name, "hook") for name in order))
    found = suggest(Engine(PolicySet(), config, webhook=lambda entry: WebhookAuthorizer(entry, assumed=assumed)), ask())
    assert found.kind == kind
    assert note in " ".join(found.notes)


def test_a_role_that_gathers_everything_is_told():
    """An aggregated role that selects every ClusterRole takes the new one too (RBAC-42)."""
    greedy = role("greedy", aggregation=AggregationRule((LabelSelector(),)))
    notes = suggest(Engine(PolicySet((greedy,))), ask(namespace="")).notes
    assert any("greedy gathers every ClusterRole" in note for note in notes)


def test_extended_replaces_what_is_there():
    """An object of the same name takes the other's place, and aggregated roles are filled again (RBAC-44)."""
    gathering = role("all", aggregation=AggregationRule((LabelSelector({"a": "b"}),)))
    old, new = role("r", labels={"a": "b"}), role("r", GET_PODS, labels={"a": "b"})
    roles = {item.name: item for item in extended(PolicySet((gathering, old)), [new]).roles}
    assert set(roles) == {"all", "r"}
    assert roles["r"] == new
    assert roles["all"].rules == (GET_PODS,)


def added(suggestion, policy):
    """The policy with the suggestion, read from its manifests as an API server would."""
    items = [check_object(item) for item in suggestion.objects]
    assert all(isinstance(item, Role | Binding) for item in items), items
    return extended(policy, items)


@given(strategies.policies(), strategies.requests(), strategies.requests())
@settings(max_examples=200)
def test_a_suggestion_allows_this_and_nothing_else(policy, request, other):
    """The reference allows the request with the manifests added; another request's answer changes only where the same
    subject asks for what the request's own words cover."""
    engine = Engine(policy)
    found = suggest(engine, request)
    if found.kind == NOTHING:
        allowed_or_nobody = decide(policy, engine.config, request).allowed or not (request.user or any(request.groups))
        assert allowed_or_nobody
        return
    larger = added(found, policy)
    assert decide(larger, engine.config, request).allowed
    assert not decide(policy, engine.config, request).allowed
    stars = any("*" in text for text in (request.verb, request.api_group, request.combined, request.path or ""))
    same_want = (other.verb, other.combined, other.api_group, other.path) == (
        request.verb,
        request.combined,
        request.api_group,
        request.path,
    )
    [subject] = found.objects[-1]["subjects"]
    same_subject = subject["name"] in other.groups if subject["kind"] == "Group" else other.user == request.user
    if not same_subject or not (same_want or stars):
        assert decide(larger, engine.config, other).answer is decide(policy, engine.config, other).answer
    # The same person in another place: nothing, unless it was asked for everywhere.
    elsewhere = msgspec.structs.replace(request, namespace="c")
    if request.path is None and request.namespace not in ("", "c"):
        assert decide(larger, engine.config, elsewhere).answer is decide(policy, engine.config, elsewhere).answer
