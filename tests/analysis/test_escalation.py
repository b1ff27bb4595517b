"""May this user apply this object (ESC-01 to ESC-11, ESC-31 to ESC-39, ESC-71)."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from rbaclens.analysis.apply_line import apply_line, authenticated_groups
from rbaclens.analysis.escalation import EscalationChecker, Operation
from rbaclens.errors import RequestError
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import Answer, Decision, Opinion, Verdict
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP, Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import AggregationRule, LabelSelector, PolicyRule
from rbaclens.sources.strict import decode_object

TESTS = Path(__file__).parents[1]
CONFORMANCE = TESTS / "conformance"
BOOTSTRAP = TESTS.parent / "rbaclens" / "facts" / "bootstrap-policy.json"
ORIGIN = Origin("test")

GET_PODS = PolicyRule(("get",), ("",), ("pods",))
GET_LIST_PODS = PolicyRule(("get", "list"), ("",), ("pods",))
ALL = PolicyRule(("*",), ("*",), ("*",))
ALL_URLS = PolicyRule(("*",), non_resource_urls=("*",))


def rbac(verbs, resources, *names):
    return PolicyRule(tuple(verbs.split(",")), (RBAC_GROUP,), tuple(resources.split(",")), names)


def role(*rules, namespace="ns1", name="r", **more):
    return Role("Role" if namespace else "ClusterRole", namespace, name, rules, ORIGIN, **more)


ANYBODY = (Subject("User", "any", "", RBAC_GROUP),)


def bind(kind="ClusterRole", name="target", namespace="ns1", subjects=ANYBODY, **more):
    binding_kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return Binding(binding_kind, namespace, "b", subjects, RoleRef(kind, name), ORIGIN, **more)


def grant(*rules, namespace="", user="u", name="own"):
    """A ClusterRole of its own, bound to ``user`` in ``namespace``."""
    held = Role("ClusterRole", "", name, rules, ORIGIN)
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return held, Binding(
        kind, namespace, f"{name}-{namespace}", (Subject("User", user, "", RBAC_GROUP),), RoleRef("ClusterRole", name), ORIGIN
    )


def checker(*grants, objects=(), **policy):
    roles = [held for held, _ in grants] + [item for item in objects if isinstance(item, Role)]
    bindings = [binding for _, binding in grants] + [item for item in objects if isinstance(item, Binding)]
    everything = PolicySet(tuple(roles), tuple(bindings), **policy)
    return EscalationChecker(everything, Engine(everything))


def recorded_policy(folder):
    """The bootstrap policy, the recording's objects, and the aggregated roles as the controller had filled them."""
    documents = [json.loads(BOOTSTRAP.read_text()), json.loads((folder / "objects.json").read_text())]
    items = [item for document in documents for item in document["items"]]
    found = {}
    for item in [*items, *json.loads((folder / "aggregated.json").read_text())]:
        if item["apiVersion"] == f"{RBAC_GROUP}/v1":
            content = decode_object(item).content
            found[content.kind, content.namespace, content.name] = content
    roles = tuple(item for item in found.values() if isinstance(item, Role))
    return PolicySet(roles, tuple(item for item in found.values() if isinstance(item, Binding)))


@pytest.mark.parametrize("folder", sorted(CONFORMANCE.glob("escalation-*")), ids=lambda path: path.name)
def test_every_recording_of_a_real_server(folder):
    """Code and whole message of each dry-run create equal those of a real server."""
    policy = recorded_policy(folder)
    judge = EscalationChecker(policy, Engine(policy))
    for line in (folder / "escalation.jsonl").read_bytes().splitlines():
        recorded = json.loads(line)
        answered = json.loads(apply_line(line, judge, decode_object))
        assert answered == {"code": recorded["code"], "message": recorded["message"], "causes": []}, recorded


OLD = role(ALL, labels={"a": "b"})
EVERYTHING = rbac("create,update,patch", "roles,clusterroles,rolebindings,clusterrolebindings")


@pytest.mark.parametrize(
    ("grants", "item", "operation", "existing", "code"),
    [
        ([grant(EVERYTHING), grant(GET_PODS, namespace="ns1", name="n")], role(GET_PODS), "create", None, 201),
        ([grant(EVERYTHING), grant(GET_PODS, namespace="ns1", name="n")], role(GET_LIST_PODS), "create", None, 403),
        ([grant(EVERYTHING), grant(GET_PODS, namespace="ns1", name="n")], role(GET_PODS, namespace=""), "create", None, 403),
        ([grant(rbac("create,escalate", "roles"))], role(ALL), "create", None, 201),
        ([grant(rbac("update,escalate", "roles", "r"))], role(ALL), "update", role(), 200),
        ([grant(rbac("create", "roles"), rbac("escalate", "roles", "r"))], role(ALL), "create", None, 403),
        ([grant(rbac("update", "roles"))], role(ALL, labels={"a": "c"}), "update", OLD, 403),
        ([grant(rbac("update", "roles"))], OLD, "update", OLD, 200),
        ([grant(rbac("create,update", "roles"))], role(GET_PODS, namespace=""), "create", None, 403),
        ([grant(EVERYTHING, ALL)], role(GET_PODS, namespace=""), "create", None, 201),
        ([grant(rbac("*", "clusterroles"))], role(ALL, namespace=""), "create", None, 201),
        ([grant(ALL, ALL_URLS)], role(ALL, ALL_URLS, namespace=""), "create", None, 201),
        ([grant(rbac("patch,escalate", "roles", "r"))], role(ALL), "patch", role(), 200),
    ],
)
def test_roles_of_the_examples_table(grants, item, operation, existing, code):
    """ESC-B: own rules, escalate with and without names, namespaces, and updates that change nothing that counts."""
    assert checker(*grants).check("u", (), item, operation=Operation(operation), existing=existing).code == code


def test_the_missing_rules_are_named():
    """ESC-09, ESC-10: the refusal lists what is not held, as text and as atoms."""
    verdict = checker(grant(EVERYTHING, GET_PODS)).check("u", ("g1", "g2"), role(GET_LIST_PODS))
    assert verdict.message == (
        'roles.rbac.authorization.k8s.io "r" is forbidden: user "u" (groups=["g1" "g2"]) is attempting to grant RBAC permissions '
        'not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list"]}'
    )
    assert verdict.missing == (PolicyRule(("list",), ("",), ("pods",)),)
    assert not verdict.stored


@pytest.mark.parametrize(("missing", "shown"), [(1, '[{0} "m0" not found]'), (2, '[[{0} "m0" not found, {0} "m1" not found]]')])
def test_errors_of_resolving_are_shown_and_tolerated(missing, shown):
    """ESC-07, ESC-09: dangling bindings of the caller appear in the refusal and stop nothing."""
    who = (Subject("User", "u", "", RBAC_GROUP),)
    dangling = [Binding("ClusterRoleBinding", "", f"d{i}", who, RoleRef("ClusterRole", f"m{i}"), ORIGIN) for i in range(missing)]
    judge = checker(grant(EVERYTHING, GET_PODS), objects=dangling)
    assert judge.check("u", (), role(GET_PODS)).code == 201
    errors = shown.format("clusterrole.rbac.authorization.k8s.io")
    assert judge.check("u", (), role(ALL)).message.endswith(f"; resolution errors: {errors}")


AGGREGATION = AggregationRule((LabelSelector({"a": "b"}),))


@pytest.mark.parametrize(
    ("rules", "existing", "code"),
    [
        ((rbac("create,update", "clusterroles"),), None, 403),
        ((ALL,), None, 201),
        ((ALL, ALL_URLS), None, 201),
        ((rbac("create,update,escalate", "clusterroles"),), None, 201),
        ((PolicyRule(("create", "update", "get"), ("*",), ("*",)),), None, 403),
    ],
)
def test_aggregation_needs_everything(rules, existing, code):
    """ESC-08: an aggregationRule needs cluster-admin's rules or escalate (which a star verb includes)."""
    verdict = checker(grant(*rules)).check("u", (), role(namespace="", aggregation=AGGREGATION))
    assert verdict.code == code
    if code == 403:
        expected = 'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the aggregationRule'
        assert verdict.message == expected


def test_taking_an_aggregation_rule_away_needs_everything_too():
    """ESC-08: on update the stored object's aggregationRule counts as well; an empty selector list does not."""
    judge = checker(grant(rbac("update", "clusterroles")))
    stored = role(namespace="", aggregation=AGGREGATION)
    assert judge.check("u", (), role(namespace=""), operation=Operation.UPDATE, existing=stored).code == 403
    empty = role(namespace="", aggregation=AggregationRule(()))
    assert judge.check("u", (), role(namespace=""), operation=Operation.UPDATE, existing=empty).code == 200


class Says:
    """An engine with one answer for the request itself and one for ``escalate`` and ``bind``, and given RBAC rules."""

    def __init__(self, special=Answer.NO, rules=(), usual=Answer.YES, error="", doubts=()):
        self.special, self.rules, self.usual, self.error, self.doubts = special, tuple(rules), usual, error, doubts
        self.asked = []

    def decide(self, request):
        self.asked.append(request)
        answer = self.special if request.verb in ("escalate", "bind") else self.usual
        verdict = Verdict.ALLOW if answer is Answer.YES else Verdict.NO_OPINION
        return Decision(request, answer, Opinion(verdict, error=self.error), self.doubts if answer is not Answer.YES else ())

    def rules_for(self, user, groups, namespace):
        return self.rules, ()


@pytest.mark.parametrize(
    ("engine", "item", "code"),
    [
        (Says(), role(GET_PODS, namespace=""), 403),
        (Says(Answer.YES), role(GET_PODS, namespace=""), 201),
        (Says(rules=[ALL]), role(GET_PODS, namespace=""), 201),
        (Says(rules=[ALL]), role(GET_PODS, namespace="", aggregation=AGGREGATION), 403),
        (Says(Answer.YES), role(namespace="", aggregation=AGGREGATION), 201),
    ],
)
@pytest.mark.parametrize("existing", [None, role(namespace="")])
def test_bob_steve_and_alice(engine, item, existing, code):
    """ESC-B: no rules, escalate from any authorizer, and covering rules without it; for creates and updates alike."""
    operation = Operation.UPDATE if existing else Operation.CREATE
    verdict = EscalationChecker(PolicySet(), engine).check("u", (), item, operation=operation, existing=existing)
    assert verdict.code == (200 if existing and code == 201 else code)


def test_masters_are_exempt():
    """ESC-01: membership in system:masters skips the check; no permission is looked for."""
    engine = Says()
    judge = EscalationChecker(PolicySet(), engine)
    assert judge.check("u", ("system:masters",), role(ALL)).code == 201
    assert judge.check("u", ("system:masters",), bind(name="missing")).code == 201
    assert {request.verb for request in engine.asked} == {"create"}


def test_abac_alone_covers_nothing_but_may_allow_escalate():
    """ESC-B, ESC-07: rights from ABAC do not count as held, its word on escalate does."""
    line = AbacPolicy(ORIGIN, 1, user="u", api_group="*", resource="*", namespace="*")
    assert checker(abac=(line,)).check("u", (), role(GET_PODS)).code == 201
    create_only = Says(usual=Answer.YES)
    assert EscalationChecker(PolicySet(), create_only).check("u", (), role(GET_PODS)).code == 403


def test_the_escalate_request():
    """ESC-05, ESC-06: the URL's name, which a POST does not have; any version; the request's namespace."""
    engine = Says()
    judge = EscalationChecker(PolicySet(), engine)
    judge.check("u", ("g",), role(GET_PODS))
    judge.check("u", ("g",), role(GET_PODS), operation=Operation.APPLY)
    judge.check("u", ("g",), role(GET_PODS, namespace=""))
    asked = [(r.verb, r.api_group, r.version, r.resource, r.namespace, r.name) for r in engine.asked]
    assert asked == [
        ("create", RBAC_GROUP, "v1", "roles", "ns1", ""),
        ("escalate", RBAC_GROUP, "*", "roles", "ns1", ""),
        ("patch", RBAC_GROUP, "v1", "roles", "ns1", "r"),
        ("escalate", RBAC_GROUP, "*", "roles", "ns1", "r"),
        ("create", RBAC_GROUP, "v1", "clusterroles", "", ""),
        ("escalate", RBAC_GROUP, "*", "clusterroles", "", ""),
    ]


TARGET = Role("ClusterRole", "", "target", (PolicyRule(("*",), ("batch",), ("*",)),), ORIGIN)
LOCAL = role(GET_PODS, name="target")
JOBS = grant(PolicyRule(("*",), ("batch",), ("*",)), namespace="ns1", name="jobs")
CREATE = grant(rbac("create", "rolebindings,clusterrolebindings"), name="create")


@pytest.mark.parametrize(
    ("grants", "item", "code"),
    [
        ([CREATE, JOBS], bind(), 201),
        ([CREATE, JOBS], bind(namespace="ns2"), 403),
        ([CREATE, grant(rbac("bind", "clusterroles"))], bind(namespace="ns2"), 201),
        ([CREATE, grant(rbac("bind", "clusterroles"))], bind(namespace=""), 201),
        ([CREATE, grant(rbac("bind", "clusterroles"))], bind(name="missing"), 201),
        ([CREATE, grant(rbac("bind", "clusterroles"), namespace="ns1")], bind(), 201),
        ([CREATE, grant(rbac("bind", "clusterroles"), namespace="ns1")], bind(namespace="ns2"), 403),
        ([CREATE, grant(rbac("bind", "clusterroles", "target"))], bind(), 201),
        ([CREATE, grant(rbac("bind", "clusterroles", "target"))], bind(name="other"), 403),
        ([CREATE, grant(rbac("bind", "roles"))], bind(), 403),
        ([CREATE, grant(rbac("bind", "roles"))], bind("Role"), 201),
        ([CREATE, grant(GET_PODS)], bind("Role"), 201),
        ([CREATE, grant(GET_PODS)], bind("Role", namespace="ns2"), 404),
        ([CREATE, grant(ALL)], bind("Role", namespace=""), 422),
        ([CREATE, JOBS], bind("Role", namespace=""), 404),
        ([CREATE], bind(name="missing"), 404),
        ([CREATE], bind("Robot"), 500),
        ([], bind(), 403),
        ([CREATE, JOBS], bind(subjects=(Subject("Group", "system:masters", "", RBAC_GROUP),)), 201),
    ],
)
def test_bindings_of_the_examples_table(grants, item, code):
    """ESC-E with ESC-32 to ESC-38: bind, coverage in the binding's namespace, missing roles; subjects never matter."""
    other = Role("ClusterRole", "", "other", (ALL,), ORIGIN)
    assert checker(*grants, objects=[TARGET, LOCAL, other]).check("u", (), item).code == code


def test_the_texts_of_refused_bindings():
    """ESC-34, ESC-35: the server's words for a missing role, an unknown kind of role and an uncovered one."""
    judge = checker(CREATE, objects=[TARGET])
    assert judge.check("u", (), bind(name="missing")).message == 'rolebindings.rbac.authorization.k8s.io "missing" not found'
    assert judge.check("u", (), bind(name="m", namespace="")).message == 'clusterrolebindings.rbac.authorization.k8s.io "m" not found'
    assert judge.check("u", (), bind("Robot")).message == 'unsupported role reference kind: "Robot"'
    assert judge.check("u", (), bind()).message == (
        'rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "u" (groups=[]) is attempting to grant RBAC permissions not '
        'currently held:\n{APIGroups:["batch"], Resources:["*"], Verbs:["*"]}'
    )


STORED = bind(labels={"a": "b"})


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (STORED, 200),
        (msgspec.structs.replace(STORED, origin=Origin("elsewhere")), 200),
        (msgspec.structs.replace(STORED, annotations={"x": "y"}), 403),
        (msgspec.structs.replace(STORED, subjects=()), 403),
        (msgspec.structs.replace(STORED, role_ref=RoleRef("ClusterRole", "small")), 422),
    ],
)
def test_updates_of_bindings(new, code):
    """ESC-A, ESC-39, VAL-20: an unchanged binding is exempt, removing subjects is not, and the role cannot change."""
    small = Role("ClusterRole", "", "small", (), ORIGIN)
    judge = checker(grant(rbac("update", "rolebindings")), objects=[TARGET, small, STORED])
    assert judge.check("u", (), new, operation=Operation.UPDATE).code == code


def test_apply_keeps_the_labels_that_others_wrote():
    """ESC-03, ESC-04: a server-side apply that says nothing new is exempt although it leaves a label out."""
    judge = checker(grant(rbac("update,patch", "roles")), objects=[OLD])
    assert judge.check("u", (), role(ALL), operation=Operation.APPLY).code == 200
    assert judge.check("u", (), role(ALL), operation=Operation.UPDATE).code == 403


def test_what_an_update_creates_needs_create_with_its_name():
    """ESC-71: the create check comes last, carries the name, and yields 201."""
    update = grant(rbac("update", "roles"))
    assert checker(update).check("u", (), role(), operation=Operation.UPDATE).code == 403
    allowed = checker(update, grant(rbac("create", "roles", "r"), name="c"))
    assert allowed.check("u", (), role(), operation=Operation.UPDATE).code == 201
    assert allowed.check("u", (), role(), operation=Operation.CREATE).code == 403
    invalid = role(PolicyRule(("get",)))
    assert checker(update).check("u", (), invalid, operation=Operation.UPDATE).code == 422


def test_a_create_of_what_exists():
    """A create does not update: the storage refuses it at the very end."""
    verdict = checker(grant(EVERYTHING), objects=[role()]).check("u", (), role())
    assert (verdict.code, verdict.message) == (409, 'roles.rbac.authorization.k8s.io "r" already exists')


@pytest.mark.parametrize(
    ("item", "operation", "message"),
    [
        (
            role(),
            Operation.CREATE,
            'roles.rbac.authorization.k8s.io is forbidden: User "&lt;u&gt;" cannot create resource "roles" in API group '
            '"rbac.authorization.k8s.io" in the namespace "ns1"',
        ),
        (
            bind(namespace=""),
            Operation.UPDATE,
            'clusterrolebindings.rbac.authorization.k8s.io "b" is forbidden: User "&lt;u&gt;" cannot update resource '
            '"clusterrolebindings" in API group "rbac.authorization.k8s.io" at the cluster scope',
        ),
    ],
)
def test_the_request_itself_must_be_allowed(item, operation, message):
    """ATTR-11, ATTR-12: without the right to create or update nothing else is looked at."""
    verdict = checker().check("<u>", (), item, operation=operation)
    assert (verdict.code, verdict.message, verdict.missing) == (403, message, ())


def test_the_reason_follows_the_refusal():
    """ATTR-11, RBAC-37: the authorizers' reason is appended unescaped."""
    dangling = Binding("ClusterRoleBinding", "", "d", (Subject("User", "u", "", RBAC_GROUP),), RoleRef("ClusterRole", "<m>"), ORIGIN)
    message = checker(objects=[dangling]).check("u", (), role()).message
    assert message.endswith('in the namespace "ns1": RBAC: clusterrole.rbac.authorization.k8s.io "<m>" not found')


def test_an_error_of_the_authorizers_is_a_500():
    """ATTR-08: no allow and an error is an internal error."""
    verdict = EscalationChecker(PolicySet(), Says(usual=Answer.NO, error="webhook down")).check("u", (), role())
    assert verdict.code == 500
    assert verdict.message == 'Internal Server Error: "/apis/rbac.authorization.k8s.io/v1/namespaces/ns1/roles": webhook down'


def test_escalation_comes_before_validation():
    """VAL-01: who lacks the rules sees 403 for an invalid object, who has them 422 with the causes."""
    item = role(PolicyRule(("get",), ("",), ("pods",), non_resource_urls=("/",)))
    assert checker(grant(EVERYTHING)).check("u", (), item).code == 403
    verdict = checker(grant(ALL, ALL_URLS)).check("u", (), item)
    assert (verdict.code, len(verdict.causes)) == (422, 2)
    assert verdict.message.startswith('Role.rbac.authorization.k8s.io "r" is invalid: [rules[0].nonResourceURLs: Invalid value: ["/"]')


def test_an_unknown_is_no_certain_refusal():
    """Gaps in the policy and doubts of the engine go with a refusal, never with a yes."""
    policy = PolicySet((TARGET,), gaps=("roles of ns9 could not be read",))
    doubting = EscalationChecker(policy, Says(Answer.UNKNOWN, doubts=("webhook not asked",)))
    both = ("webhook not asked", "roles of ns9 could not be read")
    assert doubting.check("u", (), role(ALL)).doubts == both
    assert doubting.check("u", (), bind(name="missing")).doubts == both
    assert doubting.check("u", (), role()).doubts == ()
    refused = EscalationChecker(policy, Says(usual=Answer.UNKNOWN, doubts=("webhook not asked",))).check("u", (), role())
    assert (refused.code, refused.doubts) == (403, ("webhook not asked",))


@pytest.mark.parametrize(
    ("user", "groups", "expected"),
    [
        ("bob", (), ("system:authenticated",)),
        ("bob", ("x", "system:authenticated", "y"), ("x", "system:authenticated", "y")),
        ("bob", ("system:unauthenticated",), ("system:unauthenticated",)),
        ("system:anonymous", (), ("system:unauthenticated",)),
        ("system:anonymous", ("system:unauthenticated",), ("system:unauthenticated",)),
        ("system:serviceaccount:a:b", ("x",), ("x", "system:authenticated")),
    ],
)
def test_the_group_that_the_server_adds(user, groups, expected):
    """ATTR-15, ESC-43: one group is added where it is missing, nothing else is implied."""
    assert authenticated_groups(user, groups) == expected


def line(user="u", groups=(), **item):
    return json.dumps({"user": user, "groups": groups, "object": {"apiVersion": f"{RBAC_GROUP}/v1", **item}}).encode()


def test_lines_are_answered_with_code_message_and_causes():
    """The bulk contract: refused by authorization, by decoding and by validation, in this order; a generated name is none."""
    judge = checker(grant(EVERYTHING, ALL_URLS))
    broken = {"kind": "Role", "metadata": {"name": "x"}, "rules": [{"verbs": "get"}]}
    assert json.loads(apply_line(line("v", **broken), judge, decode_object))["code"] == 403
    assert json.loads(apply_line(line(**broken), judge, decode_object))["code"] == 400
    answer = json.loads(apply_line(line(kind="Role", metadata={}, rules=[{"verbs": ["get"]}]), judge, decode_object))
    assert answer["code"] == 422
    assert answer["causes"][0] == {
        "field": "metadata.name",
        "reason": "FieldValueRequired",
        "message": "Required value: name or generateName is required",
    }
    rules = [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]
    generated = line(kind="Role", metadata={"generateName": "x-"}, rules=rules)
    message = json.loads(apply_line(generated, judge, decode_object))["message"]
    assert message.startswith('roles.rbac.authorization.k8s.io is forbidden: user "u" (groups=["system:authenticated"])')


def test_an_uncertain_line_says_why():
    """A refusal that rests on what could not be read has ``unknown``."""
    judge = EscalationChecker(PolicySet(gaps=("a gap",)), Says())
    answer = json.loads(
        apply_line(line(kind="RoleBinding", roleRef={"kind": "Role", "name": "r"}, metadata={"name": "b"}), judge, decode_object)
    )
    assert (answer["code"], answer["unknown"]) == (404, ["a gap"])


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"user": 1, "object": {}}', b'{"user": "u"}', b'{"user": "u", "object": 1}', b"\xff"])
def test_lines_that_cannot_be_read(raw):
    """A line that no request can be made of raises one kind of error."""
    with pytest.raises(RequestError):
        apply_line(raw, checker(), decode_object)


def test_an_update_needs_a_name():
    """There is no URL for an update of something without a name."""
    with pytest.raises(RequestError):
        checker().check("u", (), role(name=""), operation=Operation.UPDATE)
