"""Which binding applies, which role it means, and what is said of it: the index and the reference (RBAC-21 to RBAC-37)."""

from __future__ import annotations

import pytest

from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import Answer
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request
from rbaclens.model.rules import PolicyRule

RBAC = AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),))
HERE = Origin("test.yaml")
FULL = PolicyRule(("*",), ("*",), ("*",))


def role(name, *rules, namespace=""):
    return Role("Role" if namespace else "ClusterRole", namespace, name, rules, HERE)


def binding(name, ref, *subjects, namespace=""):
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    kind_of_role, _, role_name = ref.rpartition("/")
    return Binding(kind, namespace, name, subjects, RoleRef(kind_of_role or "ClusterRole", role_name), HERE)


def user(name):
    return Subject("User", name)


def group(name, api_group="rbac.authorization.k8s.io"):
    return Subject("Group", name, api_group=api_group)


def account(name, namespace=""):
    return Subject("ServiceAccount", name, namespace)


def rule(verbs, resources, api_groups=("",), names=()):
    return PolicyRule(tuple(verbs.split(",")), tuple(api_groups), tuple(resources.split(",")), tuple(names))


def both(policy, request):
    """The decisions of the index and of the reference, which say the same."""
    one, two = Engine(policy, RBAC).decide(request), reference(policy, RBAC, request)
    assert (one.answer, one.reason, one.evaluation_error, one.opinion.evidence) == (
        two.answer,
        two.reason,
        two.evaluation_error,
        two.opinion.evidence,
    )
    return one


KUBE_SYSTEM = (user("barfoo"), group("foobar"), account("default", "kube-system"))
EVERYBODY = (group("system:authenticated"), group("system:unauthenticated"))


@pytest.mark.parametrize(
    ("subjects", "name", "groups", "namespace", "first"),
    [
        ((user("foobar"),), "foobar", (), "", 0),
        ((user("barfoo"), user("foobar")), "foobar", (), "", 1),
        ((user("barfoo"), user("foobar")), "zimzam", (), "", None),
        ((user("barfoo"), group("foobar")), "zimzam", ("foobar",), "", 1),
        ((user("barfoo"), group("foobar")), "zimzam", ("foobar",), "namespace1", 1),
        (KUBE_SYSTEM, "system:serviceaccount:kube-system:default", (), "default", 2),
        ((user("*"),), "foobar", (), "default", None),
        (EVERYBODY, "foobar", ("system:authenticated",), "default", 0),
        (EVERYBODY, "system:anonymous", ("system:unauthenticated",), "default", 1),
        ((account("default"),), "system:serviceaccount:default:default", (), "default", 0),
        ((account("default"),), "system:serviceaccount:default:default", (), "", None),
        ((user("system:serviceaccount:ns:n"),), "system:serviceaccount:ns:n", (), "other", 0),
        ((group("g", "wrong.example.org"),), "bob", ("g",), "ns", 0),
        # Beyond the table: RBAC-24, RBAC-25, RBAC-26, and texts compared byte for byte.
        ((Subject("Robot", "bob"),), "bob", (), "ns", None),
        ((account("default"),), "system:serviceaccount::default", (), "", None),  # RBAC-23: nobody, not even by that name
        ((group("system:*"),), "bob", ("system:authenticated",), "ns", None),
        ((Subject("User", "bob", namespace="elsewhere"),), "bob", (), "ns", 0),
        ((group("system:serviceaccounts:a"),), "system:serviceaccount:a:n", ("system:serviceaccounts:a",), "ns", 0),
        ((account("n", "a"),), "system:serviceaccount:a:n", (), "ns", 0),
        ((account("n", "a"),), "system:serviceaccount:b:n", (), "a", None),
        ((user("g"),), "bob", ("g",), "ns", None),
        ((group("bob"),), "bob", (), "ns", None),
        ((user("Bob"),), "bob", (), "ns", None),
        ((), "bob", (), "ns", None),
    ],
)
def test_which_subject_applies(subjects, name, groups, namespace, first):
    """Table RBAC-D: a binding applies by its first matching subject, and that one is named (RBAC-21 to RBAC-26, X-03)."""
    policy = PolicySet((role("all", FULL),), (binding("b", "all", *subjects, namespace=namespace),))
    decision = both(policy, Request("get", "pods", namespace=namespace, user=name, groups=groups))
    assert decision.allowed == (first is not None)
    if first is not None:
        assert decision.opinion.evidence.subject is subjects[first]


ADMIN = PolicySet((role("admin", FULL),), (binding("b", "admin", user("admin"), group("admins"), namespace="ns1"),))
READ = rule("list", "pods")
READ_PODS = PolicySet((role("read-pods", READ),), (binding("b", "read-pods", user("u")),))
READ_PODS_NS1 = PolicySet((role("read-pods", READ),), (binding("b", "read-pods", user("u"), namespace="ns1"),))
ROLE_NS1 = PolicySet((role("r", READ, namespace="ns1"),), (binding("b", "Role/r", user("u"), namespace="ns1"),))
APIS = PolicySet((role("r", PolicyRule(verbs=("get",), non_resource_urls=("/apis",))),), (binding("b", "r", user("foo")),))
NODES = PolicySet((role("r", rule("get", "nodes")),), (binding("rb", "r", user("u"), namespace="ns1"),))
VIEW = PolicySet((role("view", rule("get", "namespaces")),), (binding("rb", "view", user("u"), namespace="ns1"),))
DANGLING = PolicySet((), (binding("b", "x", user("u")),))
RESCUED = PolicySet((role("r", rule("get", "pods")),), (binding("b", "x", user("u")), binding("c", "r", user("u"))))
ACCOUNT = PolicySet((role("r", rule("get", "pods"), namespace="ns1"),), (binding("rb", "Role/r", account("default"), namespace="ns1"),))
X_GONE = 'RBAC: clusterrole.rbac.authorization.k8s.io "x" not found'
BY_ACCOUNT = 'RBAC: allowed by RoleBinding "rb/ns1" of Role "r" to ServiceAccount "default/ns1"'


def asks(verb, resource, namespace="", name="", who="u", groups=()):
    return Request(verb, resource, namespace=namespace, name=name, user=who, groups=groups)


@pytest.mark.parametrize(
    ("policy", "request_", "allowed", "reason"),
    [
        (
            ADMIN,
            asks("get", "Pods", "ns1", who="admin"),
            True,
            'RBAC: allowed by RoleBinding "b/ns1" of ClusterRole "admin" to User "admin"',
        ),
        (
            ADMIN,
            asks("watch", "Foobar", "ns1", who="joe", groups=("group1", "admins")),
            True,
            'RBAC: allowed by RoleBinding "b/ns1" of ClusterRole "admin" to Group "admins"',
        ),
        (ADMIN, asks("get", "Pods", "ns2", who="admin"), False, ""),
        (ADMIN, asks("get", "Nodes", who="admin"), False, ""),
        (READ_PODS, asks("list", "pods"), True, 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "read-pods" to User "u"'),
        (READ_PODS, asks("list", "pods", "any"), True, 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "read-pods" to User "u"'),
        (READ_PODS_NS1, asks("list", "pods"), False, ""),
        (READ_PODS_NS1, asks("list", "pods", "ns1"), True, None),
        (ROLE_NS1, asks("list", "pods", "ns1"), True, 'RBAC: allowed by RoleBinding "b/ns1" of Role "r" to User "u"'),
        (ROLE_NS1, asks("list", "pods", "ns2"), False, ""),
        (ROLE_NS1, asks("list", "pods"), False, ""),
        (APIS, Request("get", path="/apis", user="foo"), True, None),
        (APIS, Request("watch", path="/apis", user="foo"), False, ""),
        (NODES, asks("get", "nodes", name="n1"), False, ""),
        (VIEW, asks("get", "namespaces", "ns1", "ns1"), True, None),
        (VIEW, asks("list", "namespaces"), False, ""),
        (DANGLING, asks("get", "pods"), False, X_GONE),
        (RESCUED, asks("get", "pods"), True, 'RBAC: allowed by ClusterRoleBinding "c" of ClusterRole "r" to User "u"'),
        (ACCOUNT, asks("get", "pods", "ns1", who="system:serviceaccount:ns1:default"), True, BY_ACCOUNT),
    ],
)
def test_objects_to_outcome(policy, request_, allowed, reason):
    """Table RBAC-E, with the reason texts (RBAC-27 to RBAC-37)."""
    decision = both(policy, request_)
    assert (decision.answer, decision.denied, decision.evaluation_error) == (Answer.YES if allowed else Answer.NO, False, "")
    if reason is not None:
        assert decision.reason == reason


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (binding("b", "Role/r", user("u")), 'role.rbac.authorization.k8s.io "r" not found'),
        (binding("b", "Role/other", user("u"), namespace="ns1"), 'role.rbac.authorization.k8s.io "other" not found'),
        (binding("b", "r", user("u"), namespace="ns1"), 'clusterrole.rbac.authorization.k8s.io "r" not found'),
        (binding("b", "Group/r", user("u"), namespace="ns1"), 'unsupported role reference kind: "Group"'),
        (binding("b", 'a"b', user("u")), r'clusterrole.rbac.authorization.k8s.io "a\"b" not found'),
    ],
)
def test_references_that_lead_nowhere(bound, text):
    """A Role is looked for in the binding's own namespace (RBAC-31, RBAC-32), and the text quotes the name (RBAC-34, X-07)."""
    policy = PolicySet((role("r", FULL, namespace="ns1"),), (bound,))
    assert both(policy, asks("get", "pods", "ns1")).reason == f"RBAC: {text}"
    assert both(policy, asks("get", "pods", "ns1", who="somebody else")).reason == ""  # RBAC-33


def test_several_errors_are_one_reason():
    """RBAC-37 and X-06: each text once, in brackets when more than one is left."""
    bound = [binding(name, ref, user("u")) for name, ref in (("a", "x"), ("b", "Role/y"), ("c", "x"))]
    wanted = 'RBAC: [clusterrole.rbac.authorization.k8s.io "x" not found, role.rbac.authorization.k8s.io "y" not found]'
    assert both(PolicySet((), tuple(bound)), asks("get", "pods")).reason == wanted
    once = 'RBAC: clusterrole.rbac.authorization.k8s.io "x" not found'
    assert both(PolicySet((), (bound[0], bound[2])), asks("get", "pods")).reason == once


def test_a_role_of_the_same_name_elsewhere_is_another_role():
    """RBAC-31: kind and namespace belong to a role's identity, and roleRef.apiGroup does not count."""
    roles = (role("r", FULL), role("r", rule("get", "pods"), namespace="ns1"), role("r", rule("get", "secrets"), namespace="ns2"))
    bound = tuple(binding("b", "Role/r", user("u"), namespace=namespace) for namespace in ("ns1", "ns2"))
    policy = PolicySet(roles, bound)
    for namespace, resource, allowed in (
        ("ns1", "pods", True),
        ("ns1", "secrets", False),
        ("ns2", "secrets", True),
        ("ns2", "pods", False),
    ):
        assert both(policy, asks("get", resource, namespace)).allowed is allowed
    odd = Binding("ClusterRoleBinding", "", "b", (user("u"),), RoleRef("ClusterRole", "r", "odd.example.org"), HERE)
    assert both(PolicySet(roles, (odd,)), asks("get", "anything")).allowed


def test_paths_need_a_cluster_role_binding():
    """RBAC-29, RBAC-30, ATTR-05: a path is asked without a namespace, so that no RoleBinding ever grants one."""
    url = PolicyRule(verbs=("get",), non_resource_urls=("*",))
    local = PolicySet((role("r", url),), (binding("b", "r", user("u"), namespace="ns1"),))
    assert not both(local, Request("get", path="/healthz", user="u")).allowed
    assert not both(local, Request("get", path="/healthz", namespace="ns1", user="u")).allowed


def test_our_order_names_the_grant():
    """RBAC-27, RBAC-28: of several grants the first is named: ClusterRoleBindings by name, then RoleBindings, then the first rule."""
    roles = (role("none"), role("r", rule("list", "pods"), rule("get", "pods"), FULL))
    cluster = (binding("z", "r", user("u")), binding("y", "none", user("u")))
    local = tuple(binding(name, "r", user("u"), namespace="ns1") for name in ("b", "a"))
    found = both(PolicySet(roles, local + cluster), asks("get", "pods", "ns1")).opinion.evidence
    assert (found.binding.name, found.rule_index) == ("z", 1)
    found = both(PolicySet(roles, local), asks("get", "pods", "ns1")).opinion.evidence
    assert (found.binding.name, found.rule_index) == ("a", 1)


def test_what_rbac_does_not_look_at():
    """Version and selectors change no answer, and a subject's apiGroup neither (RBAC-19, RBAC-24, SEL-17)."""
    plain = asks("list", "pods", "any")
    for request in (
        Request("list", "pods", namespace="any", user="u", version="v7"),
        Request("list", "pods", namespace="any", user="u", field_selector=(FieldRequirement("metadata.name", "=", "a"),)),
        Request("list", "pods", namespace="any", user="u", label_selector=(LabelRequirement("app", "in", ("web",)),)),
        Request("list", "pods", namespace="any", user="u", uid="1", extra={"scopes": ("none",)}),
    ):
        assert both(READ_PODS, request).reason == both(READ_PODS, plain).reason != ""
