"""Thirty-eight cases that tools for RBAC get wrong, each as a small cluster and the questions that show it.

Each is decided by the index and by the reference, and they agree. Number 13 (a dangerous pair that is split over two rules)
and the complaint in number 34 (a rule that names ``pod``) are for reading policy, not for deciding; here they only show that
nothing else changes.
"""

from __future__ import annotations

import pytest

import rbaclens
from rbaclens.analysis.escalation import EscalationChecker, Operation
from rbaclens.analysis.gates import later_checks
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.authorizers.webhook import WebhookAuthorizer, WebhookFailure
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry, WebhookSettings
from rbaclens.model.decision import Answer
from rbaclens.model.identity import implied_groups
from rbaclens.model.location import Origin
from rbaclens.model.objects import Role
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

RBAC_API = "rbac.authorization.k8s.io"
RBAC = AuthorizerConfig((AuthorizerEntry("RBAC", "rbac"),))
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def role(name, *rules, namespace="", extra=""):
    """A role as YAML; each rule is the inside of a flow mapping."""
    kind, place = ("Role", f", namespace: {namespace}") if namespace else ("ClusterRole", "")
    lines = "".join(f"\n- {{{rule}}}" for rule in rules)
    return f"---\napiVersion: {RBAC_API}/v1\nkind: {kind}\nmetadata: {{name: {name}{place}}}\n{extra}rules:{lines or ' []'}\n"


def bind(ref, subject, namespace="", name="b"):
    """A binding as YAML; ``ref`` is Kind/name, ``subject`` is Kind name [namespace]."""
    kind, place = ("RoleBinding", f", namespace: {namespace}") if namespace else ("ClusterRoleBinding", "")
    ref_kind, ref_name = ref.split("/")
    who, who_name, *who_place = subject.split(" ")
    where = f", namespace: {who_place[0]}" if who_place else ""
    group = "" if who == "ServiceAccount" else f", apiGroup: {RBAC_API}"
    return (
        f"---\napiVersion: {RBAC_API}/v1\nkind: {kind}\nmetadata: {{name: {name}{place}}}\n"
        f"subjects:\n- {{kind: {who}, name: '{who_name}'{where}{group}}}\n"
        f"roleRef: {{kind: {ref_kind}, name: {ref_name}, apiGroup: {RBAC_API}}}\n"
    )


def rule(verbs, resources, group="''", names=""):
    named = f", resourceNames: [{names}]" if names else ""
    return f"verbs: [{verbs}], apiGroups: [{group}], resources: [{resources}]{named}"


def urls(verbs, paths):
    return f"verbs: [{verbs}], nonResourceURLs: [{paths}]"


def granted(*rules, namespace="", subject="User bob"):
    """A cluster in which ``subject`` holds a ClusterRole with these rules, everywhere or in one namespace."""
    return role("r", *rules) + bind("ClusterRole/r", subject, namespace)


def ask(verb, what, namespace="", name="", group="", who="bob", groups=None):
    """A request by ``who``, with the groups that authentication gives unless they are said."""
    by = {"user": who, "groups": implied_groups(who) if groups is None else groups}
    if what.startswith("/"):
        return Request(verb, path=what, **by)
    resource, _, subresource = what.partition("/")
    return Request(verb, resource, group, subresource, namespace, name, **by)


def engine_for(text, tmp_path, **more):
    file = tmp_path / "cluster.yaml"
    file.write_text(text)
    return rbaclens.load(str(file), bootstrap=False, **{"config": RBAC, **more})


APP = "system:serviceaccount:shop:app"
TIERS = "aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{to: {0}}}}}]}}\n"


def tier(name, source, label, *rules):
    """An aggregated ClusterRole that gathers what is labelled ``to: source`` and is labelled ``to: label`` itself."""
    return role(name, *rules, extra=TIERS.format(source)).replace(f"{{name: {name}}}", f"{{name: {name}, labels: {{to: {label}}}}}")


def labelled(name, label, *rules):
    return role(name, *rules).replace(f"{{name: {name}}}", f"{{name: {name}, labels: {{{label}}}}}")


BY_EXPRESSION = (
    "aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: tier, operator: In, values: [web, db]}]},"
    " {matchExpressions: [{key: extra, operator: Exists}]}]}\n"
)

TRAPS = [
    (
        "01 every resource of one API group is no cluster-admin",
        granted(rule("'*'", "'*'", "dex.coreos.com")),
        [(ask("get", "secrets"), NO), (ask("delete", "passwords", group="dex.coreos.com"), YES), (ask("get", "/metrics"), NO)],
    ),
    (
        "02 one Role name in two namespaces",
        role("app", rule("get", "pods"), namespace="strict")
        + role("app", rule("'*'", "'*'"), namespace="broad")
        + bind("Role/app", "User bob", "strict")
        + bind("Role/app", "User eve", "broad"),
        [(ask("get", "secrets", "strict"), NO), (ask("get", "pods", "strict"), YES), (ask("get", "secrets", "broad", who="eve"), YES)],
    ),
    (
        "03 a Role and a ClusterRole of one name",
        role("app", rule("get", "pods"), namespace="shop") + role("app", rule("'*'", "'*'")) + bind("Role/app", "User bob", "shop"),
        [(ask("get", "pods", "shop"), YES), (ask("get", "secrets", "shop"), NO)],
    ),
    (
        "04 a RoleBinding to a role with nodes; a review asked with a namespace says yes all the same",
        granted(rule("get, list", "nodes"), namespace="shop"),
        [(ask("get", "nodes", name="n1"), NO), (ask("list", "nodes"), NO), (ask("get", "nodes", "shop", "n1"), YES)],
    ),
    (
        "05 a RoleBinding to a role with paths",
        granted(urls("get", "/metrics"), namespace="shop"),
        [(ask("get", "/metrics"), NO)],
    ),
    (
        "06 names and list without a selector",
        granted(rule("list, watch", "secrets", names="a"), namespace="shop"),
        [(ask("list", "secrets", "shop"), NO), (ask("watch", "secrets", "shop"), NO)],
    ),
    (
        "07 names and list with metadata.name=a, which gives the request that name",
        granted(rule("list, watch", "secrets", names="a"), namespace="shop"),
        [(ask("list", "secrets", "shop", "a"), YES), (ask("watch", "secrets", "shop", "b"), NO)],
    ),
    (
        "08 names and create: an object has no name yet, a subresource's object has",
        granted(rule("create", "configmaps, pods/exec", names="a"), namespace="shop"),
        [
            (ask("create", "configmaps", "shop"), NO),
            (ask("create", "pods/exec", "shop", "a"), YES),
            (ask("create", "pods/exec", "shop", "b"), NO),
        ],
    ),
    (
        "09 names and deletecollection",
        granted(rule("delete, deletecollection", "secrets", names="a"), namespace="shop"),
        [(ask("deletecollection", "secrets", "shop"), NO), (ask("delete", "secrets", "shop", "a"), YES)],
    ),
    (
        "10 names are neither globs nor regular expressions",
        granted(rule("get", "secrets", names="a*, x.y")),
        [
            (ask("get", "secrets", "shop", "ab"), NO),
            (ask("get", "secrets", "shop", "xzy"), NO),
            (ask("get", "secrets", "shop", "x.y"), YES),
        ],
    ),
    (
        "11 a named rule beside an unlimited one",
        granted(rule("get", "secrets", names="a"), rule("get", "secrets")),
        [(ask("get", "secrets", "shop", "z"), YES)],
    ),
    (
        "12 verbs of one rule and resources of another make no grant",
        granted(rule("get, list", "pods"), rule("delete", "secrets")),
        [(ask("get", "secrets", "shop"), NO), (ask("delete", "pods", "shop"), NO)],
    ),
    # 13 is a finding over two rules or two bindings, each of which grants what it grants: nothing for a decision to show.
    (
        "14 pods with every verb is not pods/exec",
        granted(rule("'*'", "pods")),
        [(ask("create", "pods/exec", "shop", "web"), NO), (ask("create", "pods", "shop"), YES)],
    ),
    (
        "15 pods/* is no wildcard",
        granted(rule("'*'", "pods/*")),
        [(ask("create", "pods/exec", "shop", "web"), NO), (ask("get", "pods/log", "shop", "web"), NO), (ask("get", "pods/*", "shop"), YES)],
    ),
    (
        "16 */scale is one",
        granted(rule("update", "'*/scale'", "'*'")),
        [(ask("update", "deployments/scale", "shop", "web", "apps"), YES), (ask("update", "deployments", "shop", "web", "apps"), NO)],
    ),
    (
        "17 */* matches nothing that exists",
        granted(rule("'*'", "'*/*'", "'*'")),
        [(ask("get", "pods", "shop"), NO), (ask("get", "pods/log", "shop"), NO)],
    ),
    (
        "18 every resource is every subresource too",
        granted(rule("create", "'*'")),
        [(ask("create", "pods/exec", "shop", "web"), YES), (ask("create", "deployments", "shop", group="apps"), NO)],
    ),
    (
        "19 every verb on pods/exec",
        granted(rule("'*'", "pods/exec")),
        [(ask("create", "pods/exec", "shop", "web"), YES), (ask("get", "pods/exec", "shop", "web"), YES)],
    ),
    (
        "21 /healthz/* has what is below it, and not itself",
        granted(urls("get", "/healthz/*")),
        [(ask("get", "/healthz/etcd"), YES), (ask("get", "/healthz"), NO), (ask("get", "/healthz/"), YES)],
    ),
    (
        "22 the groups of service accounts",
        granted(rule("get", "pods"), subject="Group system:serviceaccounts")
        + role("s", rule("get", "secrets"))
        + bind("ClusterRole/s", "Group system:serviceaccounts:shop", name="c"),
        [
            (ask("get", "pods", "shop", who=APP), YES),
            (ask("get", "secrets", "shop", who=APP), YES),
            (ask("get", "secrets", "shop", who="system:serviceaccount:other:app"), NO),
            (ask("get", "pods", "shop"), NO),
        ],
    ),
    (
        "23 system:authenticated is everybody but anonymous",
        granted(rule("get", "pods"), subject="Group system:authenticated"),
        [
            (ask("get", "pods", "shop"), YES),
            (ask("get", "pods", "shop", who=APP), YES),
            (ask("get", "pods", "shop", who="system:anonymous"), NO),
        ],
    ),
    (
        "24 system:masters needs no binding",
        "",
        [(ask("'*'", "secrets", groups=("system:masters",)), YES), (ask("get", "/metrics", groups=("system:masters",)), YES)],
    ),
    (
        "25 a ServiceAccount without a namespace: the RoleBinding's; refused in a ClusterRoleBinding",
        role("r", rule("get", "pods"))
        + bind("ClusterRole/r", "ServiceAccount app", "shop")
        + bind("ClusterRole/r", "ServiceAccount other", name="c"),
        [
            (ask("get", "pods", "shop", who=APP), YES),
            (ask("get", "pods", "shop", who="system:serviceaccount:other:app"), NO),
            (ask("get", "pods", "shop", who="system:serviceaccount:shop:other"), NO),
        ],
    ),
    (
        "26 aggregation over three levels, whose own rules are lost",
        tier("admin", "admin", "none", rule("'*'", "'*'"))
        + tier("edit", "edit", "admin")
        + tier("view", "view", "edit", rule("get", "secrets"))
        + labelled("reader", "to: view", rule("get", "pods"))
        + bind("ClusterRole/admin", "User bob"),
        [(ask("get", "pods", "shop"), YES), (ask("get", "secrets", "shop"), NO), (ask("delete", "pods", "shop"), NO)],
    ),
    (
        "27 aggregation by expressions",
        role("all", extra=BY_EXPRESSION)
        + labelled("one", "tier: web", rule("get", "pods"))
        + labelled("two", "tier: other", rule("get", "secrets"))
        + labelled("three", "extra: 'false'", rule("get", "configmaps"))
        + bind("ClusterRole/all", "User bob"),
        [(ask("get", "pods", "shop"), YES), (ask("get", "secrets", "shop"), NO), (ask("get", "configmaps", "shop"), YES)],
    ),
    (
        "28 a user and a group of one name",
        granted(rule("get", "pods"), subject="Group bob"),
        [(ask("get", "pods", "shop"), NO), (ask("get", "pods", "shop", who="eve", groups=("bob",)), YES)],
    ),
    (
        "29 impersonation within a namespace: users have none, service accounts do",
        granted(rule("impersonate", "users, serviceaccounts"), namespace="shop"),
        [
            (ask("impersonate", "users", name="eve"), NO),
            (ask("impersonate", "serviceaccounts", "shop", "app"), YES),
            (ask("impersonate", "serviceaccounts", "other", "app"), NO),
        ],
    ),
    (
        "30 uids and userextras stand in the group authentication.k8s.io",
        granted(rule("impersonate", "uids, userextras/scopes"))
        + role("x", rule("impersonate", "uids, userextras/scopes", "authentication.k8s.io"))
        + bind("ClusterRole/x", "User eve", name="c"),
        [
            (ask("impersonate", "uids", name="1", group="authentication.k8s.io"), NO),
            (ask("impersonate", "uids", name="1", group="authentication.k8s.io", who="eve"), YES),
            (ask("impersonate", "userextras/scopes", name="view", group="authentication.k8s.io", who="eve"), YES),
            (ask("impersonate", "userextras/other", name="view", group="authentication.k8s.io", who="eve"), NO),
        ],
    ),
    (
        "32 the signer name kubernetes.io/* is a text of its own, which the approval asks for as such",
        granted(rule("approve", "signers", "certificates.k8s.io", "kubernetes.io/*")),
        [
            (ask("approve", "signers", name="kubernetes.io/*", group="certificates.k8s.io"), YES),
            (ask("approve", "signers", name="kubernetes.io/kubelet-serving", group="certificates.k8s.io"), NO),
        ],
    ),
    (
        "33 'get,list,watch' is one unknown verb",
        granted(rule("'get,list,watch'", "pods")),
        [(ask("get", "pods", "shop"), NO), (ask("get,list,watch", "pods", "shop"), YES)],
    ),
    (
        "34 a resource in the singular matches nothing",
        granted(rule("get", "pod, Pods, po")),
        [(ask("get", "pods", "shop"), NO)],
    ),
]


@pytest.mark.parametrize(("text", "questions"), [trap[1:] for trap in TRAPS], ids=[trap[0] for trap in TRAPS])
def test_trap(text, questions, tmp_path):
    """The expected answer, by the index and by the reference (RBAC-07 to RBAC-34, RBAC-40 to RBAC-45, ATTR-13 to ATTR-16, ATTR-25)."""
    engine = engine_for(text, tmp_path)
    for request, answer in questions:
        assert engine.decide(request).answer is answer, request
        assert reference(engine.policy, engine.config, request).answer is answer, request


def test_20_exec_with_get_alone(tmp_path):
    """The WebSocket's get is authorized; from 1.35 on the handler asks for create too, which is named (RI-34, ESC-60)."""
    engine = engine_for(granted(rule("get", "pods/exec")), tmp_path)
    get, create = ask("get", "pods/exec", "shop", "web"), ask("create", "pods/exec", "shop", "web")
    assert (engine.decide(get).answer, engine.decide(create).answer) == (YES, NO)
    assert "create check of the handler" in {check.name for check in later_checks(get)}


def test_27_one_malformed_selector(tmp_path):
    """The controller gives up on the role, whose stored rules stay in force (RBAC-43); a file with it is refused on its way in."""
    broken = BY_EXPRESSION.replace("Exists", "Odd")
    text = (
        role("all", rule("get", "nodes"), extra=broken)
        + labelled("one", "tier: web", rule("get", "pods"))
        + bind("ClusterRole/all", "User bob")
    )
    engine = engine_for(text, tmp_path)
    assert engine.decide(ask("get", "pods", "shop")).answer is NO
    assert any("would reject ClusterRole all" in notice.message for notice in engine.policy.notices)


@pytest.mark.parametrize(("operation", "code"), [(Operation.CREATE, 403), (Operation.UPDATE, 201), (Operation.APPLY, 201)])
def test_08_a_create_by_update_carries_the_name(operation, code, tmp_path):
    """A PUT or an apply of what is not there is asked as an update, then as a create with the name (ESC-70, ESC-71, VAL-04)."""
    rules = rule("update, patch", "clusterroles", RBAC_API), rule("create", "clusterroles", RBAC_API, "new")
    engine = engine_for(granted(*rules), tmp_path)
    verdict = EscalationChecker(engine.policy, engine).check(
        "bob", implied_groups("bob"), Role("ClusterRole", "", "new", (), Origin("new.yaml")), operation=operation
    )
    assert verdict.code == code


@pytest.mark.parametrize(
    ("held", "wanted", "code"),
    [
        (rule("get, list, create", "'*'", "'*'"), PolicyRule(("*",), ("",), ("pods",)), 403),
        (rule("'*'", "'*'", "'*'"), PolicyRule(("*",), ("",), ("pods",)), 201),
        (rule("'*'", "pods, secrets") + "}\n- {" + rule("create", "clusterroles", RBAC_API), PolicyRule(("get",), ("",), ("*",)), 403),
        (rule("'*'", "pods") + "}\n- {" + rule("create", "clusterroles", RBAC_API), PolicyRule(("get", "*"), ("",), ("pods",)), 201),
    ],
)
def test_31_a_star_is_covered_by_a_star_alone(held, wanted, code, tmp_path):
    """All verbs in a list do not cover every verb (ESC-23, ESC-27)."""
    engine = engine_for(granted(held), tmp_path)
    checker = EscalationChecker(engine.policy, engine)
    verdict = checker.check("bob", implied_groups("bob"), Role("ClusterRole", "", "new", (wanted,), Origin("new.yaml")))
    assert verdict.code == code


ABAC_FILE = "".join(
    f'{{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {{{spec}}}}}\n'
    for spec in (
        '"user": "bob", "readonly": true, "namespace": "shop", "resource": "pods"',
        '"group": "devs", "namespace": "*", "resource": "pods"',
        '"user": "eve", "resource": "pods"',
    )
)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (ask("watch", "pods", "shop"), YES),
        (ask("update", "pods", "shop"), NO),
        (ask("create", "pods", "any", who="x", groups=("devs",)), YES),
        (ask("create", "pods", who="x", groups=("devs",)), YES),
        (ask("get", "pods", who="eve"), YES),
        (ask("get", "pods", "shop", who="eve"), NO),
    ],
)
def test_35_abac(request_, answer, tmp_path):
    """Read-only has watch in it, groups match, and an empty namespace is not every namespace (ABAC-18 to ABAC-22)."""
    file = tmp_path / "policy.jsonl"
    file.write_text(ABAC_FILE)
    engine = rbaclens.load(str(file), bootstrap=False)
    assert engine.decide(request_).answer is answer
    assert reference(engine.policy, engine.config, request_).answer is answer


class Caller:
    """A webhook's server that says one thing to everybody, or breaks."""

    def __init__(self, status):
        self.status = status

    def call(self, review):
        if self.status is None:
            raise WebhookFailure("connection refused")
        return {**review, "status": self.status}


def behind_a_webhook(tmp_path, status, policy):
    entry = AuthorizerEntry("Webhook", "hook", WebhookSettings(failure_policy=policy))
    config = AuthorizerConfig((entry, *RBAC.authorizers))
    loaded = engine_for(granted(rule("get", "pods")), tmp_path).policy
    return rbaclens.Engine(loaded, config, webhook=lambda entry: WebhookAuthorizer(entry, caller=Caller(status)))


def test_36_an_earlier_deny_wins(tmp_path):
    """RBAC would allow and is not asked (ATTR-23); the other way round the grant stands."""
    decision = behind_a_webhook(tmp_path, {"denied": True, "reason": "closed"}, "NoOpinion").decide(ask("get", "pods", "shop"))
    assert (decision.answer, decision.denied, decision.reason) == (NO, True, "closed")


@pytest.mark.parametrize(("policy", "answer", "error"), [("Deny", NO, "connection refused"), ("NoOpinion", YES, "")])
def test_37_a_webhook_out_of_reach(policy, answer, error, tmp_path):
    """The failure policy decides whether RBAC is asked at all (WH-12)."""
    decision = behind_a_webhook(tmp_path, None, policy).decide(ask("get", "pods", "shop"))
    assert (decision.answer, decision.evaluation_error) == (answer, error)


def test_38_policy_that_cannot_be_read(tmp_path):
    """A no is unknown when a file was left out, and a yes stays a yes."""
    (tmp_path / "broken.yaml").write_text("kind: [\n")
    (tmp_path / "cluster.yaml").write_text(granted(rule("get", "pods")))
    engine = rbaclens.load(str(tmp_path), config=RBAC, bootstrap=False, skip_bad_files=True)
    assert engine.decide(ask("get", "pods", "shop")).answer is YES
    missing = engine.decide(ask("get", "secrets", "shop"))
    assert missing.answer is UNKNOWN
    assert any("broken.yaml" in doubt for doubt in missing.doubts)
    with pytest.raises(rbaclens.RbaclensError, match=r"broken\.yaml"):
        rbaclens.load(str(tmp_path), bootstrap=False)
