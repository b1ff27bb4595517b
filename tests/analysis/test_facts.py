"""Facts are proven exactly: brute force over all atoms and a fresh one of each kind comes to the same result."""

from __future__ import annotations

import itertools
from functools import cache

import msgspec
import pytest
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.fact_world import World
from rbaclens.analysis.facts import Outcome, Prover
from rbaclens.authorizers.matching import rule_allows
from rbaclens.authorizers.reference.abac import decide_abac
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.authorizers.reference.rbac import visit
from rbaclens.authorizers.webhook import WebhookAuthorizer
from rbaclens.index.engine import Engine
from rbaclens.model.api_struct import Metadata
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import Answer, Verdict
from rbaclens.model.identities import Identities, Membership
from rbaclens.model.identity import ANONYMOUS, MASTERS, implied_groups, service_account_user
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, PlainObject, Role, RoleRef, Subject
from rbaclens.model.permission_facts import Clause, Party, PermissionFact, Places, glob_matches
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import LabelRequirement, Request
from rbaclens.model.rules import PolicyRule
from rbaclens.model.workloads import NodeGraphObjects, Placed, Pod, PodSpec
from rbaclens.requests.resources import ResourceCatalogue
from rbaclens.sources.fact_files import read_facts

FRESH = "fresh"
SUBJECTS = [*strategies.USERS[:3], "sa", *strategies.GROUPS]
PEOPLE = [*strategies.USERS, *SUBJECTS, FRESH, "system:serviceaccount:fresh:fresh", "system:serviceaccount:a:fresh"]
PEOPLE += [service_account_user(namespace, name) for namespace in strategies.NAMESPACES for name in SUBJECTS]
PEOPLE = [user for user in dict.fromkeys(PEOPLE) if user]
TEAMS = [group for group in [*SUBJECTS, FRESH] if group != MASTERS and not group.startswith(("system:serviceaccounts", "system:auth"))]
VERBS = [*strategies.VERBS, FRESH]
TARGETS = [tuple(entry.partition("/")[::2]) for entry in strategies.RESOURCES] + [(entry, "") for entry in strategies.RESOURCES]
TARGETS += [(one, below) for one in ("", "pods", "secrets", "deployments", "*", FRESH, "namespaces") for below in ("", "log", "*", FRESH)]
TARGETS = list(dict.fromkeys(TARGETS))
NAMES = [*strategies.NAMES, "a", "b", "xyz", FRESH]
NAMESPACES = ["", *strategies.NAMESPACES, "ab", FRESH]
PATHS = [*(path for path in strategies.PATHS if path.startswith("/")), "/apix", "/fresh", "/healthz/fresh", "/api/v1/fresh"]
WITHOUT_NAME = ("create", "list", "watch", "deletecollection")


def identities():
    """Every user with no group, one group, and two of them, completed as authentication does."""
    for user in PEOPLE:
        for groups in [(), ("devs",), ("ops",), ("*",), ("devs", "ops"), *(((one,) for one in TEAMS) if user == FRESH else ())]:
            if not groups or user != ANONYMOUS:
                yield user, implied_groups(user, groups)


EVERYBODY = list(identities())


def requests_of(clause, places):
    """Every request that a clause says, over the alphabets."""
    verbs = VERBS if clause.verb is None else [clause.verb]
    if clause.path:
        paths = [path for path in PATHS if glob_matches(clause.path, path)] if clause.path.endswith("*") else [clause.path]
        yield from (Request(verb, path=path) for verb in verbs for path in paths)
        return
    targets = [
        (resource, sub)
        for resource, sub in TARGETS
        if clause.resource in (None, resource) and (clause.subresource in (None, sub)) and (sub or not clause.only_subresources)
    ]
    if clause.resource is not None and clause.subresource is not None:
        targets = [(clause.resource, clause.subresource)]
    groups = ["", "apps", "*", FRESH] if clause.api_group is None else [clause.api_group]
    names = [name for name in NAMES if not clause.names or any(glob_matches(pattern, name) for pattern in clause.names)]
    namespaces = [one for one in NAMESPACES if spoken_of(places, one)] if clause.namespaced else [""]
    for verb, (resource, sub), group, name in itertools.product(verbs, targets, groups, names):
        own = [""] if verb in WITHOUT_NAME else [name] if name else []
        spots = own if clause.is_namespace_object else namespaces
        yield from (Request(verb, resource, group, sub, namespace, name) for namespace in spots)


def spoken_of(places, namespace):
    """Whether a namespace is one of those that ``places`` name."""
    if any(glob_matches(pattern, namespace) for pattern in places.excluded):
        return False
    return places.everywhere or any(glob_matches(pattern, namespace) for pattern in places.patterns)


def brute_force(policy, config, fact):
    """Whether a fact holds, by asking the reference everything."""
    said = [request for clause in fact.clauses for request in requests_of(clause, fact.places)]
    with_abac = any(entry.type == "ABAC" for entry in config.authorizers)

    @cache
    def rules(who, namespace):
        return [rule for _, _, role in visit(policy, *who, namespace) if role is not None for rule in role.rules]

    def may(who, request):
        # The reference, its walk over the bindings remembered: it is asked a million times.
        if any(rule_allows(rule, request) for rule in rules(who, request.namespace)):
            return True
        if not with_abac or not policy.abac:
            return False
        return decide_abac(policy.abac, msgspec.structs.replace(request, user=who[0], groups=who[1])).verdict is Verdict.ALLOW

    if fact.kind in ("allow", "deny"):
        people = [alone(party) for party in fact.parties]
        return all(may(who, request) == (fact.kind == "allow") for who in people for request in said)
    spared = (*fact.exempt, *(fact.parties if fact.kind == "only" else ()))
    people = [who for who in EVERYBODY if not any(party.includes(*who) for party in spared)]
    if fact.kind == "everyone":
        members = [who for who in people if any(party.includes(*who) for party in fact.parties)]
        return all(may(who, request) for who in members for request in said)
    return not any(may(who, request) for who in people for request in said)


def alone(party):
    """The identity that a party stands for: a user, or somebody in one group."""
    if party.user:
        return party.user, implied_groups(party.user)
    return FRESH, implied_groups(FRESH, (party.group,))


verbs = st.sampled_from(["get", "create", "list"])
name_lists = st.sampled_from([(), ("x",), ("x", "y"), ("x*",), ("?",), ("xyz",)])
resource_clauses = st.one_of(
    st.builds(Clause, verbs, st.sampled_from(["pods", "secrets"]), st.just(""), st.sampled_from(["", "log"]), name_lists),
    st.builds(Clause, st.none(), st.just("pods"), st.just(""), st.just(""), name_lists),
    st.builds(Clause, verbs, st.none(), st.sampled_from([None, "apps"]), st.none(), st.sampled_from([(), ("x",)])),
    st.builds(Clause, verbs, st.none(), st.none(), st.just("log"), st.just(())),
    st.builds(Clause, verbs, st.just("pods"), st.just(""), st.none(), st.just(()), st.just(True), st.just(True)),
    st.builds(
        Clause, st.one_of(verbs, st.none()), st.just("namespaces"), st.just(""), st.just(""), st.sampled_from([(), ("a",)]), st.just(False)
    ),
    st.builds(Clause, verbs, st.just("nodes"), st.just(""), st.just(""), name_lists, st.just(False)),
)
path_clauses = st.builds(
    Clause,
    st.one_of(verbs, st.none()),
    namespaced=st.just(False),
    path=st.sampled_from(["/healthz", "/healthz/*", "/*", "/api/v1", "/api*"]),
)
places = st.sampled_from(
    [
        Places(),
        Places(excluded=("a",)),
        Places(False, ("a",)),
        Places(False, ("a", "c")),
        Places(False, ("a*",)),
        Places(False, ("?",)),
        Places(False, ("*",), excluded=("a*",)),
        Places(False, ("",)),
    ]
)
parties = st.sampled_from([Party("u", user=user) for user in ("bob", "eve")] + [Party("g", group=group) for group in ("devs", "ops")])
exempt = st.lists(st.one_of(parties, st.just(Party("all", group="system:authenticated"))), max_size=2).map(tuple)


@st.composite
def facts(draw):
    """A fact of any kind, with one or two clauses."""
    kind = draw(st.sampled_from(["allow", "deny", "only", "nobody", "everyone"]))
    who = () if kind == "nobody" else (draw(parties),)
    if kind == "everyone":
        who = (Party("g", group=draw(st.sampled_from(["devs", "ops"]))),)
    clauses = draw(st.lists(st.one_of(resource_clauses, resource_clauses, path_clauses), min_size=1, max_size=2, unique=True))
    spared = () if kind in ("allow", "deny") else draw(exempt)
    return PermissionFact(kind, "fact", tuple(clauses), who, spared, draw(places), count_components=draw(st.booleans()))


def prove(policy, fact, config=None, identities=None):
    """What becomes of a fact, and the engine."""
    engine = Engine(policy, config)
    return Prover(engine, World(policy, [fact], identities)).prove(fact), engine


@settings(max_examples=150, deadline=None)
@given(strategies.policies(max_bindings=4), facts())
def test_agrees_with_brute_force(policy, fact):
    """A fact holds if and only if brute force with the reference finds no exception; what refutes it is real."""
    chain = [AuthorizerEntry("ABAC", "abac")] * (policy.abac is not None) + [AuthorizerEntry("RBAC", "rbac")]
    found, engine = prove(policy, fact, AuthorizerConfig(tuple(chain)))
    if found.doubts:
        assert found.outcome is Outcome.UNKNOWN and fact.kind == "everyone"  # the exceptions leave nobody
        return
    assert (found.outcome is Outcome.HOLDS) == brute_force(policy, engine.config, fact)
    if found.outcome is Outcome.FAILS:
        request = found.decision.request
        wanted = Answer.NO if fact.demands else Answer.YES
        assert found.decision.answer is wanted
        assert engine.decide(request).answer is wanted
        assert reference(policy, engine.config, request).answer is wanted
        assert not any(party.includes(request.user, request.groups) for party in fact.exempt)


CATALOGUE = ResourceCatalogue()


def said(text):
    """A fact in words."""
    (fact,) = read_facts(f"- {text}".encode(), "facts", CATALOGUE)
    return fact


def outcome(policy, text, **options):
    """What becomes of a fact in words."""
    return prove(policy, said(text), **options)[0].outcome


def role(*rules, name="r", namespace="a"):
    """A role, with a namespace or for the cluster."""
    return Role("Role" if namespace else "ClusterRole", namespace, name, rules, Origin("roles"))


def binding(*subjects, name="r", namespace="a", kind="", origin="bindings"):
    """A binding of the role called ``name``."""
    ref = RoleRef(kind or ("Role" if namespace else "ClusterRole"), name)
    return Binding("RoleBinding" if namespace else "ClusterRoleBinding", namespace, name, subjects, ref, Origin(origin))


SECRETS = PolicyRule(("get",), ("",), ("secrets",))
DEVS = Subject("Group", "devs")


def member(user, group):
    """Somebody in a group, as identities files say it."""
    return Membership(user, group, Origin("ids"))


def test_a_closed_group_is_its_members():
    """A group of the identities file has the members that it says: whom they exempt, the group does not bring back."""
    policy = PolicySet((role(SECRETS),), (binding(DEVS),))
    alice = member("alice", "devs")
    known = Identities({"alice": (alice,)}, {"devs": (alice,)})
    assert outcome(policy, "only alice can get secrets in a") is Outcome.FAILS
    assert outcome(policy, "only alice can get secrets in a", identities=known) is Outcome.HOLDS
    found, _ = prove(policy, said("nobody can get secrets in a"), identities=known)
    assert found.decision.request.user == "alice"


def test_groups_of_the_identities_file_count():
    """A user is in the groups that the file says, for what is demanded and for whom is exempt."""
    one = member("bob", "ops")
    known = Identities({"bob": (one,)}, {"ops": (one,)})
    policy = PolicySet((role(SECRETS),), (binding(Subject("User", "bob")),))
    assert outcome(policy, "only group:ops can get secrets in a") is Outcome.FAILS
    assert outcome(policy, "only group:ops can get secrets in a", identities=known) is Outcome.HOLDS
    by_group = PolicySet((role(SECRETS),), (binding(Subject("Group", "ops")),))
    assert outcome(by_group, "'allow: bob get secrets in a'", identities=known) is Outcome.HOLDS


def test_members_that_are_all_exempt_prove_nothing():
    """Where nobody is left whom a fact speaks of, it is unknown."""
    one = member("bob", "devs")
    known = Identities({"bob": (one,)}, {"devs": (one,)})
    assert outcome(PolicySet(), "everyone in group:devs can get pods except user:bob", identities=known) is Outcome.UNKNOWN


@pytest.mark.parametrize(("text", "expected"), [("nobody", Outcome.HOLDS), ("nobody but group:x", Outcome.HOLDS)])
def test_masters_never_count(text, expected):
    """The group that bypasses every authorizer (ATTR-25) is not what a fact means by somebody."""
    policy = PolicySet((role(SECRETS),), (binding(Subject("Group", MASTERS)),))
    assert outcome(policy, f"{text} can get secrets") is expected
    assert outcome(PolicySet(), "'allow: group:system:masters get secrets'") is Outcome.HOLDS


def test_components_count_when_asked():
    """What default bindings give to the cluster's own components counts only where the fact says so; what is public counts."""
    own = binding(Subject("User", "system:kube-scheduler"), namespace="", origin="bootstrap")
    everybody = binding(Subject("Group", "system:authenticated"), namespace="", origin="bootstrap")
    shipped = msgspec.structs.replace(role(SECRETS, namespace=""), origin=Origin("bootstrap"))
    component = PolicySet((shipped,), (own,))
    assert outcome(component, "nobody can get secrets") is Outcome.HOLDS
    assert outcome(component, "nobody can get secrets counting components") is Outcome.FAILS
    assert outcome(component, "'deny: system:kube-scheduler get secrets'") is Outcome.FAILS
    assert outcome(PolicySet((shipped,), (everybody,)), "nobody can get secrets") is Outcome.FAILS
    changed = PolicySet((role(SECRETS, namespace=""),), (own,))
    assert outcome(changed, "nobody can get secrets") is Outcome.FAILS


POD = Pod(Metadata("p", "a"), PodSpec(node_name="n1", service_account_name="sa"))


@pytest.mark.parametrize(
    "text",
    [
        "get services in a",
        "create pods in a",
        "list pods in a",
        "get serviceaccounts named sa in a",
        "create serviceaccounts/token named sa in a",
        "update leases named n7 in kube-node-lease",
        "get nodes named n7",
        "do anything to leases in kube-node-lease",
    ],
)
def test_nodes_are_components(text):
    """What the node authorizer allows counts only where components do; the counterexample is real (NODE-16 to NODE-24)."""
    policy = PolicySet(node_graph=NodeGraphObjects(pods=(Placed(POD, Origin("pods")),)))
    assert outcome(policy, f"nobody can {text}") is Outcome.HOLDS
    found, engine = prove(policy, said(f"nobody can {text} counting components"))
    assert found.outcome is Outcome.FAILS
    assert reference(policy, engine.config, found.decision.request).allowed


@pytest.mark.parametrize(
    "text", ["get serviceaccounts named other in a", "get serviceaccounts named sa in b", "delete leases in a", "get secrets"]
)
def test_nodes_may_not_do_more(text):
    """What no node may do holds with components counted, too."""
    policy = PolicySet(node_graph=NodeGraphObjects(pods=(Placed(POD, Origin("pods")),)))
    assert outcome(policy, f"nobody can {text} counting components") is Outcome.HOLDS


def test_facts_about_a_node():
    """A node is asked about with its group and its objects."""
    policy = PolicySet(node_graph=NodeGraphObjects(pods=(Placed(POD, Origin("pods")),)))
    assert outcome(policy, "'allow: node:n1 get serviceaccounts named sa in a'") is Outcome.HOLDS
    assert outcome(policy, "'deny: node:n2 get serviceaccounts named sa in a'") is Outcome.HOLDS
    assert outcome(policy, "'deny: node:n1 get serviceaccounts in a'") is Outcome.FAILS
    assert outcome(policy, "everyone in group:system:nodes can get services") is Outcome.HOLDS


def namespace(name, **labels):
    """A Namespace object."""
    return PlainObject("Namespace", "", name, Origin("namespaces"), labels)


def test_labelled_namespaces():
    """A selector names the namespaces that have the labels, and no others."""
    spaces = (namespace("a", env="prod"), namespace("b", env="dev"))
    policy = PolicySet((role(SECRETS),), (binding(DEVS),), namespaces=spaces)
    assert outcome(policy, "nobody can get secrets in namespaces labelled env=prod") is Outcome.FAILS
    assert outcome(policy, "nobody can get secrets in namespaces labelled env=prod except in a") is Outcome.UNKNOWN
    assert outcome(policy, "nobody can get secrets in namespaces labelled env!=prod") is Outcome.HOLDS
    assert outcome(policy, "everyone in group:devs can get secrets in namespaces labelled env in (prod, test)") is Outcome.HOLDS
    assert outcome(policy, "everyone in group:devs can get secrets in namespaces labelled env") is Outcome.FAILS
    assert outcome(policy, "nobody can get secrets in namespaces labelled kubernetes.io/metadata.name=a") is Outcome.FAILS


def test_a_selector_that_chooses_nothing_proves_nothing():
    """A fact about no namespace is unknown, never a pass."""
    found, _ = prove(PolicySet(namespaces=(namespace("a"),)), said("nobody can get secrets in namespaces labelled env=prod"))
    assert found.outcome is Outcome.UNKNOWN
    assert found.doubts == ("no namespace is labelled env=prod: the fact says nothing",)


def test_a_namespace_without_known_labels_might_be_meant():
    """A grant in a namespace of which the policy has no object makes the fact unknown, not held."""
    policy = PolicySet((role(SECRETS),), (binding(DEVS),), namespaces=(namespace("b", env="prod"),))
    found, _ = prove(policy, said("nobody can get secrets in namespaces labelled env=prod"))
    assert found.outcome is Outcome.UNKNOWN
    assert "no Namespace a" in found.doubts[0]
    assert outcome(policy, "nobody can get configmaps in namespaces labelled env=prod") is Outcome.HOLDS


@pytest.mark.parametrize(
    ("requirement", "labels", "expected"),
    [
        (LabelRequirement("n", "gt", ("3",)), {"n": "4"}, True),
        (LabelRequirement("n", "lt", ("3",)), {"n": "4"}, False),
        (LabelRequirement("n", "gt", ("3",)), {"n": "x"}, False),
        (LabelRequirement("n", "exists"), {"n": ""}, True),
        (LabelRequirement("n", "!"), {"n": ""}, False),
        (LabelRequirement("n", "notin", ("a",)), {}, True),
        (LabelRequirement("n", "in", ("a", "b")), {"n": "b"}, True),
        (LabelRequirement("n", "!=", ("a",)), {"n": "a"}, False),
    ],
)
def test_label_requirements(requirement, labels, expected):
    """Every operator of a label selector (SEL-08)."""
    world = World(PolicySet(namespaces=(namespace("x", **labels),)))
    assert world.region(Places(False, labels=(requirement,))).contains("x") is expected


def test_gaps_are_never_a_pass():
    """Policy that could not be read may allow what a fact forbids, and what it demands."""
    policy = PolicySet((role(SECRETS),), (binding(DEVS),), gaps=("x.yaml: unreadable",))
    assert outcome(policy, "nobody can delete secrets") is Outcome.UNKNOWN
    assert outcome(policy, "'allow: bob get pods'") is Outcome.UNKNOWN
    assert outcome(policy, "nobody can get secrets") is Outcome.FAILS
    assert outcome(policy, "everyone in group:devs can get secrets in a") is Outcome.HOLDS


HOOK = AuthorizerEntry("Webhook", "hook")
RBAC = AuthorizerEntry("RBAC", "rbac")


@pytest.mark.parametrize(
    ("chain", "text", "expected"),
    [
        ((RBAC, HOOK), "nobody can delete secrets", Outcome.UNKNOWN),
        ((RBAC, HOOK), "nobody can get secrets", Outcome.FAILS),
        ((RBAC, HOOK), "everyone in group:devs can get secrets in a", Outcome.HOLDS),
        ((HOOK, RBAC), "everyone in group:devs can get secrets in a", Outcome.UNKNOWN),
        ((HOOK, RBAC), "nobody can get secrets", Outcome.UNKNOWN),
        ((RBAC, HOOK), "'deny: bob delete secrets named x in a'", Outcome.UNKNOWN),
    ],
)
def test_webhooks_are_never_a_pass(chain, text, expected):
    """Whatever a webhook that is not asked could change is unknown."""
    policy = PolicySet((role(SECRETS),), (binding(DEVS),))
    assert outcome(policy, text, config=AuthorizerConfig(chain)) is expected


@pytest.mark.parametrize(("answer", "expected"), [("no-opinion", Outcome.HOLDS), ("deny", Outcome.HOLDS), ("allow", Outcome.FAILS)])
def test_assumed_webhooks_are_settled(answer, expected):
    """A webhook with an assumed answer gives it to every request."""
    policy = PolicySet()
    engine = Engine(policy, AuthorizerConfig((RBAC, HOOK)), webhook=lambda entry: WebhookAuthorizer(entry, assumed=answer))
    assert Prover(engine, World(policy), ("hook",)).prove(said("nobody can get secrets")).outcome is expected


@pytest.mark.parametrize(
    ("answer", "text", "expected"),
    [("allow", "'allow: bob get secrets named x in a'", Outcome.HOLDS), ("allow", "'allow: bob get secrets in a'", Outcome.UNKNOWN)],
)
def test_webhooks_that_are_asked(answer, text, expected):
    """The answers to the requests that were asked stand; what it would say to others is unknown."""
    engine = Engine(PolicySet(), AuthorizerConfig((RBAC, HOOK)), webhook=lambda entry: WebhookAuthorizer(entry, assumed=answer))
    assert Prover(engine, World(PolicySet())).prove(said(text)).outcome is expected


def test_always_allow_lets_everybody():
    """With AlwaysAllow in the chain nothing is forbidden, whoever is exempt."""
    config = AuthorizerConfig((AuthorizerEntry("AlwaysAllow", "always"),))
    assert outcome(PolicySet(), "nobody can get secrets", config=config) is Outcome.FAILS
    assert outcome(PolicySet(), "nobody but group:system:authenticated can get secrets", config=config) is Outcome.FAILS


def test_a_namespace_is_asked_for_inside_of_itself():
    """RI-20: a RoleBinding lets somebody delete the namespace that it stands in."""
    policy = PolicySet((role(PolicyRule(("delete",), ("",), ("namespaces",))),), (binding(DEVS),))
    found, _ = prove(policy, said("nobody can delete namespaces"))
    assert (found.decision.request.namespace, found.decision.request.name) == ("a", "a")
    assert outcome(policy, "nobody can delete namespaces named b") is Outcome.HOLDS
    assert outcome(policy, "everyone in group:devs can delete namespaces named a") is Outcome.HOLDS


def test_fresh_names_are_nobodys():
    """A fresh name is changed until nothing mentions it."""
    policy = PolicySet((role(SECRETS, namespace="some-namespace"),), (binding(DEVS, namespace="some-namespace"),))
    assert outcome(policy, "everyone in group:devs can get secrets in all namespaces") is Outcome.FAILS
    assert World(policy).fresh.namespace == "some-namespace-2"


@pytest.mark.parametrize("excluded", [("s*",), ("*e",), ("*-*",), ("*a*", "*s*"), ("?",), ("some-namespace*", "a*")])
def test_exceptions_leave_a_fresh_namespace(excluded):
    """Whatever is left out, a namespace that nothing mentions is found among the rest."""
    region = World(PolicySet()).region(Places(excluded=excluded))
    assert len(region.decisive) == 2
    assert all(region.contains(name) for name in region.decisive)
