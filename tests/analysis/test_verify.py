"""Comparison and causes; and the experiment: a rule removed from one side is found."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random

import msgspec
import pytest
import strategies
from engine_connection import EngineConnection
from hypothesis import given, settings
from removal import RBAC, changes_something, removals, without

from rbaclens import sources
from rbaclens.analysis.edges import words_of
from rbaclens.analysis.probes import request_key
from rbaclens.analysis.rule_lists import differences, listings
from rbaclens.analysis.verify import Cause, Outcome, compare, settle
from rbaclens.cli.cross_check import Settings, cross_check, verify_one
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import rules_review
from rbaclens.live.ask import Asker, Way
from rbaclens.live.interface import Reply
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule
from rbaclens.model.server_answer import ServerAnswer
from rbaclens.requests.review import parse_review

RECORDINGS = Path(__file__).parents[1] / "conformance"
NAMES = ("rbac-101", "rbac-102", "rbac-103")
PODS = PolicyRule(("get",), ("",), ("pods",))
GET_PODS = Request("get", "pods", namespace="shop", user="bob")
REASON = 'RBAC: allowed by RoleBinding "b/shop" of Role "r" to User "bob"'
YES, NO = ServerAnswer(True, reason=REASON), ServerAnswer()


def engine(*, rules=(PODS,), subjects=("bob",), role="r", modes=("Node", "RBAC"), **policy):
    """Bob may get pods in namespace shop, unless told otherwise."""
    roles = (Role("Role", "shop", "r", rules, Origin("f")),)
    named = tuple(Subject("User", name) for name in subjects)
    bindings = (Binding("RoleBinding", "shop", "b", named, RoleRef("Role", role), Origin("f")),)
    config = AuthorizerConfig(tuple(AuthorizerEntry(mode, mode.lower()) for mode in modes))
    return Engine(PolicySet(roles, bindings, **policy), config)


def check(local, server, **options):
    """A cross-check of two engines, asked as an administrator."""
    connection = EngineConnection(server, **options.pop("connection", {}))
    asker = Asker(connection, qps=0, concurrency=1)
    return cross_check(local, asker, connection.server, Settings(**options.pop("settings", {})), **options)


@pytest.mark.parametrize(
    ("local", "answer", "cause", "words"),
    [
        (engine(), NO, Cause.STALE, "RoleBinding b in namespace shop of Role r"),
        (engine(rules=()), YES, Cause.CHANGED, "no rule of that role"),
        (engine(subjects=("eve",)), YES, Cause.CHANGED, "not among the binding's subjects"),
        (engine(role="other"), YES, Cause.CHANGED, "grants Role other"),
        (Engine(PolicySet()), YES, Cause.STALE, "not in this policy"),
        (engine(rules=()), ServerAnswer(True), Cause.AUTHORIZER, "gives no reason"),
        (engine(rules=()), ServerAnswer(True, reason="IAM says so"), Cause.AUTHORIZER, "IAM says so"),
        (engine(), ServerAnswer(False, True, "blocked"), Cause.AUTHORIZER, "blocked"),
        (engine(modes=("Node",)), YES, Cause.AUTHORIZER, "told of no RBAC"),
        (engine(modes=("AlwaysAllow",)), NO, Cause.AUTHORIZER, "AlwaysAllow"),
    ],
)
def test_causes(local, answer, cause, words):
    """What the server's reason names, and what the policy holds, tell the likely cause."""
    found = compare(local, GET_PODS, answer)
    assert (found.outcome, found.cause) == (Outcome.DISAGREE, cause)
    assert words in found.detail


def test_node_mode_off():
    """A node is allowed here by the node authorizer and by nothing there."""
    request = Request("list", "services", user="system:node:n1", groups=("system:nodes",))
    found = compare(engine(), request, NO)
    assert (found.cause, "mode Node" in found.detail) == (Cause.AUTHORIZER, True)
    assert "node" in compare(engine(modes=("RBAC",)), request, ServerAnswer(True)).detail


def test_agreement():
    """The same answer agrees; the grant named must be one of ours; another reason is a note."""
    assert compare(engine(), GET_PODS, YES).outcome is Outcome.AGREE
    assert compare(engine(rules=()), GET_PODS, NO).outcome is Outcome.AGREE
    other = compare(engine(), GET_PODS, ServerAnswer(True, reason=REASON.replace('"b/', '"c/')))
    assert (other.outcome, other.cause) == (Outcome.DISAGREE, Cause.STALE)
    noted = compare(engine(), GET_PODS, ServerAnswer(True))
    assert noted.outcome is Outcome.AGREE
    assert "another reason" in noted.note
    assert "denies" in compare(engine(rules=()), GET_PODS, ServerAnswer(denied=True)).note


def test_unknown_is_no_disagreement():
    """What this policy does not know, and what was not asked, stand apart."""
    assert compare(engine(rules=(), gaps=("secrets.yaml could not be read",)), GET_PODS, YES).outcome is Outcome.UNKNOWN
    assert compare(engine(), GET_PODS, ServerAnswer(problem="forbidden")).outcome is Outcome.NOT_ASKED


def test_nodes_without_pods_are_unknown():
    """A node that was allowed without a reason may have been so by its pods; a policy without pods cannot say."""
    request = Request("get", "secrets", namespace="shop", name="s", user="system:node:n1", groups=("system:nodes",))
    assert compare(engine(), request, ServerAnswer(True)).outcome is Outcome.UNKNOWN
    assert compare(engine(modes=("RBAC",)), request, ServerAnswer(True)).outcome is Outcome.DISAGREE
    assert compare(engine(), request, ServerAnswer(True, reason=REASON)).outcome is Outcome.DISAGREE


def test_second_look():
    """Asked again and read afresh, a difference shows as a change, as stale files, or as our own defect."""
    stale = compare(engine(rules=()), GET_PODS, YES)
    assert settle(stale, NO, None, live=True).cause is Cause.CHANGED
    assert settle(stale, YES, engine(), live=True).cause is Cause.CHANGED
    assert settle(stale, YES, engine(), live=False).cause is Cause.STALE
    assert settle(stale, YES, engine(rules=()), live=True).cause is Cause.DEFECT
    assert settle(stale, YES, None, live=True) == stale
    hidden = compare(engine(rules=()), GET_PODS, ServerAnswer(True))
    assert settle(hidden, ServerAnswer(True), engine(rules=()), live=True).cause is Cause.AUTHORIZER


@pytest.mark.parametrize("name", NAMES)
def test_recordings_agree(name):
    """Zero disagreements with what a real API server answered, its recorded requests being the plan."""
    folder = RECORDINGS / name
    local = Engine(sources.load([str(folder / "objects.json")]), RBAC)
    lines = (folder / "requests.jsonl").read_bytes().splitlines()
    said = (folder / "expected.jsonl").read_text().splitlines()
    known = {request_key(parse_review(line).request): status for line, status in zip(lines, said, strict=True)}

    class Recorded(EngineConnection):
        """Answers from the recording."""

        def post(self, path, body, headers=None):
            return Reply(201, f'{{"status": {known[request_key(parse_review(body).request)]}}}'.encode())

    requests = [parse_review(line).request for line in lines]
    answers = Asker(Recorded(local), qps=0, concurrency=1).answers(requests, Way.REVIEW)
    found = [compare(local, request, answer) for request, answer in zip(requests, answers, strict=True)]
    assert [one for one in found if one.outcome is not Outcome.AGREE or one.note] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_policy_agrees_with_itself(name):
    """Nothing is found where there is nothing, by any way of asking."""
    local = Engine(sources.load([str(RECORDINGS / name / "objects.json")]), RBAC)
    for connection in ({}, {"reviews": False}, {"impersonation": False}, {"who": ("bob", ("system:authenticated",))}):
        found = check(local, local, connection=connection)
        assert found.exit_code == 0
        assert found.count(Outcome.AGREE) == len(found.comparisons) > 10
        assert not any(one.note for one in found.comparisons)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lost_here", [True, False])
def test_a_removed_rule_is_found(name, lost_here):
    """One rule less on one side: the default budget finds it (benchmarks/verify.py makes a hundred trials and more)."""
    policy = sources.load([str(RECORDINGS / name / "objects.json")])
    full = Engine(policy, RBAC)
    for trial, (role, index, reduced) in enumerate(itertools.islice(removals(policy, 11), 8)):
        local, server = (reduced, full) if lost_here else (full, reduced)
        connection = EngineConnection(server)
        found = cross_check(local, Asker(connection, qps=0, concurrency=1), "s", Settings(seed=trial))
        assert found.exit_code == 1, (role.name, index)
        about_rights = 4  # who am I, and what may I ask
        assert len(connection.sent) <= 300 + about_rights


def test_default_rules_are_missed_without_rule_lists():
    """Where one may not impersonate, a default rule that the copy lacks is found by what every server holds."""
    policy = sources.load([])
    reference = Engine(policy, RBAC)
    for _, _, reduced in itertools.islice(removals(policy, 5), 5):
        assert check(reduced, reference, connection={"impersonation": False}, reference=reference).exit_code == 1


def test_hidden_authorizer():
    """A server that allows more than RBAC says is found, and its cause named."""
    local = engine(modes=("RBAC",))
    found = check(local, Engine(local.policy, AuthorizerConfig((AuthorizerEntry("AlwaysAllow", "x"),))))
    assert found.exit_code == 1
    assert {one.cause for one in found.comparisons if one.cause} == {Cause.AUTHORIZER}


def test_fresh_policy_is_read_once_and_only_for_disagreements():
    """Reading the policy again costs LISTs: only where something differs."""
    calls = []
    same = engine(modes=("RBAC",))
    assert check(same, same, fresh=lambda: calls.append(1)).exit_code == 0
    assert calls == []
    found = check(engine(rules=(), modes=("RBAC",)), same, fresh=lambda: calls.append(1) or same, settings={"live": True})
    assert {one.cause for one in found.comparisons if one.cause} == {Cause.CHANGED}
    assert calls == [1]


def test_exit_code_when_nothing_can_be_asked():
    """Refusals alone prove nothing: exit 3."""

    class Refusing(EngineConnection):
        """Says who one is, and refuses every review."""

        def post(self, path, body, headers=None):
            if path.endswith("selfsubjectreviews"):
                return super().post(path, body, headers)
            return Reply(403, b'{"message": "no"}')

    asker = Asker(Refusing(engine()), qps=0)
    found = cross_check(engine(), asker, "s", Settings())
    assert found.exit_code == 3
    assert found.count(Outcome.NOT_ASKED) == len(found.comparisons)


def test_one_request():
    """verify_one asks as oneself about oneself, about others by what is allowed, and else says what is missing."""
    local = engine(modes=("RBAC",))
    theirs = EngineConnection(local)
    assert verify_one(local, theirs, GET_PODS).outcome is Outcome.AGREE
    assert theirs.sent[-1][0].endswith("/subjectaccessreviews")
    own = EngineConnection(local, ("bob", ()))
    assert verify_one(local, own, GET_PODS).outcome is Outcome.AGREE
    assert own.sent[-1][0].endswith("/selfsubjectaccessreviews")
    nobody = verify_one(local, EngineConnection(local, ("eve", ()), reviews=False, impersonation=False), GET_PODS)
    assert nobody.outcome is Outcome.NOT_ASKED
    assert "you are eve" in nobody.answer.problem
    assert verify_one(engine(rules=()), EngineConnection(local), GET_PODS).outcome is Outcome.DISAGREE


def test_listings_are_bounded_and_show_everybody():
    """Each principal in each namespace where they hold something, the fullest first, never more than asked for."""
    local = Engine(sources.load([str(RECORDINGS / "rbac-101" / "objects.json")]), RBAC)
    everything = listings(local, 1000)
    assert len(listings(local, 10)) == 10
    assert listings(local, 10) == everything[:10]
    names = {one.principal.name for one in everything}
    assert "system:authenticated" in names
    assert "system:masters" not in names
    assert all(one.namespace for one in everything)
    assert [one.who for one in listings(local, 9, identity=("bob", ()))] == [("bob", ())] * len(listings(local, 9, identity=("bob", ())))


@settings(max_examples=40, deadline=None)
@given(strategies.policies())
def test_list_differences_of_any_policy(policy):
    """A policy's own lists suggest nothing, and a difference suggests only requests that are answered as it says."""
    full = Engine(msgspec.structs.replace(policy, abac=None), RBAC)
    for role in [role for role in full.policy.roles if role.rules][:2]:
        reduced = Engine(without(full.policy, role, 0), RBAC)
        for listing in listings(full, 20):
            review = rules_review(full, *listing.who, listing.namespace)
            listed = (*review.resource_rules, *review.non_resource_rules)
            material = (words_of(policy), Random(1))  # noqa: S311
            assert list(differences(full, listing, listed, *material, real=False)) == []
            for probe in differences(reduced, listing, listed, *material, real=False):
                assert reduced.decide(probe.request).allowed is probe.inside
                assert changes_something(full, reduced) or probe.inside or not full.decide(probe.request).allowed
