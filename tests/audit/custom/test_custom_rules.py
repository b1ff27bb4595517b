"""Custom rules in YAML: capability rules, looks at objects, what their expressions see, and what they could not decide."""

from __future__ import annotations

import pytest
import strategies
from audit_rules import (
    SAMPLES,
    account,
    binding,
    grant,
    group,
    judged,
    plain,
    policy_of,
    role,
    rule,
    user,
)
from hypothesis import given, settings

from rbaclens.audit.catalogue import Catalogue
from rbaclens.audit.custom.rules import read_rules
from rbaclens.audit.registry import load_rule
from rbaclens.audit.rule import NP, C, CapabilityRule, CheckRule, N
from rbaclens.audit.run import audit
from rbaclens.errors import PolicyFileError, UnknownNameError
from rbaclens.index.engine import Engine
from rbaclens.sources import Objects, assemble, load
from rbaclens.sources.placed_yaml import placed_documents

LINE = '{"apiVersion":"abac.authorization.kubernetes.io/v1beta1","kind":"Policy","spec":{%s}}'
HEAD = "id: T-1\ntitle: T\ngives: G.\nfix: F.\n"
SECRETS = "trigger: {verbs: [get, list, watch], resources: [secrets]}\n"
LABELS = {"gathered-by": "ops"}
GATHERED = [
    role("source", rule("get", "secrets"), labels=LABELS),
    role("ops", aggregationRule={"clusterRoleSelectors": [{"matchLabels": LABELS}]}),
    binding("ops", user("mallory"), role="ops", namespace="shop"),
]


def rules(text):
    """The rules of a text."""
    return read_rules(placed_documents(text.encode(), "t.rules.yaml"), "t.rules.yaml")


def asked(text, policy, version=(1, 36)):
    """The audit of a policy by the rules of a text, which lacks what HEAD says."""
    return audit(Engine(policy), assemble(Objects()), rules(HEAD + text), version=version)


def shown(found):
    """Principal, scopes and level of each finding."""
    return sorted((str(one.principal), one.scopes, one.severity.title) for one in found.findings)


def test_capability_rule_is_the_catalogues_own_form():
    """Each part of the trigger becomes atoms; scopes have scores by name or number."""
    (one,) = rules(
        HEAD + "severity: {cluster: 9.3, namespace: medium, privilegedNamespace: high}\n"
        "confidence: low\ntier: 2\nsince: '1.30'\nuntil: v1.35\nnamed: yes\npods: true\n"
        "references: {cis: 5.1.2, attack: [T1552.007], urls: ['https://acme.example/x']}\n" + SECRETS
    )
    builtin = load_rule("RL1101")
    assert isinstance(one, CapabilityRule)
    assert one.trigger == builtin.trigger
    assert one.scores == {C: 9.3, N: 5.5, NP: 8.0}
    assert (one.confidence, one.tier, one.since, one.until, one.named, one.pods) == ("low", 2, (1, 30), (1, 35), True, True)
    assert (one.cis, one.attack, one.links, one.source) == (("5.1.2",), ("T1552.007",), ("https://acme.example/x",), "t.rules.yaml:1:5")


@pytest.mark.parametrize(
    ("trigger", "builtin"),
    [
        ("{verbs: [get, list, watch], resources: [secrets]}", "RL1101"),
        ("{verbs: '*', resources: '*', apiGroups: '*'}", "RL1001"),
        ("{verbs: create, resources: pods}", "RL1301"),
        ("{verbs: [get, head, post, put, patch, delete, options], nonResourceURLs: ['*']}", "RL2301"),
        (
            "{all: [{verbs: [sign], apiGroups: [certificates.k8s.io], resources: [signers]}, "
            "{verbs: [update, patch], apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/status]}]}",
            "RL1603",
        ),
    ],
)
def test_trigger_of_a_rule_of_the_catalogue(trigger, builtin):
    """The YAML form of a trigger is the very expression of the rule."""
    (one,) = rules(f"{HEAD}severity: high\ntrigger: {trigger}\n")
    assert one.trigger == load_rule(builtin).trigger


TWIN = "id: TWIN\ntitle: T\ngives: G.\nfix: F.\nseverity: {cluster: 9.3}\n" + SECRETS


def _twins(policy):
    found = audit(Engine(policy), assemble(Objects()), [load_rule("RL1101"), *rules(TWIN)]).findings
    # Sorted afresh: what is equal otherwise stands in the order of fingerprints, which differ with the rule.
    return [
        sorted([(one.principal, one.scopes, one.score, one.evidence, one.origin) for one in found if one.rule == name], key=repr)
        for name in ("RL1101", "TWIN")
    ]


@settings(max_examples=100, deadline=None)
@given(strategies.policies())
def test_same_findings_as_the_catalogue_on_random_policies(policy):
    """Whatever the policy, the YAML form of a rule finds what the rule finds."""
    builtin, twin = _twins(policy)
    assert builtin == twin


def test_same_findings_as_the_catalogue_on_all_samples():
    """Also over all samples at once, where there are some."""
    builtin, twin = _twins(load([str(path) for path in sorted(SAMPLES.glob("RL1*/vulnerable.yaml"))]))
    assert builtin == twin
    assert len(builtin) > 3


@pytest.mark.parametrize(
    "policy",
    [
        policy_of(grant("get", "secrets", namespace="shop", to=group("ops"))),
        policy_of(GATHERED),
        policy_of(abac=LINE % '"user":"mallory","namespace":"shop","resource":"secrets","readonly":true'),
    ],
    ids=["group", "aggregation", "abac"],
)
def test_held_by_group_aggregation_and_abac(policy):
    """It is asked of what somebody effectively holds, with the evidence."""
    (one,) = [one for one in asked("severity: high\n" + SECRETS, policy).findings if not one.latent]
    assert (one.rule, one.scopes, len(one.evidence)) == ("T-1", ("shop",), 1)


def test_needs_that_come_from_two_roles():
    """All parts may come from several grants; unless prevents it."""
    text = "severity: high\ntrigger: {all: [{verbs: [get], resources: [secrets]}, {verbs: [create], resources: [pods/exec]}]}\n"
    policy = policy_of(grant("get", "secrets", name="a"), grant("create", "pods/exec", name="b"))
    (one,) = asked(text, policy).findings
    assert len(one.evidence) == 2
    assert not asked(text + "unless: {verbs: [get], resources: [secrets]}\n", policy).findings


def test_where_resources_are_is_known():
    """A cluster-scoped resource is not held by a RoleBinding; a request about one namespace is; of others the rule says it."""
    nodes = "severity: high\ntrigger: {verbs: [get], resources: [nodes]}\n"
    assert not asked(nodes, policy_of(grant("get", "nodes", namespace="shop"))).findings
    assert asked(nodes, policy_of(grant("get", "nodes"))).findings
    namespaces = "severity: high\ntrigger: {verbs: [delete, list], resources: [namespaces]}\n"
    assert asked(namespaces, policy_of(grant("delete", "namespaces", namespace="shop"))).findings
    assert not asked(namespaces, policy_of(grant("list", "namespaces", namespace="shop"))).findings
    own = "severity: high\ntrigger: {verbs: [get], apiGroups: [acme.example], resources: [tenants]%s}\n"
    tenants = policy_of(grant("get", "tenants", "acme.example", namespace="shop"))
    assert asked(own % "", tenants).findings
    assert not asked(own % ", clusterScoped: true", tenants).findings
    there = "severity: high\ntrigger: {verbs: [get], resources: [secrets], namespace: kube-system}\n"
    assert not asked(there, tenants).findings
    assert asked(there, policy_of(grant("get", "secrets", namespace="kube-system"))).findings


def test_names():
    """A trigger about one name is held by a grant of it; named counts grants that are limited, a level lower."""
    limited = policy_of(grant("get", "secrets", names="db", namespace="shop"))
    one_name = "severity: high\ntrigger: {verbs: [get], resources: [secrets], resourceNames: [db]}\n"
    any_name = "severity: high\ntrigger: {verbs: [get], resources: [secrets]}\n"
    assert shown(asked(one_name, limited)) == [("user:mallory", ("shop",), "High")]
    assert not asked(any_name, limited).findings
    assert shown(asked(any_name + "named: true\nwhen: names == ['db']\n", limited)) == [("user:mallory", ("shop",), "Medium")]


ACCOUNT = [
    plain("Namespace", "shop", labels={"env": "production"}),
    role("maker", rule("create", "pods"), labels={"team": "web"}),
    binding("maker", account("runner", "ci"), role="maker", namespace="shop"),
]


@pytest.mark.parametrize(
    "when",
    [
        "principal.kind == 'ServiceAccount' && principal.name == 'runner' && principal.namespace == 'ci'",
        "principal.id == 'sa:ci/runner'",
        "scope == 'shop' && !everywhere && !privileged && !latent",
        "names.size() == 0",
        "namespaceObject.metadata.labels['env'] == 'production'",
        "namespaceObject.kind == 'Namespace' && has(namespaceObject.metadata.labels)",
        "grants.all(g, g.authorizer == 'RBAC' && g.binding.metadata.name == 'maker' && g.role.metadata.labels.team == 'web')",
        "grants[0].subject.name == 'runner' && grants[0].rule.verbs == ['create']",
        "grants[0].binding.roleRef.kind == 'ClusterRole' && !has(grants[0].policy.spec)",
        "role.metadata.name == 'maker' && role.kind == 'ClusterRole' && role.rules.exists(r, 'pods' in r.resources)",
        "severity == 'high' && score == 8.0",
        "version.major == 1 && version.minor >= 36",
        "sets.intersects(grants.map(g, g.role.metadata.name), ['maker', 'x'])",
        "sets.contains(role.rules[0].verbs, ['create'])",
        "role.metadata.annotations[?'owner'].orValue('nobody') == 'nobody'",
        "principal.name.matches('^run')",
    ],
)
def test_what_a_condition_sees(when):
    """Every variable; and the opposite of the condition drops the finding."""
    text = "severity: high\ntrigger: {verbs: [create], resources: [pods]}\nwhen: "
    policy = policy_of(*ACCOUNT)
    found = asked(f'{text}"{when}"\n', policy)
    assert (shown(found), found.context.doubts) == ([("sa:ci/runner", ("shop",), "High")], ())
    found = asked(f'{text}"!({when})"\n', policy)
    assert (found.findings, found.context.doubts) == ((), ())


def test_condition_on_abac_and_on_roles_bound_to_nobody():
    """An ABAC line is a grant with a policy; of a role that is bound to nobody there is no principal."""
    text = "severity: high\n" + SECRETS
    policy = policy_of(abac=LINE % '"user":"bob","namespace":"*","resource":"secrets"')
    when = "grants[0].authorizer == 'ABAC' && grants[0].policy.spec.user == 'bob' && !grants[0].policy.spec.readonly"
    assert shown(asked(f'{text}when: "{when}"\n', policy)) == [("user:bob", ("*",), "High")]
    policy = policy_of(role("lonely", rule("get", "secrets")))
    (one,) = asked(text + "when: latent && principal.kind == '' && role.metadata.name == 'lonely' && grants.size() == 0\n", policy).findings
    assert one.latent


def test_condition_that_cannot_be_told_is_no_silent_no():
    """No finding, and a doubt with the place in the file, the reason, whom it was about first and how often."""
    text = "severity: high\n" + SECRETS + "when: namespaceObject.metadata.labels['tier'] == 'gold'\n"
    policy = policy_of(grant("get", "secrets", namespace="a"), grant("get", "secrets", namespace="b", name="other", to=group("g")))
    found = asked(text, policy)
    (doubt,) = found.context.doubts
    assert found.findings == ()
    assert (doubt.rule, doubt.place, doubt.count) == ("T-1", "t.rules.yaml:7:7", 2)
    assert str(doubt) == "t.rules.yaml:7:7: T-1 cannot tell about group:g and 1 more: no such key: tier"


OBJECTS = [
    plain("Namespace", "shop", labels={"env": "production"}),
    plain("ServiceAccount", "runner", "shop"),
    role("wide", rule("get", "pods"), rule("*", "*", "*"), namespace="shop"),
    binding("all", user("ann@acme.example"), group("ops"), account("runner", "ci"), role="wide", kind="Role", namespace="shop"),
    binding("lost", user("bob"), role="missing"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kinds: Role\nwhen: object.rules.exists(r, '*' in r.verbs)", ["Role shop/wide"]),
        ("kinds: [Role, ClusterRole]\neach: rules\nwhen: \"'*' in rule.verbs\"", ["Role shop/wide"]),
        ("kinds: [Role]\nwhen: bindings.size() == 1 && bindings[0].metadata.name == 'all'", ["Role shop/wide"]),
        ("kinds: [RoleBinding]\nwhen: namespaceObject.metadata.labels.env == 'production'", ["RoleBinding shop/all"]),
        ("kinds: [ClusterRoleBinding]\nwhen: role.kind == ''", ["ClusterRoleBinding lost"]),
        ("kinds: [RoleBinding]\nwhen: \"role.rules.exists(r, '*' in r.verbs)\"", ["RoleBinding shop/all"]),
        (
            "kinds: [RoleBinding]\neach: subjects\nwhen: subject.kind == 'ServiceAccount' && subject.namespace == 'ci'",
            ["RoleBinding shop/all"],
        ),
        ("kinds: [ServiceAccount]\nwhen: object.metadata.namespace == 'shop'", ["ServiceAccount shop/runner"]),
        ("kinds: [Namespace]\nwhen: \"!('team' in object.metadata.labels)\"", ["Namespace shop"]),
        ("kinds: [RoleBinding, ClusterRoleBinding]\nwhen: has(object.metadata.name)", ["ClusterRoleBinding lost", "RoleBinding shop/all"]),
        ("kinds: [Role, ClusterRole]\nwhen: version.minor < 30", []),
    ],
)
def test_looks_at_objects(text, found):
    """Each kind with what belongs to it; the API server's own objects are not asked."""
    done = asked(f"severity: low\n{text}\n", policy_of(*OBJECTS))
    assert (
        sorted(f"{one.objects[0].kind} {one.objects[0].namespace}/{one.objects[0].name}".replace(" /", " ") for one in done.findings)
        == found
    )
    assert done.context.doubts == ()


def test_place_principal_and_message_of_a_part():
    """A subject's finding is at the subject, about it, in the words of the expression; its identity is what it says, not where."""
    text = "severity: 4.5\nkinds: [RoleBinding]\neach: subjects\nwhen: subject.kind == 'User'\n"
    text += "messageExpression: subject.name + ' in ' + object.metadata.name\n"
    (one,) = asked(text, policy_of(*OBJECTS)).findings
    assert (one.message, str(one.principal), one.score) == ("ann@acme.example in all", "user:ann@acme.example", 4.5)
    assert one.origin.path[-2:] == ("subjects", 0)
    moved = [*OBJECTS[:3], binding("all", group("ops"), user("ann@acme.example"), role="wide", kind="Role", namespace="shop")]
    (other,) = asked(text, policy_of(*moved)).findings
    assert (other.fingerprint, other.origin.path[-1]) == (one.fingerprint, 1)


def test_rules_of_an_aggregated_role_are_found_where_they_were_written():
    """Each rule once, on the role that wrote it."""
    selector = {"clusterRoleSelectors": [{"matchLabels": {"in": "all"}}]}
    policy = policy_of(role("part", rule("*", "pods"), labels={"in": "all"}), role("all", aggregationRule=selector))
    (one,) = asked("severity: low\nkinds: [ClusterRole]\neach: rules\nwhen: \"'*' in rule.verbs\"\n", policy).findings
    assert one.objects[0].name == "part"
    whole = asked(
        "severity: low\nkinds: [ClusterRole]\nwhen: object.aggregationRule.clusterRoleSelectors[0].matchLabels['in'] == 'all'\n", policy
    )
    assert [doubt.reason for doubt in whole.context.doubts] == ["index out of bounds: 0"]
    assert [one.objects[0].name for one in whole.findings] == ["all"]


def test_abac_lines_are_objects():
    """A line with its spec; the finding is about whom it names."""
    line = LINE % '"group":"g","nonResourcePath":"/x","readonly":true'
    text = "severity: info\nkinds: [ABAC]\nwhen: object.spec.readonly && object.spec.nonResourcePath == '/x'\nmessage: Reads.\n"
    (one,) = asked(text, policy_of(abac=line)).findings
    assert (str(one.principal), one.message, one.score) == ("group:g", "Reads.", 0.0)


def test_message_that_fails_does_not_hide_the_finding():
    """The plain message stands for it, and the audit says so."""
    text = "severity: low\nkinds: [Namespace]\nwhen: 'true'\nmessage: Plain.\nmessageExpression: object.metadata.labels['no']\n"
    found = asked(text, policy_of(*OBJECTS))
    assert [one.message for one in found.findings] == ["Plain."]
    assert [doubt.reason for doubt in found.context.doubts] == ["no such key: no"]


def test_forms_of_a_file():
    """One rule, a list, rules: with a list, several documents, JSON."""
    one = "{id: %s, title: T, gives: G, fix: F, severity: low, kinds: [Role], when: 'true'}"
    assert [rule.id for rule in rules(f"---\nrules:\n- {one % 'A-1'}\n---\n- {one % 'A-2'}\n- {one % 'a-3'}\n---\n{one % 'A-4'}\n")] == [
        "A-1",
        "A-2",
        "A-3",
        "A-4",
    ]
    (json,) = rules('{"id":"J-1","title":"T","gives":"G","fix":"F","severity":"low","kinds":["Role"],"when":"true"}')
    assert isinstance(json, CheckRule)
    assert (json.level, json.base, json.condition) == ("warning", 2.0, "Role, when `true`")


def test_versions_bound_a_rule():
    """A rule is not asked of servers that it does not concern."""
    text = "severity: high\nsince: '1.35'\n" + SECRETS
    policy = policy_of(grant("get", "secrets"))
    assert asked(text, policy).findings
    assert not asked(text, policy, version=(1, 34)).findings


def test_catalogue():
    """Custom rules come after the others; ids are found in any case; one that stands twice is an error with both places."""
    own = rules(TWIN)
    catalogue = Catalogue.of(own)
    assert catalogue.rule("twin") is own[0]
    assert catalogue.rule("rl1101") is load_rule("RL1101")
    assert list(catalogue)[-1] is own[0]
    with pytest.raises(UnknownNameError, match="TWIM"):
        catalogue.rule("TWIM")
    with pytest.raises(PolicyFileError, match=r'^t.rules.yaml:1:5: the id "TWIN" is taken by the rule of t.rules.yaml:1:5$'):
        Catalogue.of([*own, *own])


def test_no_custom_rule_changes_nothing():
    """Findings of the catalogue are the same with custom rules beside them."""
    policy = policy_of(grant("*", "*", "*"), *OBJECTS)
    before = judged(policy)
    own = rules(TWIN)
    after = audit(Engine(policy), assemble(Objects()), list(Catalogue.of(own))).findings
    assert [one.fingerprint for one in after if one.rule != "TWIN"] == [one.fingerprint for one in before]
