"""The frame: scopes, unions, groups, privileged namespaces, bootstrap content, grading, fingerprints."""

import json

import msgspec
import pytest
from audit_rules import account, binding, found, given, grant, group, judged, plain, policy_of, role, rule, urls, user

from rbaclens.analysis.capability import FRESH, FRESH_PATH, may, may_reach, words
from rbaclens.audit.registry import load_rules
from rbaclens.audit.rule import NP, C, CapabilityRule, N
from rbaclens.audit.run import audit
from rbaclens.audit.severity import Severity, severity_of, shifted
from rbaclens.index.engine import Engine
from rbaclens.sources import Objects, assemble


def probe(trigger, scores=None, **more):
    """A rule that is in no registry."""
    scores = scores or {C: 9.0, N: 7.0, NP: 9.5}
    return CapabilityRule(id="RL9999", title="Probe", gives="Something.", fix="Do.", trigger=trigger, scores=scores, **more)


def asked(one, *objects, abac=None, identities=None, version=(1, 36)):
    """The findings of a rule that is in no registry."""
    policy = policy_of(*objects, abac=abac)
    return audit(Engine(policy), assemble(Objects()), [one], identities=identities, version=version).findings


def shown(findings):
    """Principal, scopes and level of each finding."""
    return [(str(one.principal), one.scopes, one.severity.title) for one in findings]


PODS = may("create", "pods")
RBAC = "rbac.authorization.k8s.io"


def test_cluster_namespace_and_privileged_namespace():
    """The score follows the scope; kube-system is privileged."""
    found = asked(
        probe(PODS),
        grant("create", "pods", name="a", to=user("a")),
        grant("create", "pods", name="b", to=user("b"), namespace="shop"),
        grant("create", "pods", name="c", to=user("c"), namespace="kube-system"),
    )
    assert sorted(shown(found)) == [
        ("user:a", ("*",), "Critical"),
        ("user:b", ("shop",), "High"),
        ("user:c", ("kube-system",), "Critical"),
    ]


def test_held_everywhere_is_not_repeated_in_namespaces():
    """A RoleBinding beside a ClusterRoleBinding adds nothing."""
    found = asked(probe(PODS), grant("create", "pods", name="a"), grant("create", "pods", name="b", namespace="shop"))
    assert shown(found) == [("user:mallory", ("*",), "Critical")]


def test_one_role_in_many_namespaces_is_one_finding():
    """Bindings of one role are put together, with the list of scopes."""
    bindings = [binding(f"b{n}", user("mallory"), role="maker", namespace=f"ns-{n:03}") for n in range(40)]
    (one,) = asked(probe(PODS), role("maker", rule("create", "pods")), bindings)
    assert len(one.scopes) == len(one.evidence) == 40
    assert "40 namespaces" in one.message


def test_two_roles_are_two_findings():
    """Each role that is enough by itself is a cause of its own."""
    found = asked(probe(PODS), grant("create", "pods", name="a"), grant("create", "pods", name="b"))
    assert {one.objects[1].name for one in found} == {"a", "b"}


def test_union_over_cluster_and_namespace():
    """A conjunction may take one half from a ClusterRoleBinding and the other from a RoleBinding, in that namespace only."""
    both = probe(may("bind", "clusterroles", "rbac.authorization.k8s.io") & may("create", "rolebindings", "rbac.authorization.k8s.io"))
    rbac = "rbac.authorization.k8s.io"
    (one,) = asked(both, grant("bind", "clusterroles", rbac, name="a"), grant("create", "rolebindings", rbac, name="b", namespace="shop"))
    assert shown([one]) == [("user:mallory", ("shop",), "High")]
    assert len(one.evidence) == 2


def test_cluster_scoped_resources_are_never_held_by_a_rolebinding():
    """An atom about a cluster-scoped resource needs a cluster-wide grant."""
    assert asked(probe(may("get", "nodes/proxy", cluster=True)), grant("get", "nodes/proxy", namespace="kube-system")) == ()


def test_paths_are_never_held_by_a_rolebinding():
    """RBAC-29: non-resource rules count through ClusterRoleBindings only."""
    star = probe(may_reach("get", FRESH_PATH))
    assert shown(asked(star, given(urls("get", "*")))) == [("user:mallory", ("*",), "Critical")]
    assert asked(star, given(urls("get", "/logs"))) == ()
    rolebinding = binding("b", user("mallory"), role="paths", namespace="shop")
    assert not [one for one in asked(star, role("paths", urls("get", "*")), rolebinding) if not one.latent]


def test_group_is_found_once_and_not_for_its_members():
    """What a group gives belongs to the group; a member with grants of their own is found for those."""
    objects = [grant("create", "pods", to=group("devs"), name="a"), grant("get", "pods", to=user("alice"), name="b")]
    assert shown(asked(probe(PODS), *objects, identities={"alice": ("devs",)})) == [("group:devs", ("*",), "Critical")]


def test_two_groups_come_together_in_a_person():
    """A known member of two groups holds what neither gives alone, even without a binding of their own."""
    both = probe(may("create", "pods") & may("get", "secrets"))
    objects = [grant("create", "pods", to=group("devs"), name="a"), grant("get", "secrets", to=group("ops"), name="b")]
    assert asked(both, *objects) == ()
    assert shown(asked(both, *objects, identities={"alice": ("devs", "ops")})) == [("user:alice", ("*",), "Critical")]


def test_implied_groups_count():
    """A service account is in its two groups and in system:authenticated (ATTR-14 to ATTR-16)."""
    both = probe(may("create", "pods") & may("get", "secrets"))
    objects = [
        grant("create", "pods", to=account("app", "shop"), name="a"),
        grant("get", "secrets", to=group("system:serviceaccounts:shop"), name="b"),
    ]
    assert shown(asked(both, *objects)) == [("sa:shop/app", ("*",), "Critical")]


def test_members_of_system_masters_have_no_findings():
    """Whoever may do everything anyway gains nothing by a binding."""
    assert asked(probe(PODS), grant("create", "pods", to=group("system:masters"))) == ()
    assert asked(probe(PODS), grant("create", "pods"), identities={"mallory": ("system:masters",)}) == ()


def test_unless_looks_at_everything_held():
    """``unless`` prevents a finding by a grant of another binding or group."""
    one = probe(may("get", "pods/exec"), unless=may("create", "pods/exec"))
    objects = [grant("get", "pods/exec", name="a")]
    assert len(asked(one, *objects)) == 1
    assert asked(one, *objects, grant("create", "pods/exec", name="b", to=group("system:authenticated"))) == ()


def test_names():
    """Without ``named`` a grant limited to names is not found; with it, it is a level less; a named create never is."""
    objects = grant("get", "secrets", names="one two")
    assert asked(probe(may("get", "secrets")), objects) == ()
    (one,) = asked(probe(may("get", "secrets"), named=True), objects)
    assert (one.severity, "limited to one, two" in one.message) == (Severity.HIGH, True)
    assert asked(probe(may("create deletecollection", "secrets"), named=True), grant("create deletecollection", "secrets", names="x")) == ()
    assert len(asked(probe(may("create", "pods/exec"), named=True), grant("create", "pods/exec", names="x"))) == 1


def test_unrestricted_form_wins_over_the_named_one():
    """Held for any object and for some names: one finding, at the full level."""
    objects = [grant("get", "secrets", names="one", name="a"), grant("get", "secrets", name="b")]
    (one,) = asked(probe(may("get", "secrets"), named=True), *objects)
    assert (one.severity, one.objects[1].name) == (Severity.CRITICAL, "b")


@pytest.mark.parametrize(("verb", "level"), [("list", "Critical"), ("get", None), ("delete", None)])
def test_the_empty_name_is_not_any_object(verb, level):
    """A grant limited to the empty name gives what is asked without a name, and nothing else (RBAC-15)."""
    limited = {"verbs": [verb], "resources": ["pods"], "apiGroups": [""], "resourceNames": [""]}
    objects = role("odd", limited), binding("odd", user("mallory"), role="odd")
    for named in (False, True):
        assert [one.severity.title for one in asked(probe(may(verb, "pods"), named=named), *objects)] == ([level] if level else [])


def test_one_object_by_name():
    """An atom about one object is held in full by a grant that is limited to it, in its namespace only."""
    one = probe(may("update", "configmaps", name="aws-auth", namespace="kube-system"))
    assert shown(asked(one, grant("update", "configmaps", names="aws-auth", namespace="kube-system"))) == [
        ("user:mallory", ("kube-system",), "Critical")
    ]
    assert asked(one, grant("update", "configmaps", names="coredns", namespace="kube-system")) == ()
    assert asked(one, grant("update", "configmaps", namespace="shop")) == ()


@pytest.mark.parametrize(
    ("subject", "level"),
    [
        (user("mallory"), "High"),
        (group("system:authenticated"), "Critical"),
        (group("system:unauthenticated"), "Critical"),
        (user("system:anonymous"), "Critical"),
        (group("system:serviceaccounts"), "Critical"),
        (group("system:serviceaccounts:shop"), "High"),
    ],
)
def test_everybody_is_a_level_worse(subject, level):
    """Anonymous, authenticated and all service accounts: one level more."""
    assert [one.severity.title for one in asked(probe(PODS, {C: 7.5}), grant("create", "pods", to=subject))] == [level]


def test_daemonset_account_is_a_level_worse():
    """An account whose pods run on every node: one level more."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "agent-x",
            "namespace": "shop",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "agent"}],
        },
        "spec": {"serviceAccountName": "agent"},
    }
    objects = grant("create", "pods", to=account("agent", "shop"))
    assert [one.severity.title for one in asked(probe(PODS, {C: 7.5}), objects)] == ["High"]
    assert [one.severity.title for one in asked(probe(PODS, {C: 7.5}), objects, pod)] == ["Critical"]


def test_restricted_namespaces_are_a_level_less_and_told_apart():
    """Pod security takes a level off; namespaces of different levels are different findings."""
    objects = [
        plain("Namespace", "safe", labels={"pod-security.kubernetes.io/enforce": "restricted"}),
        plain("Namespace", "open"),
        role("maker", rule("create", "pods")),
        *(binding(f"b-{name}", user("mallory"), role="maker", namespace=name) for name in ("safe", "open")),
    ]
    found = asked(probe(PODS, pods=True), *objects)
    assert sorted(shown(found)) == [("user:mallory", ("open",), "High"), ("user:mallory", ("safe",), "Medium")]
    assert len({one.fingerprint for one in found}) == 2


def test_score_hook_sees_the_match():
    """A rule's own hook may ask for more rights of the same principal in the same place, and drop the finding."""

    def hook(match, score):
        return score if match.may(may("get", "secrets")) else None

    one = probe(PODS, score=hook)
    assert asked(one, grant("create", "pods", namespace="shop", name="a")) == ()
    objects = [grant("create", "pods", namespace="shop", name="a"), grant("get", "secrets", to=group("system:authenticated"), name="b")]
    assert len(asked(one, *objects)) == 1


@pytest.mark.parametrize("asks", [None, may("delete", "pods")], ids=["unsaid", "said"])
def test_place_hook_is_asked_of_each_holder(asks):
    """What it asks about besides the trigger is answered for each holder of the same role, whether or not the rule says so."""
    one = probe(PODS, here=lambda here, score: score if here.may(may("delete", "pods")) else None, asks=asks)
    objects = [
        role("maker", rule("create", "pods")),
        *(binding(name, user(name), role="maker", namespace="shop") for name in ("a", "b", "c", "d")),
        *(grant("delete", "pods", name=f"more-{name}", to=user(name), namespace="shop") for name in ("b", "d")),
    ]
    assert sorted(str(one.principal) for one in asked(one, *objects)) == ["user:b", "user:d"]


def test_place_hook_is_asked_of_each_holder_of_abac_lines():
    """A line that asks for a group besides the user gives nothing to who is not known to be in it, whatever it gave another (ABAC-18)."""
    deleting = may("delete", "secrets")
    one = probe(PODS, here=lambda here, score: score if here.may(deleting) else None, asks=deleting)
    objects = [role("maker", rule("create", "pods")), *(binding(name, user(name), role="maker", namespace="shop") for name in ("a", "b"))]
    more = {"namespace": "shop", "apiGroup": "", "resource": "secrets"}
    specs = {"user": "a", "group": "devs", **more}, {"user": "b", **more}
    lines = [{"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": spec} for spec in specs]
    assert [str(one.principal) for one in asked(one, *objects, abac="\n".join(map(json.dumps, lines)))] == ["user:b"]


def test_place_hook_sees_the_place():
    """Scope, privileged namespace, pod security, names and version; the answer for one kind of place is none for another."""
    seen = []

    def here(place, score):
        seen.append((place.everywhere, place.privileged, place.kube_system, place.pod_security, place.names, place.version))
        return score if place.everywhere else 2.0 if place.kube_system else 5.0 if place.pod_security else None

    objects = [
        role("maker", rule("update", "pods", names="web")),
        binding("wide", user("a"), role="maker"),
        *(binding(f"b-{at}", user("b"), role="maker", namespace=at) for at in ("kube-system", "shop", "unknown")),
        {
            "kind": "Namespace",
            "apiVersion": "v1",
            "metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/enforce": "baseline"}},
        },
    ]
    found = asked(probe(may("update", "pods"), here=here, named=True, sensitive=bool), *objects)
    assert [(str(one.principal), one.scopes, one.score) for one in found] == [
        ("user:a", ("*",), 9.0),
        ("user:b", ("shop",), 5.0),
        ("user:b", ("kube-system",), 2.0),
    ]
    assert sorted(set(seen)) == [
        (False, False, False, "", ("web",), (1, 36)),
        (False, False, False, "baseline", ("web",), (1, 36)),
        (False, True, True, "", ("web",), (1, 36)),
        (True, False, False, "", ("web",), (1, 36)),
    ]


def test_bootstrap_pair_is_no_finding_and_its_name_alone_is_no_excuse():
    """What every cluster grants is known by binding and content; a user's own ``system:`` role is found."""
    (one,) = found("RL1101", grant("get", "secrets", name="system:innocent"))
    assert one.objects[1].name == "system:innocent"
    again = binding("again", {"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}, role="cluster-admin")
    assert {str(one.principal) for one in found("RL1101", again)} == {"user:eve"}


def test_what_was_added_to_a_bootstrap_role_is_found():
    """An edited default role: the finding is about the added rule, and stands at the rule."""
    edited = role("system:discovery", urls("get", "/api", "/api/*"), rule("get", "secrets"))
    (one,) = found("RL1101", edited)
    assert str(one.principal) == "group:system:authenticated"
    assert one.origin.path[-2:] == ("rules", 1)


def test_aggregated_into_a_default_role():
    """A role with an aggregation label reaches everybody who holds the default role that gathers it."""
    wider = role("wider", rule("list", "secrets"), labels={"rbac.authorization.k8s.io/aggregate-to-view": "true"})
    (one,) = [one for one in found("RL1101", wider, binding("b", user("eve"), role="view")) if not one.latent]
    assert str(one.principal) == "user:eve"
    assert one.evidence[0].role.name == "view"


def test_latent_only_while_unbound():
    """A role is latent while no binding with a subject names it; a Role is judged within its namespace."""
    maker = role("maker", rule("create", "pods"), namespace="shop")
    (one,) = asked(probe(PODS), maker)
    assert (one.latent, one.scopes, one.severity.title) == (True, ("shop",), "Low")
    assert [one.latent for one in asked(probe(PODS), maker, binding("b", user("x"), role="maker", kind="Role", namespace="shop"))] == [
        False
    ]
    assert [one.latent for one in asked(probe(PODS), maker, binding("b", role="maker", kind="Role", namespace="shop"))] == [True]


def test_privileged_namespaces_to_a_fixed_point():
    """An account that amounts to cluster-admin makes its namespace privileged, which makes others such, and so on."""
    admin = probe(may("create", "serviceaccounts/token"), admin=(C, NP))
    objects = [
        grant("create", "serviceaccounts/token", to=account("a", "first"), namespace="kube-system", name="a"),
        grant("create", "serviceaccounts/token", to=account("b", "second"), namespace="first", name="b"),
        grant("create", "serviceaccounts/token", to=account("c", "third"), namespace="second", name="c"),
        grant("create", "serviceaccounts/token", to=account("d", "fourth"), namespace="elsewhere", name="d"),
    ]
    result = audit(Engine(policy_of(*objects)), assemble(Objects()), [admin])
    assert result.context.privileged == {"kube-system", "first", "second", "third"}
    by_scope = {one.scopes: one.severity.title for one in result.findings}
    assert by_scope == {("kube-system",): "Critical", ("first",): "Critical", ("second",): "Critical", ("elsewhere",): "High"}


@pytest.mark.parametrize(
    ("rules", "spreads"),
    [
        ([rule("bind", "clusterroles", RBAC, "cluster-admin"), rule("create", "clusterrolebindings", RBAC)], True),
        ([rule("bind", "clusterroles", RBAC, "view"), rule("create", "clusterrolebindings", RBAC)], False),
        ([rule("bind", "clusterroles", RBAC, "unheard-of"), rule("create", "clusterrolebindings", RBAC)], False),
        ([rule("impersonate", "users"), rule("impersonate", "groups", names="system:masters")], True),
        ([rule("impersonate", "users", names="ann"), rule("impersonate", "groups", names="devs")], False),
        ([rule("create", "serviceaccounts/token", names="clusterrole-aggregation-controller")], True),
        ([rule("create", "pods/exec", names="web-0")], False),
    ],
)
def test_a_privileged_name_makes_a_namespace_privileged(rules, spreads):
    """Grants that are limited to names amount to cluster-admin where one of the names does, and else not."""
    objects = given(*rules, to=account("a", "tools"), name="a") + grant("create", "pods", namespace="tools", name="b")
    result = audit(Engine(policy_of(objects)), assemble(Objects()), [probe(PODS)])
    assert ("tools" in result.context.privileged) is spreads


@pytest.mark.parametrize(("names", "spreads"), [("clusterrole-aggregation-controller", True), ("web", False)])
@pytest.mark.parametrize("namespace", ["kube-system", "shop"])
def test_a_privileged_name_counts_in_privileged_namespaces(names, spreads, namespace):
    """The token of one account, in a namespace: as bad as all only there where that account is one of the control plane's."""
    objects = grant("create", "serviceaccounts/token", names=names, namespace=namespace, to=account("a", "tools"))
    result = audit(Engine(policy_of(objects)), assemble(Objects()), [probe(PODS)])
    assert ("tools" in result.context.privileged) is (spreads and namespace == "kube-system")


def test_abac_lines():
    """A line's scope is its namespace; without one it speaks of the cluster scope, where namespaced things are listed at most."""

    def line(**spec):
        return msgspec.json.encode(
            {"apiVersion": "abac.authorization.kubernetes.io/v1beta1", "kind": "Policy", "spec": {"user": "ivy", **spec}}
        ).decode()

    assert shown(asked(probe(PODS), abac=line(resource="pods", namespace="*"))) == [("user:ivy", ("*",), "Critical")]
    assert shown(asked(probe(PODS), abac=line(resource="pods", namespace="shop"))) == [("user:ivy", ("shop",), "High")]
    assert asked(probe(PODS), abac=line(resource="pods")) == ()
    assert asked(probe(PODS), abac=line(resource="pods", namespace="*", readonly=True)) == ()
    assert shown(asked(probe(may("list", "secrets")), abac=line(resource="secrets"))) == [("user:ivy", ("*",), "Critical")]
    assert shown(asked(probe(may("create", "pods/exec")), abac=line(resource="pods", namespace="*"))) == [("user:ivy", ("*",), "Critical")]


def test_versions():
    """A rule is asked only within its Kubernetes versions."""
    one = probe(PODS, since=(1, 35))
    assert asked(one, grant("create", "pods"), version=(1, 34)) == ()
    assert len(asked(one, grant("create", "pods"), version=(1, 35))) == 1


def test_fingerprints_survive_reordering_and_reformatting():
    """The order of objects, rules, verbs and subjects, and the name of the file, are not part of a finding's identity."""
    some = grant("get list", "pods secrets", name="a") + grant("*", "*", "*", name="b", namespace="shop")
    some[0]["rules"].insert(0, rule("get", "nodes"))
    other = list(reversed(grant("list get", "secrets pods", name="a"))) + list(reversed(grant("*", "*", "*", name="b", namespace="shop")))
    some_found, other_found = judged(policy_of(*some)), judged(policy_of(*other))
    assert some_found
    assert {one.fingerprint for one in some_found} == {one.fingerprint for one in other_found}


def test_narrower_findings_are_part_of_broad_ones():
    """Everything everywhere contains the rest; another role's finding is its own."""
    found = judged(policy_of(grant("*", "*", "*", name="all"), grant("get", "secrets", name="other")), "RL1001", "RL1101")
    assert sorted((one.rule, one.objects[1].name, one.part_of) for one in found) == [
        ("RL1001", "all", ""),
        ("RL1101", "all", "RL1001"),
        ("RL1101", "other", ""),
    ]


def test_narrower_findings_of_another_rule_of_the_role_are_not():
    """A star in one rule of a role says nothing of what stands in another; what a role is as a whole contains all of it."""
    mixed = given(rule("*", "pods"), rule("get", "secrets"), rule("create", "deployments", "apps"))
    parts = {one.rule: one.part_of for one in judged(policy_of(mixed), "RL1004", "RL1101", "RL1304", "RL1310")}
    assert parts == {"RL1004": "", "RL1101": "", "RL1304": "", "RL1310": "RL1004"}
    parts = {one.rule: one.part_of for one in judged(policy_of(binding("b", user("x"), role="edit")), "RL1008", "RL1101", "RL1403")}
    assert parts == {"RL1008": "", "RL1101": "RL1008", "RL1403": "RL1008"}


def test_cluster_admin_is_said_once():
    """A binding to cluster-admin is one finding; that it is everything on all resources is part of it, and so is the rest."""
    bound = judged(policy_of(binding("b", user("x"), role="cluster-admin")))
    assert [one.rule for one in bound if not one.part_of] == ["RL1002"]
    assert {one.part_of for one in bound if one.rule in ("RL1001", "RL1101", "RL2301")} == {"RL1002"}


def test_what_is_worse_is_no_part():
    """A critical finding is not hidden behind a milder one by the same grant."""
    line = '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy",'
    line += '"spec":{"user":"a","namespace":"shop","resource":"*","apiGroup":"*"}}'
    found = judged(policy_of(abac=line), "RL1003", "RL1708", "RL1401")
    assert sorted((one.rule, one.severity.title, one.part_of) for one in found) == [
        ("RL1003", "High", ""),
        ("RL1401", "High", "RL1003"),
        ("RL1708", "Critical", ""),
    ]


def test_what_nobody_holds_yet_is_part_of_its_own_role():
    """How bad the broad finding of another role is does not matter, however the roles are divided among jobs."""
    broad = role("broad", rule("create get", "*"), namespace="shop")
    milder = role("milder", rule("create", "*", "example.com"), namespace="shop")

    def parts(*objects):
        return {one.rule: one.part_of for one in judged(policy_of(*objects)) if one.latent and one.objects[0].name == "broad"}

    assert parts(broad)["RL1403"] == "RL1005"
    assert parts(broad) == parts(broad, milder) == parts(milder, broad)


def test_order_is_the_same_for_any_order_of_the_input():
    """Findings come worst first, in an order that depends on nothing but themselves."""
    objects = [one for n in range(6) for one in grant("get", "secrets", name=f"r{n}", to=user(f"u{n}"))]
    plainly = [one.id for one in judged(policy_of(*objects))]
    assert plainly == [one.id for one in judged(policy_of(*reversed(objects)))]


def test_alternatives_in_a_union_do_not_depend_on_the_order():
    """Where one of two roles would complete a trigger, the same one is named for any order of the input."""
    both = probe(may("create", "pods") & may("get", "secrets"))
    objects = [grant("create", "pods", name="a"), grant("get", "secrets", name="b"), grant("get", "secrets", name="c")]
    (one,), (other,) = asked(both, *objects), asked(both, *reversed(objects))
    assert one.fingerprint == other.fingerprint


def test_levels():
    """Scores and levels as the catalogue has them; a move by levels stays within them."""
    assert [severity_of(score).title for score in (10, 9, 8.9, 7, 6.9, 4, 3.9, 0.1, 0)] == [
        "Critical", "Critical", "High", "High", "Medium", "Medium", "Low", "Low", "Info",
    ]  # fmt: skip
    assert (shifted(9.8, 1), shifted(9.8, 0), severity_of(shifted(9.8, -2)), shifted(0.0, -2)) == (9.8, 9.8, Severity.MEDIUM, 0.0)


def test_trigger_in_words():
    """A trigger can be read: no verb is said of a resource that it is not asked of, and brackets stand where and meets or."""
    pods, nodes, roles = PODS, may("get", "nodes/proxy", cluster=True), may("get", "roles", "g")
    assert words(may("get list", "secrets")) == "`get`, `list` on `secrets`"
    assert words(pods & nodes) == "`create` on `pods` **and** `get` on `nodes/proxy`"
    assert words(may("get", "pods secrets") | pods) == "`get`, `create` on `pods` **or** `get` on `secrets`"
    assert words(may("get list", "secrets") | may("get list", "configmaps")) == "`get`, `list` on `secrets`, `configmaps`"
    assert words((pods & nodes) | roles) == f"`get` on `roles` (g) **or** ({words(pods & nodes)})"
    assert words(pods & (nodes | roles)) == f"`create` on `pods` **and** ({words(nodes | roles)})"
    assert words(may("get", FRESH)) == "`get` on every resource (of the core group)"
    assert words(may("get", "configmaps", name="a", namespace="b")) == "`get` on `configmaps` named `a` in `b`"


def test_every_rule_says_everything():
    """Titles, sentences and mappings are complete; ids and modules agree."""
    for one in load_rules():
        assert one.id == one.id.upper() and one.title and one.fix.endswith(".") and one.gives.endswith(".")
        assert one.tier in (1, 2, 3) and 0 <= one.top_score <= 10
        assert one.since <= one.until
