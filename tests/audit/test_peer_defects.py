"""Twenty-nine mistakes that audits of RBAC make, each as a small policy with what is to be found in it and what not.

The numbers are the order of our notes on other tools; the text says what is right.
"""

from __future__ import annotations

import json

import pytest
from audit_rules import RBAC, Data, account, binding, given, grant, judged, policy_of, role, rule, urls, user

from rbaclens.analysis.impersonation import Target, decide_impersonation
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.index.engine import Engine
from rbaclens.model.identity import implied_groups
from rbaclens.model.request import Request

CERTIFICATES = "certificates.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
ME = "mallory"


def case(number: str, text: str, objects: list[Data], has: str = "", lacks: str = ""):
    """One mistake: the objects, the rules that have to be found for somebody, and those that must not be."""
    return pytest.param(objects, set(has.split()), set(lacks.split()), id=f"{number} {text}")


def by_cluster_role(*rules: Data) -> list[Data]:
    """A ClusterRole that a RoleBinding gives to the user mallory in the namespace shop."""
    return [role("wide", *rules), binding("wide", user(ME), role="wide", namespace="shop")]


BIND = rule("bind", "clusterroles", RBAC)
NAMESAKES = [
    role("app", rule("get", "pods"), namespace="shop"),
    role("app", rule("get", "secrets")),
    binding("app", user(ME), role="app", kind="Role", namespace="shop"),
]
LAST_RULE = [rule("get", "pods"), rule("list", "services"), rule("*", "*")]

CASES = [
    case("01a", "bind is asked of roles", given(BIND, rule("create", "clusterrolebindings", RBAC)), "RL1203"),
    case(
        "01b", "on bindings it is inert", grant("bind create", "clusterrolebindings rolebindings", RBAC), "RL1206 RL3213", "RL1203 RL1204"
    ),
    case("02a", "no names is any name", given(BIND, rule("create", "rolebindings", RBAC)), "RL1204", "RL3219"),
    case(
        "02b",
        "the name * is only a name",
        given(rule("bind", "clusterroles", RBAC, "*"), rule("update", "rolebindings", RBAC, "*"), namespace="shop"),
        "RL3219",
        "RL1203",
    ),
    case(
        "03", "the core group is enough", given(rule("impersonate", "users groups"), rule("create", "pods/attach")), "RL1209 RL1210 RL1403"
    ),
    case("04a", "cluster roles and their bindings count", grant("create", "clusterroles clusterrolebindings", RBAC), "RL1206 RL1207"),
    case("04b", "nobody speaks for a role", grant("impersonate", "roles rolebindings", RBAC), "RL3213", "RL1206 RL1207 RL1209"),
    case("05a", "nodes/proxy by every star", given(rule("get", "*/proxy"), rule("create", "*")), "RL1501 RL1502"),
    case("05b", "in the core group only", grant("get create", "nodes/proxy", "metrics.k8s.io"), "", "RL1501 RL1502"),
    case("06a", "patch writes and watch reads", given(rule("patch", "*"), rule("watch", "*")), "RL1005 RL1006"),
    case("06b", "one group is not all", grant("get list watch", "*", "metrics.k8s.io"), "", "RL1006 RL1005 RL1101"),
    case("07", "any ConfigMap of kube-system is aws-auth too", grant("update", "configmaps", namespace="kube-system"), "RL2001"),
    case("08a", "exec by the star", grant("create", "*"), "RL1401"),
    case("08b", "exec has no update", grant("update delete impersonate", "pods/exec"), "RL3212", "RL1401"),
    case("08c", "a get is a way around", grant("get", "pods/exec"), "RL1402", "RL1401"),
    case("09", "nobody deletes logs", grant("delete", "pods/log"), "RL3212", "RL1310"),
    case(
        "10",
        "the core group is the empty word",
        given(rule("get", "nodes/proxy"), rule("patch", "pods/ephemeralcontainers"), rule("create", "pods/exec")),
        "RL1501 RL1312 RL1401",
        "RL3205",
    ),
    case(
        "11", "workloads in apps, secrets by list", given(rule("create", "deployments", "apps"), rule("list", "secrets")), "RL1304 RL1101"
    ),
    case(
        "12",
        "a RoleBinding gives neither users nor paths",
        by_cluster_role(rule("impersonate", "users groups"), urls("get", "*")),
        "RL3109",
        "RL1209 RL1210 RL2301",
    ),
    case("13", "controllers make pods", given(rule("create", "jobs", "batch"), rule("patch", "statefulsets", "apps")), "RL1304", "RL1301"),
    case("14", "pods/* is nothing", grant("create get update", "pods/*"), "RL3206", "RL1401 RL1402 RL1312 RL1404"),
    case("15", "users in a Role are inert", grant("impersonate", "users groups", namespace="shop"), "RL3214", "RL1209 RL1210"),
    case("16", "a pattern among the names is a text", grant("get", "secrets", names="db-*", namespace="shop"), "RL3219", "RL1103"),
    case("17a", "get alone is enough for the kubelet", grant("get", "nodes/proxy"), "RL1501", "RL1502"),
    case("17b", "create alone is enough too", grant("create", "nodes/proxy"), "RL1502", "RL1501"),
    case("18a", "writing bindings alone is no cluster-admin", grant("create", "clusterrolebindings", RBAC), "RL1206", "RL1203"),
    case("18b", "nor is bind or escalate alone", grant("bind escalate", "clusterroles", RBAC), "", "RL1201 RL1203 RL1206"),
    case(
        "19",
        "bind on cluster roles lives in a namespace",
        given(BIND, rule("create", "rolebindings", RBAC), namespace="shop"),
        "RL1204",
        "RL3208",
    ),
    case(
        "20a",
        "*/sub is that of every resource",
        given(rule("create", "*/token */exec"), rule("update", "*/ephemeralcontainers")),
        "RL1107 RL1401 RL1312",
    ),
    case("20b", "a list by name is no dead rule", grant("list watch", "secrets", names="a", namespace="shop"), "RL3220", "RL1103 RL3207"),
    case("21", "every rule of a role counts", given(*LAST_RULE), "RL1004 RL1005 RL1006"),
    case("22a", "users and groups hold things too", grant("create", "nodes/proxy pods/exec"), "RL1502 RL1401"),
    case(
        "22b",
        "a verb belongs to its own rule",
        given(rule("get", "pods"), rule("list", "secrets", "example.com"), rule("create", "events")),
        "",
        "RL1101 RL1301 RL1105",
    ),
    case(
        "23",
        "a RoleBinding gives what a ClusterRole says",
        by_cluster_role(rule("create", "cronjobs", "batch"), rule("get", "secrets")),
        "RL1304 RL1103",
        "RL1101",
    ),
    case("24a", "another group has its own secrets", grant("get list create", "secrets pods", "example.com"), "", "RL1101 RL1301 RL1105"),
    case("24b", "a Role is not the ClusterRole of its name", NAMESAKES, "", "RL1103"),
    case("25", "a patch changes a workload", grant("patch", "daemonsets", "apps"), "RL1304 RL1306"),
    case("26", "a maker of jobs is a maker of pods", grant("create", "jobs", "batch", namespace="shop"), "RL1304", "RL1303"),
    case(
        "27",
        "a patch approves and registers",
        given(
            rule("create", "certificatesigningrequests", CERTIFICATES),
            rule("patch", "certificatesigningrequests/approval", CERTIFICATES),
            rule("approve", "signers", CERTIFICATES),
            rule("patch", "mutatingwebhookconfigurations", ADMISSION),
        ),
        "RL1601 RL1701",
    ),
    case(
        "28",
        "a name with system: is no excuse",
        grant("create", "pods/exec secrets pods", name="system:own"),
        "RL1401 RL1301 RL1105 RL3311",
    ),
    case("29a", "writing verbs show secrets", grant("patch delete deletecollection", "secrets"), "RL1112", "RL1101"),
    case("29b", "exec of everything", grant("create", "*/exec", namespace="shop"), "RL1401"),
]


@pytest.mark.parametrize(("objects", "has", "lacks"), CASES)
def test_peer_defect(objects, has, lacks):
    """What gives something is found, and what only looks like it is not; latent roles do not count."""
    found = {one.rule for one in judged(policy_of(objects)) if not one.latent}
    assert (has - found, lacks & found) == (set(), set())


def test_20c_verbs_with_a_prefix_are_verbs():
    """Drivers of devices have verbs with a colon: they match as they are written, and are no mistake."""
    policy = policy_of(grant("associated-node:update", "resourceclaims/driver", "resource.k8s.io"))
    asked = {
        "resource": "resourceclaims",
        "api_group": "resource.k8s.io",
        "subresource": "driver",
        "namespace": "shop",
        "name": "c",
        "user": ME,
    }
    for verb, allowed in (("associated-node:update", True), ("arbitrary-node:update", False), ("update", False)):
        request = Request(verb, groups=implied_groups(ME), **asked)
        engine = Engine(policy)
        assert engine.decide(request).allowed is reference(policy, engine.config, request).allowed is allowed
    assert judged(policy, "RL3201") == ()


def test_22c_two_people_are_not_one():
    """The halves of a conjunction that belong to two accounts give neither of them anything."""
    halves = [grant("bind", "clusterroles", RBAC, to=account("a", "shop"), name="a")]
    halves.append(grant("create", "clusterrolebindings", RBAC, to=account("b", "shop"), name="b"))
    assert judged(policy_of(*halves), "RL1203") == ()


def test_29c_constrained_impersonation():
    """Both halves together let somebody speak for a user in that one thing, and the verbs are known ones."""
    halves = given(rule("impersonate:user-info", "users", "authentication.k8s.io", "bob"), rule("impersonate-on:user-info:list", "pods"))
    policy = policy_of(halves)
    me = Request("get", user=ME, groups=implied_groups(ME))
    for verb, allowed in (("list", True), ("delete", False)):
        asked = Request(verb, "pods", namespace="shop")
        assert decide_impersonation(Engine(policy), me, Target("bob"), asked).allowed is allowed
    assert judged(policy, "RL1209", "RL3201", "RL3213", "RL3214") == ()


def test_29d_abac_is_looked_at():
    """A line of an ABAC file gives as much as a binding."""
    line = {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy"}
    spec = {"user": "ivy", "namespace": "*", "resource": "secrets", "readonly": True}
    found = judged(policy_of(abac=json.dumps(line | {"spec": spec})), "RL1101")
    assert [str(one.principal) for one in found] == ["user:ivy"]


def test_every_defect_has_its_case():
    """All twenty-nine, by number."""
    numbers = {str(one.id)[:2] for one in CASES}
    assert numbers == {f"{number:02}" for number in range(1, 30)}
