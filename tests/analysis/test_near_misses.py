"""Why not: the grants that nearly matched (RBAC-07 to RBAC-34, ABAC-17 to ABAC-23), and that each would allow what it says."""

from __future__ import annotations

import msgspec
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.near_axes import rule_axes
from rbaclens.analysis.near_misses import EmptyGrant, near_misses
from rbaclens.analysis.near_text import alike, spans
from rbaclens.authorizers.reference.decide import decide
from rbaclens.index.engine import Engine, default_config
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import AbacGrant, NodeGrant, RbacGrant
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

ORIGIN = Origin("test")
BOB = Subject("User", "bob")
DEVS = Subject("Group", "devs")
PODS = PolicyRule(("get", "list"), ("",), ("pods",))
RULE_FIELDS = {"verb": "verbs", "apiGroup": "api_groups", "resource": "resources", "name": "resource_names", "path": "non_resource_urls"}
ABAC_FIELDS = {"apiGroup": "api_group", "resource": "resource", "path": "non_resource_path", "user": "user", "group": "group"}


def granted(*rules, subject=BOB, namespace="demo", role_kind="ClusterRole", name="b", **more):
    """A policy of one role and one binding."""
    role = Role(role_kind, namespace if role_kind == "Role" else "", "r", rules, ORIGIN)
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return PolicySet((role,), (Binding(kind, namespace, name, (subject,), RoleRef(role_kind, "r"), ORIGIN, **more),))


def pods(verb="get", user="bob", groups=(), namespace="demo", name="", subresource="", api_group=""):
    return Request(verb, "pods", api_group, subresource, namespace, name, user=user, groups=groups)


def only_miss(policy, request):
    """The one near miss: the names of what fails, the nearest request, and whether a mistake is named."""
    [miss] = near_misses(Engine(policy), request)
    return miss


@pytest.mark.parametrize(
    ("policy", "request_", "axes"),
    [
        (granted(PODS), pods("watch"), ["verb"]),
        (granted(PODS), pods("GET"), ["verb"]),
        (granted(PODS), pods("delete"), ["verb"]),
        (granted(PODS), pods(subresource="log"), ["subresource"]),
        (granted(PolicyRule(("get",), ("",), ("*/log",))), pods(), ["subresource"]),
        (granted(PODS), pods(api_group="metrics.k8s.io"), ["apiGroup"]),
        (granted(PolicyRule(("get",), ("",), ("pods",), ("web",))), pods(name="db"), ["name"]),
        (granted(PolicyRule(("create",), ("",), ("pods",), ("web",))), pods("create"), ["name"]),
        (granted(PODS), pods(namespace="other"), ["namespace"]),
        (granted(PODS), pods(namespace="Demo"), ["namespace"]),
        (granted(PODS), pods(namespace=""), ["scope"]),
        (granted(PODS, subject=DEVS), pods(), ["group"]),
        (granted(PODS), pods(user="eve"), ["user"]),
        (granted(PODS), pods(user="Bob"), ["user"]),
        (granted(PODS), pods(user="eve", groups=("bob",)), ["subject"]),
        (granted(PODS, subject=DEVS), pods(user="devs"), ["subject"]),
        (granted(PODS, subject=Subject("User", "sa")), pods(user="system:serviceaccount:demo:sa"), ["subject"]),
        (granted(PODS, subject=Subject("ServiceAccount", "sa")), pods(user="system:serviceaccount:other:sa"), ["user"]),
        (granted(PODS, subject=Subject("ServiceAccount", "sa")), pods(user="sa"), ["subject"]),
        (granted(PolicyRule(("get",), ("",), ("secrets",))), pods(), ["resource"]),
        (granted(PODS), pods("watch", namespace="other"), ["namespace", "verb"]),
        (
            granted(PolicyRule(("get",), non_resource_urls=("/healthz/*",)), namespace=""),
            Request("get", path="/healthz", user="bob"),
            ["path"],
        ),
        (
            granted(PolicyRule(("get",), non_resource_urls=("/metrics",)), namespace=""),
            Request("post", path="/metrics", user="bob"),
            ["verb"],
        ),
    ],
)
def test_another_request_would_be_allowed(policy, request_, axes):
    """Every axis of RBAC, each with the request that the grant does allow (RBAC-07 to RBAC-29)."""
    miss = only_miss(policy, request_)
    assert [axis.name for axis in miss.failed] == axes
    assert isinstance(miss.evidence, RbacGrant)
    assert miss.instead is not None
    assert Engine(policy).decide(miss.instead).allowed


@pytest.mark.parametrize(
    ("policy", "request_", "axis", "word"),
    [
        (granted(PolicyRule(("get",), ("",), ("pods/*",))), pods(subresource="log"), "resource", "pods/*"),
        (granted(PolicyRule(("get",), ("",), ("pods/*",))), pods(), "resource", "pods/*"),
        (granted(PolicyRule(("get",), ("",), ("*/*",))), pods(), "resource", "*/*"),
        (granted(PolicyRule(("get",), ("",), ("pod*",))), pods(), "resource", "no pattern"),
        (granted(PolicyRule(("get",), ("v1",), ("pods",))), pods(), "apiGroup", "core group"),
        (granted(PolicyRule(("get",), ("apps/v1",), ("pods",))), pods(api_group="apps"), "apiGroup", "write apps"),
        (granted(PolicyRule(("get",), ("",), ("pods",), ("web-*",))), pods(name="web-0"), "name", "web-*"),
        (granted(PolicyRule(("get",), ("",), ("pods",), ("*",))), pods(), "name", "no pattern"),
        (granted(PODS, subject=Subject("User", "*")), pods(), "user", "no pattern"),
        (granted(PODS, subject=Subject("Group", "team-*")), pods(groups=("team-a",)), "group", "team-*"),
        (granted(PODS, subject=Subject("Robot", "bob")), pods(), "subject", "Robot"),
        (
            granted(PODS, subject=Subject("ServiceAccount", "sa"), namespace=""),
            pods(user="system:serviceaccount:demo:sa"),
            "subject",
            "namespace",
        ),
        (
            granted(PolicyRule(("get",), non_resource_urls=("/metrics",))),
            Request("get", path="/metrics", user="bob"),
            "scope",
            "never a URL",
        ),
        (
            granted(PolicyRule(("get",), non_resource_urls=("/apis/*/v1",)), namespace=""),
            Request("get", path="/apis/apps/v1", user="bob"),
            "path",
            "end",
        ),
    ],
)
def test_only_the_policy_can_help(policy, request_, axis, word):
    """What is written and has no effect is named as the mistake that it is (RBAC-12, RBAC-17, RBAC-23, RBAC-24)."""
    miss = only_miss(policy, request_)
    assert [found.name for found in miss.failed] == [axis]
    assert word in miss.failed[0].mistake
    assert miss.instead is None


@pytest.mark.parametrize(
    ("kind", "ref", "namespace", "word"),
    [
        ("RoleBinding", RoleRef("Role", "gone"), "demo", "there is no Role gone in namespace demo"),
        ("RoleBinding", RoleRef("ClusterRole", "gone"), "demo", "there is no ClusterRole gone"),
        ("ClusterRoleBinding", RoleRef("Role", "gone"), "", "cannot refer to a Role"),
        ("RoleBinding", RoleRef("Robot", "gone"), "demo", "no kind of role"),
        ("RoleBinding", RoleRef("ClusterRole", "empty"), "demo", "has no rules"),
    ],
)
def test_bindings_without_effect(kind, ref, namespace, word):
    """A binding that names the user and grants nothing is a near miss (RBAC-31 to RBAC-34)."""
    binding = Binding(kind, namespace, "b", (BOB,), ref, ORIGIN)
    miss = only_miss(PolicySet((Role("ClusterRole", "", "empty", (), ORIGIN),), (binding,)), pods())
    assert isinstance(miss.evidence, EmptyGrant)
    assert word in miss.failed[0].mistake


def line(**fields):
    return AbacPolicy(ORIGIN, 1, **{"user": "bob", "namespace": "projectCaribou", "resource": "pods"} | fields)


@pytest.mark.parametrize(
    ("policy", "changes", "axes"),
    [
        (line(readonly=True), {"verb": "delete"}, ["readonly"]),
        (line(), {"namespace": "projectcaribou"}, ["namespace"]),
        (line(), {"api_group": "unicorn.example.org"}, ["apiGroup"]),
        (line(), {"resource": "pod"}, ["resource"]),
        (line(resource="pods/log"), {}, ["resource"]),
        (line(user="Bob"), {}, ["user"]),
        (line(group="devs"), {}, ["group"]),
        (line(user="", group="devs"), {}, ["group"]),
        (line(user=""), {}, ["subject"]),
        (line(resource="", namespace="", non_resource_path="/logs/*"), {"path": "/logs"}, ["path"]),
    ],
)
def test_lines_of_an_abac_file(policy, changes, axes):
    """Every axis of ABAC (ABAC-17 to ABAC-23)."""
    request = Request(**{"verb": "get", "resource": "pods", "namespace": "projectCaribou", "user": "bob"} | changes)
    miss = only_miss(PolicySet(abac=(policy,)), request)
    assert [axis.name for axis in miss.failed] == axes
    assert isinstance(miss.evidence, AbacGrant)


def test_a_node_without_the_group_of_nodes():
    """NODE-01: the user name alone is no node."""
    miss = only_miss(PolicySet(), Request("get", "services", namespace="demo", user="system:node:n1"))
    assert isinstance(miss.evidence, NodeGrant)
    assert [(axis.name, axis.held) for axis in miss.failed] == [("group", ("system:nodes",))]


@pytest.mark.parametrize(
    ("policy", "request_"),
    [
        (granted(PODS), pods()),
        (granted(PODS, subject=Subject("Group", "system:masters")), pods(user="eve")),
        (granted(PODS, subject=Subject("User", "kube"), labels={"kubernetes.io/bootstrapping": "rbac-defaults"}), pods()),
        (granted(PODS), Request("get", path="/healthz", user="bob")),
        (granted(PolicyRule(("get",), non_resource_urls=("/version",)), namespace=""), Request("get", path="/metrics", user="bob")),
        (granted(PODS), pods("delete", user="eve")),
        (granted(PODS), pods("delete", namespace="other", api_group="apps")),
    ],
)
def test_what_is_no_near_miss(policy, request_):
    """An allowed request, the privileged group, the cluster's own controllers, and what is too far away."""
    assert near_misses(Engine(policy), request_) == ()


def test_the_nearest_comes_first():
    """A slip of the pen before another namespace, and that before somebody else."""
    objects = [
        granted(PODS, subject=Subject("User", name), namespace=namespace)
        for name, namespace in (("eve", "demo"), ("bob", "other"), ("Bob", "demo"), ("bob", "third"))
    ]
    bindings = tuple(msgspec.structs.replace(p.bindings[0], name=f"b{i}") for i, p in enumerate(objects))
    policy = PolicySet(objects[0].roles, bindings)
    found = near_misses(Engine(policy), pods())
    assert [miss.evidence.binding.name for miss in found] == ["b2", "b1", "b3", "b0"]
    assert near_misses(Engine(policy), pods(), limit=2) == found[:2]


def test_authorizers_that_are_not_in_the_chain_have_no_near_misses():
    """Only what the chain asks can be a near miss."""
    config = AuthorizerConfig((AuthorizerEntry("ABAC", "abac"),))
    assert near_misses(Engine(granted(PODS), config), pods("watch")) == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Bob", "bob", True),
        ("pod", "pods", True),
        ("Ingress", "ingresses", True),
        ("networkpolicy", "networkpolicies", True),
        ("projectcaribou", "projectCaribou", True),
        ("deploymnets", "deployments", True),
        ("deploymets", "deployments", True),
        ("secrats", "secrets", True),
        ("ns-1", "ns-2", False),
        ("team-148", "team-184", False),
        ("team-a", "team-b", False),
        ("get", "put", False),
        ("", "a", False),
    ],
)
def test_names_that_are_nearly_the_same(one, other, same):
    """Case, plural and one slip; numbers and one-letter words tell things apart."""
    assert alike(one, other) is alike(other, one) is same


@given(st.text("ab*", max_size=6), st.text("ab", max_size=6))
def test_spans_is_a_glob(pattern, text):
    """A star stands for anything, and a text without one spans nothing."""
    import re

    glob = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text)
    assert spans(pattern, text) == ("*" in pattern and glob is not None)


def of_only(evidence):
    """The policy that consists of a near miss's evidence alone."""
    if isinstance(evidence, AbacGrant):
        return PolicySet(abac=(evidence.policy,))
    if isinstance(evidence, EmptyGrant):
        return PolicySet((), (evidence.binding,))
    return PolicySet((msgspec.structs.replace(evidence.role, rules=(evidence.rule,)),), (evidence.binding,))


def mended(miss, axes, request):
    """The evidence alone with the mistakes among ``axes`` put right, and the request with the others replaced."""
    policy = of_only(miss.evidence)
    for axis in axes:
        if axis.change:
            changes = {field: (*request.groups, value) if field == "groups" else value for field, value in axis.change.items()}
            request = msgspec.structs.replace(request, **changes)
        elif policy.abac:
            field = "user" if axis.name == "subject" else ABAC_FIELDS[axis.name]
            policy = PolicySet(abac=(msgspec.structs.replace(policy.abac[0], **{field: axis.wanted}),))
        else:
            policy = mend_rbac(policy, axis, request)
    return policy, request


def mend_rbac(policy, axis, request):
    [binding], roles = policy.bindings, policy.roles
    if axis.name == "role":
        what = {"non_resource_urls": ("*",)} if request.path is not None else {"api_groups": ("*",), "resources": ("*",)}
        return whole(PolicyRule(("*",), **what), binding=binding)
    if axis.name in RULE_FIELDS:
        rule = msgspec.structs.replace(roles[0].rules[0], **{RULE_FIELDS[axis.name]: (axis.wanted,)})
        return PolicySet((msgspec.structs.replace(roles[0], rules=(rule,)),), (binding,))
    if axis.name == "scope":
        everywhere = msgspec.structs.replace(
            binding,
            kind="ClusterRoleBinding",
            namespace="",
            subjects=tuple(msgspec.structs.replace(s, namespace=s.namespace or binding.namespace) for s in binding.subjects),
        )
        return whole(*roles[0].rules, binding=everywhere)
    subject = Subject("Group", axis.wanted) if axis.wanted in request.groups else Subject("User", request.user)
    return PolicySet(roles, (msgspec.structs.replace(binding, subjects=(subject,)),))


def whole(*rules, binding):
    role = Role("ClusterRole", "", "mended", rules, ORIGIN)
    return PolicySet((role,), (msgspec.structs.replace(binding, role_ref=RoleRef("ClusterRole", "mended")),))


@given(strategies.policies(), strategies.requests())
@settings(max_examples=300)
def test_a_near_miss_fails_on_exactly_what_it_says(policy, request):
    """With all that failed replaced (in the request, or in the policy where only that helps) the grant alone allows; with
    one of them left as it is, it does not."""
    config = default_config(PolicySet(abac=()))
    for miss in near_misses(Engine(policy), request, limit=50):
        mended_policy, other = mended(miss, miss.failed, request)
        assert decide(mended_policy, config, other).allowed
        if all(axis.change for axis in miss.failed):
            assert other == miss.instead
        for left in miss.failed:
            partly, other = mended(miss, [axis for axis in miss.failed if axis is not left], request)
            assert not decide(partly, config, other).allowed, left


def at_least_one(values):
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def allowed(draw):
    """A policy of one grant, and a request that it allows."""
    rule = PolicyRule(
        draw(at_least_one(["get", "list", "*"])),
        draw(at_least_one(["", "apps", "*"])),
        draw(at_least_one(["pods", "pods/log", "*/log", "*"])),
        draw(strategies.some(["x", "y"])),
    )
    verb, api_group, resource = (
        draw(st.sampled_from(held)).replace("*", "thing") for held in (rule.verbs, rule.api_groups, rule.resources)
    )
    name = draw(st.sampled_from(rule.resource_names or ("", "x")))
    namespace = draw(st.sampled_from(["", "a"]))
    resource, _, subresource = resource.partition("/")
    subject = draw(st.sampled_from([BOB, DEVS]))
    who = {"user": "bob", "groups": ("devs",)}
    policy = granted(rule, subject=subject, namespace=namespace)
    return policy, Request(verb, resource, api_group, subresource, namespace or draw(st.sampled_from(["", "a"])), name, **who)


@given(allowed(), strategies.policies(), st.sampled_from(["verb", "subresource", "api_group", "namespace", "name", "user", "groups"]))
def test_one_changed_attribute_is_found(grant, noise, field):
    """A request that was allowed until one attribute was changed has the grant among its near misses, failing on that alone."""
    one, request = grant
    policy = PolicySet(one.roles + noise.roles, one.bindings + noise.bindings)
    engine = Engine(policy)
    changed = msgspec.structs.replace(request, **{field: () if field == "groups" else "elsewhere"})
    if engine.decide(changed).allowed:
        assert near_misses(engine, changed) == ()
        return
    [miss] = [m for m in near_misses(engine, changed, 100) if isinstance(m.evidence, RbacGrant) and m.evidence.binding is one.bindings[0]]
    names = {"api_group": {"apiGroup"}, "groups": {"group"}, "namespace": {"namespace", "scope"}, "user": {"user"}}.get(field, {field})
    assert len(miss.failed) == 1
    assert miss.failed[0].name in names


@given(strategies.rules, strategies.requests())
def test_a_rule_without_failing_axes_allows(rule, request):
    """No axis fails if and only if the rule allows (RBAC-07, RBAC-08)."""
    from rbaclens.authorizers.matching import rule_allows

    assert (rule_axes(rule, request) == ()) == rule_allows(rule, request)
