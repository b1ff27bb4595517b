"""Thirty-eight rules and requests that show what matches what, each decided by the index and by the reference.

Requests are what a client sends, so that what the API server makes of a URL is part of the case.
"""

from __future__ import annotations

import msgspec
import pytest
from audit_rules import RBAC, binding, given, grant, group, judged, policy_of, role, rule, urls, user

from rbaclens.analysis.escalation import EscalationChecker, Operation
from rbaclens.analysis.impersonation import Target, decide_impersonation
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.errors import UsageError
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.identity import implied_groups
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, RoleRef, Subject
from rbaclens.model.request import Request
from rbaclens.requests.http import request_from_http
from rbaclens.requests.kubectl import requests_of_kubectl
from rbaclens.requests.resources import ResourceCatalogue

BY_RBAC = AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),))
BY_ABAC = AuthorizerConfig((AuthorizerEntry("ABAC", "abac"),))
SHOP = "/api/v1/namespaces/shop"
ACCOUNT = "system:serviceaccount:shop:app"
ME = "mallory"


def send(line, who=ME):
    """The request that a line such as ``GET /api`` becomes, by somebody with the groups that authentication adds."""
    method, target = line.split(" ")
    return request_from_http(method, target, user=who, groups=implied_groups(who))


def verb(word, resource, namespace="", name="", api_group="", who=ME):
    """A request by its attributes, for verbs that no URL has."""
    return Request(word, resource, api_group, "", namespace, name, user=who, groups=implied_groups(who))


PATHS = [role("paths", urls("get", "/metrics")), binding("paths", user(ME), role="paths", namespace="shop")]
NO_PLACE = [
    role("reader", rule("get", "pods")),
    binding("reader", {"kind": "ServiceAccount", "name": "app"}, role="reader", namespace="shop"),
]

VECTORS = {
    "01 pods/* is no subresource": (
        grant("get", "pods/*"),
        [(send(f"GET {SHOP}/pods/web/log"), False), (send(f"GET {SHOP}/pods/web"), False)],
    ),
    "02 */* is nothing": (grant("get", "*/*"), [(send(f"GET {SHOP}/pods/web/log"), False), (send(f"GET {SHOP}/pods/web"), False)]),
    "03 */log is every log": (grant("get", "*/log"), [(send(f"GET {SHOP}/pods/web/log"), True), (send(f"GET {SHOP}/pods/web"), False)]),
    "04 * is nodes/proxy too": (grant("get", "*"), [(send("GET /api/v1/nodes/n1/proxy/metrics"), True)]),
    "05 pods is no log": (grant("get", "pods"), [(send(f"GET {SHOP}/pods/web/log"), False), (send(f"GET {SHOP}/pods/web"), True)]),
    "06 apps is not the core group": (grant("get", "pods", "apps"), [(send(f"GET {SHOP}/pods/web"), False)]),
    "07 core is no name of the core group": (grant("get", "pods", "core"), [(send(f"GET {SHOP}/pods/web"), False)]),
    "08 a list has no name": (grant("list", "secrets", names="a"), [(send(f"GET {SHOP}/secrets"), False)]),
    "09 but by a field selector": (
        grant("list", "secrets", names="a"),
        [
            (send(f"GET {SHOP}/secrets?fieldSelector=metadata.name%3Da"), True),
            (send(f"GET {SHOP}/secrets?fieldSelector=metadata.name%3Db"), False),
        ],
    ),
    "10 deletecollection never has one": (
        grant("deletecollection", "secrets", names="a"),
        [(send(f"DELETE {SHOP}/secrets?fieldSelector=metadata.name%3Da"), False), (send(f"DELETE {SHOP}/secrets"), False)],
    ),
    "11 a create has no name": (grant("create", "configmaps", names="a"), [(send(f"POST {SHOP}/configmaps"), False)]),
    "13 the create of pods/exec has one": (
        grant("create", "pods/exec", names="a"),
        [(send(f"POST {SHOP}/pods/a/exec"), True), (send(f"POST {SHOP}/pods/b/exec"), False)],
    ),
    "14 so has that of a token": (
        grant("create", "serviceaccounts/token", names="a"),
        [(send(f"POST {SHOP}/serviceaccounts/a/token"), True), (send(f"POST {SHOP}/serviceaccounts/b/token"), False)],
    ),
    "15 * is a name like another": (
        grant("get", "secrets", names="*"),
        [(send(f"GET {SHOP}/secrets/a"), False), (verb("get", "secrets", "shop", "*"), True)],
    ),
    "16 all verbs are those of other checks too": (
        given(rule("*", "users serviceaccounts"), rule("*", "clusterroles", RBAC), rule("*", "signers", "certificates.k8s.io")),
        [
            (verb("impersonate", "users", name="bob"), True),
            (verb("impersonate", "serviceaccounts", "shop", "app"), True),
            (verb("bind", "clusterroles", name="edit", api_group=RBAC), True),
            (verb("approve", "signers", name="example.com/s", api_group="certificates.k8s.io"), True),
            (verb("impersonate", "groups", name="devs"), False),
        ],
    ),
    "17 verbs are small letters": (grant("Get", "pods"), [(send(f"GET {SHOP}/pods/web"), False)]),
    "18 a Role has its own namespace": (grant("get", "namespaces", namespace="shop"), [(send(f"GET {SHOP}"), True)]),
    "19 and no other": (
        grant("get list", "namespaces", namespace="shop"),
        [(send("GET /api/v1/namespaces/bar"), False), (send("GET /api/v1/namespaces"), False)],
    ),
    "20 a Role has no nodes": (grant("get", "nodes", namespace="shop"), [(send("GET /api/v1/nodes/n1"), False)]),
    "23 a Role speaks for no users": (grant("impersonate", "users", namespace="shop"), [(verb("impersonate", "users", name="bob"), False)]),
    "24 but for the accounts of its namespace": (
        grant("impersonate", "serviceaccounts", namespace="shop"),
        [(verb("impersonate", "serviceaccounts", "shop", "x"), True), (verb("impersonate", "serviceaccounts", "bar", "x"), False)],
    ),
    "26 /a/* is what is below /a": (given(urls("get", "/a/*")), [(send("GET /a/b/c"), True), (send("GET /a"), False)]),
    "27 /a* is whatever begins so": (
        given(urls("get", "/a*")),
        [(send("GET /abc"), True), (send("GET /a"), True), (send("GET /b"), False)],
    ),
    "28 */a is a text": (
        given(urls("get", "*/a")),
        [(send("GET /a"), False), (send("GET /x/a"), False), (Request("get", path="*/a", user=ME), True)],
    ),
    "29 a RoleBinding gives no paths": (PATHS, [(send("GET /metrics"), False)]),
    "30 an account without a namespace is the binding's": (
        NO_PLACE,
        [(send(f"GET {SHOP}/pods/web", ACCOUNT), True), (send(f"GET {SHOP}/pods/web", "system:serviceaccount:bar:app"), False)],
    ),
    "31 an account by its user name": (grant("get", "pods", to=user(ACCOUNT)), [(send(f"GET {SHOP}/pods/web", ACCOUNT), True)]),
    "32 the group * is a group": (
        grant("get", "pods", to=group("*")),
        [(send(f"GET {SHOP}/pods/web"), False), (send(f"GET {SHOP}/pods/web", ACCOUNT), False)],
    ),
}

SPEC = '{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {%s}}'
ALICE = '"user": "alice", "namespace": "dev"'
DEV = "/api/v1/namespaces/dev"
BY_LINE = {
    "33 a line knows no subresources": (
        SPEC % f'{ALICE}, "resource": "pods", "readonly": true',
        [
            (send(f"GET {DEV}/pods", "alice"), True),
            (send(f"GET {DEV}/pods/web/log", "alice"), True),
            (send(f"POST {DEV}/pods", "alice"), False),
        ],
    ),
    "34 pods/exec is no resource": (
        SPEC % f'{ALICE}, "resource": "pods/exec"',
        [(send(f"POST {DEV}/pods/web/exec", "alice"), False), (send(f"GET {DEV}/pods", "alice"), False)],
    ),
    "35 the group * makes it everybody's": (
        SPEC % f'{ALICE}, "group": "*", "resource": "pods"',
        [(send(f"GET {DEV}/pods", "bob"), True), (send(f"GET {DEV}/pods", "system:anonymous"), False)],
    ),
    "36 without a group it is the core group": (
        SPEC % f'{ALICE}, "resource": "deployments"',
        [(send("GET /apis/apps/v1/namespaces/dev/deployments", "alice"), False), (send(f"GET {DEV}/deployments", "alice"), True)],
    ),
    "37 an empty object is everything": (
        "{}",
        [
            (send(f"DELETE {DEV}/secrets/a", "bob"), True),
            (send("GET /metrics", "bob"), True),
            (send("GET /metrics", "system:anonymous"), False),
        ],
    ),
    "38 a spec without a version is not read": (
        '{"kind": "Policy", "spec": {"user": "alice", "readonly": true}}',
        [(send(f"DELETE {DEV}/secrets/a", "bob"), True), (send("PUT /logs", "bob"), True)],
    ),
}


def decided(policy, config, questions):
    """Index and reference say what is expected."""
    engine = Engine(policy, config)
    for request, allowed in questions:
        assert engine.decide(request).allowed is allowed, request
        assert reference(policy, config, request).allowed is allowed, request


@pytest.mark.parametrize("case", VECTORS)
def test_vector(case):
    """RBAC matches by RBAC-07 to RBAC-34, on the attributes that the URL gives (RI)."""
    objects, questions = VECTORS[case]
    decided(policy_of(objects, bootstrap=False), BY_RBAC, questions)


@pytest.mark.parametrize("case", BY_LINE)
def test_vector_of_abac(case):
    """ABAC matches by ABAC-16 to ABAC-25."""
    text, questions = BY_LINE[case]
    decided(policy_of(abac=text, bootstrap=False), BY_ABAC, questions)


ONE = Binding(
    "RoleBinding", "shop", "new", (Subject("User", "bob", "", RBAC),), RoleRef("ClusterRole", "cluster-admin"), Origin("new.yaml")
)
BINDER = [rule("bind", "clusterroles", RBAC), rule("create", "rolebindings clusterrolebindings", RBAC)]


@pytest.mark.parametrize(
    ("number", "item", "code"),
    [("21", ONE, 201), ("22", msgspec.structs.replace(ONE, kind="ClusterRoleBinding", namespace=""), 403)],
)
def test_vectors_of_bind(number, item, code):
    """21, 22: bind on ClusterRoles in a Role gives RoleBindings there to any ClusterRole, and no ClusterRoleBinding (ESC-31)."""
    policy = policy_of(given(*BINDER, namespace="shop"))
    assert EscalationChecker(policy, Engine(policy)).check(ME, implied_groups(ME), item).code == code


@pytest.mark.parametrize(("names", "code"), [("new", 201), ("other", 403), ("", 201)])
def test_12_a_create_by_apply_carries_the_name(names, code):
    """12: what is not there yet is asked for by its name, in a second check (ESC-70)."""
    policy = policy_of(given(rule("patch", "rolebindings", RBAC), rule("create", "rolebindings", RBAC, names), BINDER[0], namespace="shop"))
    verdict = EscalationChecker(policy, Engine(policy)).check(ME, implied_groups(ME), ONE, operation=Operation.APPLY)
    assert verdict.code == code


def test_25_groups_alone_speak_for_nobody():
    """25: a request with group headers and no user header is refused, by kubectl's own words too; with a user it takes both rights."""
    engine = Engine(policy_of(grant("impersonate", "groups")))
    with pytest.raises(UsageError, match="need --as"):
        requests_of_kubectl(["get", "pods", "--as-group", "devs"], ResourceCatalogue(engine.policy), lambda _: b"")
    me = Request("get", user=ME, groups=implied_groups(ME))
    target = Target("bob", ("devs",))
    assert not decide_impersonation(engine, me, target, verb("get", "pods", "shop")).allowed
    assert [one.rule for one in judged(engine.policy) if one.rule in ("RL1210", "RL3215")] == ["RL3215"]


def test_every_vector_is_there():
    """Thirty-eight, each by its number."""
    numbers = [case[:2] for case in (*VECTORS, *BY_LINE)] + ["12", "21", "22", "25"]
    assert sorted(numbers) == [f"{number:02}" for number in range(1, 39)]
