"""What somebody holds, and what the API server would list: recordings, the specification's examples, and the edges."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from rbaclens import sources
from rbaclens.analysis.apply_line import authenticated_groups
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import ANY_RESOURCE, ANY_URL, PermissionIndex, doubts, permissions, rules_review
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import AbacGrant, AlwaysGrant, GroupGrant, RbacGrant
from rbaclens.model.identity import implied_groups, parse_service_account
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

RECORDED = Path(__file__).parents[1] / "conformance"
PODS = PolicyRule(("get",), ("",), ("pods",))
BOTH = PolicyRule(("get",), ("",), ("pods",), (), ("/healthz",))
NOT_SUPPORTED = " authorizer does not support user rule resolution"


def chain(*types):
    """A chain of authorizers, named as their types."""
    return AuthorizerConfig(tuple(AuthorizerEntry(type, type.lower()) for type in types))


def engine(*types, rules=(PODS,), namespace="", abac=None, role="r", gaps=()):
    """An engine in which bob is bound, by a binding in ``namespace``, to the ClusterRole r with ``rules``."""
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    policy = PolicySet(
        (Role("ClusterRole", "", "r", tuple(rules), Origin("f")),),
        (Binding(kind, namespace, "b", (Subject("User", "bob"), Subject("Group", "devs")), RoleRef("ClusterRole", role), Origin("f")),),
        abac=abac,
        gaps=gaps,
    )
    return Engine(policy, chain(*types))


def lines(*texts):
    """ABAC lines from (user, group, readonly, namespace, resource, path)."""
    return tuple(AbacPolicy(Origin("abac"), number, u, g, ro, "*", r, ns, path) for number, (u, g, ro, ns, r, path) in enumerate(texts, 1))


# SelfSubjectRulesReview


@pytest.mark.parametrize("name", sorted(path.parent.name for path in RECORDED.glob("*/rules.jsonl")))
def test_recorded_rules_reviews(name):
    """Mode RBAC: the same rules as often, the same incomplete, the same error as the real server's (SSRR-03 to SSRR-06)."""
    recorded = Engine(sources.load([str(RECORDED / name / "objects.json")]), chain("RBAC"))
    wrong = []
    for line in (RECORDED / name / "rules.jsonl").read_bytes().splitlines():
        asked = json.loads(line)
        status = asked["status"]
        user, groups = asked["user"], impersonated(asked["user"], tuple(asked["groups"]))
        create = Request("create", "selfsubjectrulesreviews", "authorization.k8s.io", user=user, groups=groups)
        assert recorded.decide(create).allowed == (asked["code"] == 201)  # SSRR-01: asking is itself a permission
        if asked["code"] != 201:
            continue
        review = rules_review(recorded, user, groups, asked["namespace"])
        ours = (
            as_counter(review.resource_rules),
            as_counter(review.non_resource_rules),
            review.incomplete,
            errors_of(review.evaluation_error),
        )
        theirs = (
            as_counter(msgspec.convert(status["resourceRules"], list[PolicyRule])),
            as_counter(msgspec.convert(status["nonResourceRules"], list[PolicyRule])),
            status["incomplete"],
            errors_of(status.get("evaluationError", "")),
        )
        if ours != theirs:
            wrong.append((user, asked["namespace"], ours, theirs))
    assert wrong == []


def impersonated(user, groups):
    """The groups that reached the server: a service account without any was given its own (ESC-43)."""
    return implied_groups(user) if parse_service_account(user) and not groups else authenticated_groups(user, groups)


def as_counter(rules):
    """Rules with how often each is there: the server's order of bindings is its own."""
    return Counter(rules)


def errors_of(text):
    """The parts of an aggregated error, in any order: the server meets bindings in an order of its own."""
    return sorted(text.strip("[]").split(", "))


@pytest.mark.parametrize(
    ("types", "user", "groups", "rules", "incomplete", "error"),
    [
        (("RBAC",), "bob", (), 1, False, ""),
        (("Node", "RBAC"), "bob", (), 1, False, ""),
        (("Node", "RBAC"), "system:node:n1", ("system:nodes", "devs"), 1, True, "node" + NOT_SUPPORTED),
        (("Node", "RBAC"), "system:node:n1", ("devs",), 1, False, ""),
        (("Webhook", "RBAC"), "bob", (), 1, True, "webhook" + NOT_SUPPORTED),
        (("Node", "Webhook"), "system:node:n1", ("system:nodes",), 0, True, f"[node{NOT_SUPPORTED}, webhook{NOT_SUPPORTED}]"),
        (("AlwaysDeny",), "bob", (), 0, False, ""),
        (("RBAC",), "eve", ("system:masters",), 0, False, ""),
    ],
)
def test_review_by_authorizer(types, user, groups, rules, incomplete, error):
    """SSRR-05 and SSRR-06: what each authorizer lists; the privileged group's bypass does not show (SSRR-04)."""
    review = rules_review(engine(*types), user, groups, "ns1")
    assert (len(review.resource_rules), review.incomplete, review.evaluation_error) == (rules, incomplete, error)


def test_review_of_a_missing_role():
    """A binding to a role that is not there is an error, and the list is complete (SSRR-A)."""
    review = rules_review(engine("RBAC", role="x"), "bob", (), "ns1")
    assert review.evaluation_error == 'clusterrole.rbac.authorization.k8s.io "x" not found'
    assert not review.incomplete


def test_review_of_rules_with_both_parts_and_none():
    """A rule with both parts gives one of each, a rule with neither nothing, duplicates stay (SSRR-04, SSRR-05)."""
    review = rules_review(engine("RBAC", rules=(BOTH, PolicyRule(("get",), ("",)), BOTH)), "bob", (), "ns1")
    assert review.resource_rules == (PODS, PODS)
    assert review.non_resource_rules == (PolicyRule(("get",), non_resource_urls=("/healthz",)),) * 2


def test_review_of_always_allow():
    """AlwaysAllow lists everything (ATTR-26), and a union goes on behind it (ATTR-29)."""
    review = rules_review(engine("AlwaysAllow", "RBAC"), "bob", (), "ns1")
    assert review.resource_rules == (ANY_RESOURCE, PODS)
    assert review.non_resource_rules == (ANY_URL,)


ABAC_FILE = lines(
    ("", "system:authenticated", True, "*", "events", ""),
    ("scheduler", "", True, "*", "pods", ""),
    ("scheduler", "", False, "*", "bindings", ""),
    ("kubelet", "", True, "*", "pods", ""),
    ("kubelet", "", False, "*", "events", ""),
    ("alice", "", False, "projectCaribou", "*", ""),
    ("bob", "", True, "projectCaribou", "*", ""),
    ("bob", "", True, "*", "*", "*"),
    ("", "a", False, "*", "bindings", ""),
    ("", "b", True, "*", "*", "*"),
)
READ = ("get", "list", "watch")


@pytest.mark.parametrize(
    ("user", "groups", "namespace", "listed", "urls"),
    [
        ("scheduler", ("system:authenticated",), "ns1", [(READ, "events"), (READ, "pods"), (("*",), "bindings")], 0),
        ("kubelet", ("a", "b"), "ns1", [(READ, "pods"), (("*",), "events"), (("*",), "bindings"), (READ, "*")], 1),
        ("alice", ("system:authenticated",), "projectCaribou", [(READ, "events"), (("*",), "*")], 0),
        ("bob", ("system:authenticated",), "projectCaribou", [(READ, "events"), (READ, "*"), (READ, "*")], 1),
        ("chuck", ("a", "b"), "ns1", [(("*",), "bindings"), (READ, "*")], 1),
    ],
)
def test_abac_examples(user, groups, namespace, listed, urls):
    """The table ABAC-E: file order, duplicates kept, read-only verbs written out (ABAC-30 to ABAC-34)."""
    review = rules_review(engine("ABAC", abac=ABAC_FILE), user, groups, namespace)
    assert [(rule.verbs, rule.resources[0]) for rule in review.resource_rules] == listed
    assert all(rule.api_groups == ("*",) for rule in review.resource_rules)
    assert review.non_resource_rules == (PolicyRule(READ, non_resource_urls=("*",)),) * urls
    assert (review.incomplete, review.evaluation_error) == (False, "")


def test_abac_path_alone_is_never_listed_but_held():
    """ABAC-33: a line with nothing but a path shows in no review, and yet it allows; permissions say so."""
    subject = engine("ABAC", abac=lines(("bob", "", False, "", "", "/x")))
    assert rules_review(subject, "bob", (), "ns1").non_resource_rules == ()
    assert PolicyRule(("*",), non_resource_urls=("/x",)) in [held.rule for held in permissions(subject, "bob", ())]


# Permissions


def test_provenance():
    """Everything says where it comes from: the binding, the first subject that applies, the role and the rule's number."""
    (held,) = permissions(engine("RBAC", rules=(PolicyRule(("get",), ("",)), PODS)), "bob", ("devs",))
    (grant,) = held.evidence
    assert isinstance(grant, RbacGrant)
    assert (grant.binding.name, grant.subject.name, grant.role.name, grant.rule_index) == ("b", "bob", "r", 1)


def test_scopes_and_urls_of_role_bindings():
    """A RoleBinding holds in its namespace, and gives no URLs (RBAC-29); a ClusterRoleBinding holds everywhere."""
    assert [(held.scope, held.rule) for held in permissions(engine("RBAC", rules=(BOTH,), namespace="a"), "bob", ())] == [("a", PODS)]
    assert [held.scope for held in permissions(engine("RBAC", rules=(BOTH,)), "bob", ())] == [EVERYWHERE, EVERYWHERE]


@pytest.mark.parametrize(("namespaces", "found"), [(None, 1), (("a",), 1), (("a", "b"), 1), (("b",), 0), (("",), 0), ((), 0)])
def test_namespaces_asked_for(namespaces, found):
    """What holds everywhere is always there; of the namespaces only those that are asked for."""
    assert len(permissions(engine("RBAC", namespace="a"), "bob", (), namespaces)) == found
    assert len(permissions(engine("RBAC"), "bob", (), namespaces)) == 1


def test_privileged_group_comes_first():
    """The bypass of system:masters is a permission like any other, and the first one (ATTR-25)."""
    held = permissions(engine("RBAC"), "bob", ("system:masters",))
    assert [one.rule for one in held] == [ANY_RESOURCE, ANY_URL, PODS]
    assert held[0].evidence == (GroupGrant("system:masters"),)


def test_always_allow_and_abac():
    """AlwaysAllow gives everything; an ABAC line holds for subresources too (ABAC-21), in its namespace."""
    assert permissions(engine("AlwaysAllow"), "eve", ())[0].evidence == (AlwaysGrant(),)
    held = permissions(engine("ABAC", abac=lines(("bob", "", True, "a", "pods", ""))), "bob", ())
    assert (held[0].scope, held[0].with_subresources) == ("a", True)
    assert isinstance(held[0].evidence[0], AbacGrant)


def test_authorizers_that_are_not_in_the_chain_give_nothing():
    """Bindings count where RBAC is in the chain, lines where ABAC is."""
    assert permissions(engine("ABAC"), "bob", ()) == ()
    assert permissions(engine("RBAC", role="x", abac=lines(("bob", "", True, "a", "pods", ""))), "bob", ()) == ()


def test_dangling_roles():
    """A binding whose role is not there gives nothing and is named (RBAC-33)."""
    index = PermissionIndex(engine("RBAC", role="x", namespace="a"))
    assert index.held("bob", ()) == ()
    assert index.dangling("bob", ()) == ('RoleBinding a/b: clusterrole.rbac.authorization.k8s.io "x" not found',)
    assert index.dangling("bob", (), ("b",)) == ()


@pytest.mark.parametrize(
    ("types", "user", "groups", "words"),
    [
        (("Node", "RBAC"), "bob", (), []),
        (("Node", "RBAC"), "system:node:n1", ("system:nodes",), ["node authorizer"]),
        (("Webhook", "RBAC"), "bob", (), ["webhook"]),
        (("Webhook", "RBAC"), "bob", ("system:masters",), []),
        (("AlwaysAllow", "Webhook"), "bob", (), []),
        (("Webhook", "AlwaysAllow", "Node"), "system:node:n1", ("system:nodes",), ["webhook"]),
    ],
)
def test_doubts(types, user, groups, words):
    """What cannot be listed is named, unless nothing could change the answer any more (NODE-28, WH-14)."""
    found = doubts(engine(*types), user, groups)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_gaps_are_doubts():
    """Policy that could not be read might give more."""
    assert doubts(engine("RBAC", gaps=("x.yaml could not be read",)), "bob", ()) == ("x.yaml could not be read",)
