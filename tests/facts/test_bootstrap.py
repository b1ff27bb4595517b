"""The default policy that ships: what the API server itself promises of it (RBAC-47, RBAC-48, RBAC-55 to RBAC-60)."""

from __future__ import annotations

import json

import pytest

from rbaclens.authorizers.matching import rule_allows
from rbaclens.facts import bootstrap_bytes
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.identity import implied_groups
from rbaclens.model.request import Request
from rbaclens.sources import load

POLICY = load([])
RBAC = Engine(POLICY, AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),)))
WHOLE = Engine(POLICY)
ROLES = {role.name: role for role in POLICY.roles if role.kind == "ClusterRole"}
AUTHORIZATION, AUTHENTICATION, RBAC_GROUP = "authorization.k8s.io", "authentication.k8s.io", "rbac.authorization.k8s.io"


def may(user, verb, what, group="", namespace="", engine=RBAC):
    by = {"user": user, "groups": implied_groups(user)}
    if what.startswith("/"):
        return engine.decide(Request(verb, path=what, **by)).allowed
    resource, _, subresource = what.partition("/")
    return engine.decide(Request(verb, resource, group, subresource, namespace, **by)).allowed


def covers(role, verb, what, group=""):
    resource, _, subresource = what.partition("/")
    return any(rule_allows(rule, Request(verb, resource, group, subresource, "ns", "x")) for rule in ROLES[role].rules)


def test_marks():
    """RBAC-48: each default object says that it is one and that it is renewed; the lists of a rule are sorted."""
    for item in json.loads(bootstrap_bytes())["items"]:
        meta = item["metadata"]
        assert meta["labels"]["kubernetes.io/bootstrapping"] == "rbac-defaults"
        assert meta["annotations"]["rbac.authorization.kubernetes.io/autoupdate"] == "true"
        for rule in item.get("rules") or ():
            assert all(texts == sorted(texts) for texts in rule.values())
            assert ("list" in rule["verbs"]) <= ("watch" in rule["verbs"])


def test_everything_is_there():
    """RBAC-47, RBAC-56: nothing was refused on its way in, no binding dangles, and local defaults are in two namespaces."""
    assert (POLICY.notices, POLICY.gaps) == ((), ())
    known = {(role.kind, role.namespace, role.name) for role in POLICY.roles}
    for binding in POLICY.bindings:
        ref = binding.role_ref
        assert (ref.kind, binding.namespace if ref.kind == "Role" else "", ref.name) in known
    assert {role.namespace for role in POLICY.roles} == {"", "kube-system", "kube-public"}
    assert {binding.namespace for binding in POLICY.bindings} == {"", "kube-system", "kube-public"}


def test_nodes_are_not_bound():
    """RBAC-55: the binding of system:node has no subjects, so that nodes live by the node authorizer; that has no paths (NODE-54)."""
    (binding,) = [one for one in POLICY.bindings if one.name == "system:node"]
    assert binding.subjects == ()
    assert not any(rule.non_resource_urls for rule in ROLES["system:node"].rules)
    assert may("system:node:n1", "list", "services", engine=WHOLE)
    assert not may("system:node:n1", "list", "services")
    assert not may("system:node:n1", "get", "/metrics", engine=WHOLE)
    assert may("system:node:n1", "get", "/version", engine=WHOLE)  # by system:public-info-viewer


@pytest.mark.parametrize(
    ("user", "verb", "what", "group", "allowed"),
    [
        ("system:anonymous", "get", "/healthz", "", True),
        ("system:anonymous", "get", "/version", "", True),
        ("system:anonymous", "get", "/api", "", False),
        ("system:anonymous", "head", "/healthz", "", False),  # RI-35
        ("bob", "get", "/api", "", True),
        ("bob", "get", "/openapi/v3", "", True),
        ("bob", "get", "/metrics", "", False),
        ("bob", "create", "selfsubjectaccessreviews", AUTHORIZATION, True),  # SAR-22
        ("bob", "create", "selfsubjectrulesreviews", AUTHORIZATION, True),  # SSRR-01
        ("bob", "create", "selfsubjectreviews", AUTHENTICATION, True),  # SAR-24
        ("bob", "create", "subjectaccessreviews", AUTHORIZATION, False),
        ("system:anonymous", "create", "selfsubjectaccessreviews", AUTHORIZATION, False),  # SAR-22
        ("system:anonymous", "create", "selfsubjectreviews", AUTHENTICATION, False),
        ("system:serviceaccount:shop:app", "get", "/.well-known/openid-configuration", "", True),
        ("bob", "get", "/.well-known/openid-configuration", "", False),
        ("bob", "list", "pods", "", False),
        ("system:serviceaccount:kube-system:clusterrole-aggregation-controller", "escalate", "clusterroles", RBAC_GROUP, True),  # RBAC-46
    ],
)
def test_what_everybody_may(user, verb, what, group, allowed):
    """RBAC-57: four default roles are bound to everybody or everybody authenticated (also SAR-22, SAR-24, SSRR-01, RBAC-46)."""
    assert may(user, verb, what, group) is allowed


def test_cluster_admin():
    """RBAC-58: everything, for the group that needs no role."""
    (binding,) = [one for one in POLICY.bindings if one.name == "cluster-admin"]
    assert [(one.kind, one.name) for one in binding.subjects] == [("Group", "system:masters")]
    assert covers("cluster-admin", "anything", "anything/at-all", "any.example.org")
    assert any(rule_allows(rule, Request("get", path="/x")) for rule in ROLES["cluster-admin"].rules)


SENSITIVE = ("secrets", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy")


def test_the_three_tiers():
    """RBAC-59, RBAC-60: view reads nothing sensitive, edit does, and only admin touches roles; each holds the one below it."""
    for what in SENSITIVE:
        assert not covers("view", "get", what)
        assert all(covers("edit", verb, what) for verb in ("get", "create", "update", "delete"))
    assert covers("edit", "impersonate", "serviceaccounts")
    assert covers("edit", "create", "serviceaccounts/token")
    for tier, roles in (("view", False), ("edit", False), ("admin", True)):
        assert covers(tier, "create", "rolebindings", RBAC_GROUP) is roles
        assert covers(tier, "get", "pods")
        assert not covers(tier, "update", "namespaces")
        assert not covers(tier, "create", "resourcequotas")
        assert not covers(tier, "get", "nodes")
    assert covers("admin", "create", "localsubjectaccessreviews", AUTHORIZATION)  # SAR-19
    assert set(ROLES["view"].rules) <= set(ROLES["edit"].rules) <= set(ROLES["admin"].rules)


def test_gates():
    """X-05: what a gate brings is there when the gate is on by default in 1.36, and not when it is off."""
    texts = bootstrap_bytes().decode()
    for resource, on in (
        ("resourceclaims/binding", True),
        ("nodes/healthz", True),
        ("/flagz", True),
        ("clustertrustbundles", False),
        ("podcertificaterequests", False),
        ("podgroups", False),
        ("devicetaintrules", False),
    ):
        assert (f'"{resource}"' in texts) is on
