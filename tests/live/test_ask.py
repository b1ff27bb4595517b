"""Many reviews: the three ways to ask, identities in headers, failures that are answers, and the pace."""

from __future__ import annotations

import json
import threading

import pytest
from engine_connection import ADMIN, EngineConnection

from rbaclens import sources
from rbaclens.errors import ClusterError
from rbaclens.index.engine import Engine
from rbaclens.live.ask import Asker, Way, impersonation
from rbaclens.live.interface import Reply
from rbaclens.live.replies import BrokenConnectionError
from rbaclens.model.request import Request

AUTH = "system:authenticated"


@pytest.fixture(scope="module")
def engine():
    """The bootstrap policy alone."""
    return Engine(sources.load([]))


class Scripted:
    """A connection that gives prepared replies (or raises prepared errors), whatever is asked."""

    server = "https://scripted.example"

    def __init__(self, *replies):
        self.replies = list(replies)
        self.lock = threading.Lock()

    def post(self, path, body, headers=None):
        """The next reply; the last one again and again."""
        with self.lock:
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


def status(code, message):
    """A Status with that message."""
    return Reply(code, json.dumps({"kind": "Status", "message": message, "code": code}).encode())


YES = Reply(201, b'{"status": {"allowed": true, "reason": "r"}}')


def ask(connection, *requests, way=Way.REVIEW, **options):
    """The answers, without waiting."""
    return Asker(connection, qps=0, sleep=lambda _: None, **options).answers(requests, way)


def test_who_am_i(engine):
    """A SelfSubjectReview tells (SAR-23)."""
    caller = Asker(EngineConnection(engine, ("bob", ("devs", AUTH))), qps=0).who_am_i()
    assert (caller.user, caller.groups) == ("bob", ("devs", AUTH))


@pytest.mark.parametrize(
    ("reviews", "impersonate", "way"),
    [(True, True, Way.REVIEW), (False, True, Way.IMPERSONATION), (False, False, Way.SELF), (True, False, Way.REVIEW)],
)
def test_the_way_is_asked_for_not_tried(engine, reviews, impersonate, way):
    """Which way leads to others is itself an access question."""
    connection = EngineConnection(engine, impersonation=impersonate, reviews=reviews)
    assert Asker(connection, qps=0).way_to_others() is way


def test_three_ways_give_one_answer(engine):
    """As oneself, by a SubjectAccessReview and by impersonation: the same request, the same answer."""
    request = Request("create", "selfsubjectreviews", "authentication.k8s.io", user="bob", groups=(AUTH,))
    found = [
        ask(EngineConnection(engine, ("bob", (AUTH,))), request, way=Way.SELF),
        ask(EngineConnection(engine), request),
        ask(EngineConnection(engine), request, way=Way.IMPERSONATION),
    ]
    assert found[0] == found[1] == found[2]
    assert found[0][0].allowed
    assert "system:basic-user" in found[0][0].reason


def test_what_is_sent(engine):
    """Only reviews are posted; a SubjectAccessReview carries exactly the groups given, a self review no identity at all."""
    connection = EngineConnection(engine, ADMIN)
    request = Request("get", path="/healthz", user="bob", groups=("g",), uid="u", extra={"k": ("v",)})
    ask(connection, request)
    ask(connection, request, way=Way.SELF)
    (path, review, _), (own_path, own, _) = connection.sent
    assert (path, own_path) == (
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    )
    assert review["spec"] == {
        "nonResourceAttributes": {"path": "/healthz", "verb": "get"},
        "user": "bob",
        "groups": ["g"],
        "uid": "u",
        "extra": {"k": ["v"]},
    }
    assert own["spec"] == {"nonResourceAttributes": {"path": "/healthz", "verb": "get"}}


@pytest.mark.parametrize(
    ("user", "groups", "headers"),
    [
        ("bob", (AUTH,), {"Impersonate-User": "bob"}),
        ("bob", ("devs", "ops", AUTH), {"Impersonate-User": "bob", "Impersonate-Group": ("devs", "ops")}),
        ("bob", (), None),
        ("", ("devs", AUTH), None),
        ("system:anonymous", ("system:unauthenticated",), {"Impersonate-User": "system:anonymous"}),
        ("alice", ("system:unauthenticated",), {"Impersonate-User": "alice", "Impersonate-Group": ("system:unauthenticated",)}),
        (
            "system:serviceaccount:a:sa",
            ("system:serviceaccounts", "system:serviceaccounts:a", AUTH),
            {"Impersonate-User": "system:serviceaccount:a:sa"},
        ),
        ("system:node:n1", ("system:nodes", AUTH), {"Impersonate-User": "system:node:n1", "Impersonate-Group": ("system:nodes",)}),
    ],
)
def test_impersonation_headers(user, groups, headers):
    """Groups that the server adds are not sent; an identity that it would complete cannot be taken on (ESC-40, ESC-43)."""
    assert impersonation(user, groups) == headers


def test_impersonated_uid_and_extra():
    """Extra keys are escaped in the header's name (ESC-40)."""
    headers = impersonation("bob", (AUTH,), "u1", {"example.com/team": ("a", "b")})
    assert headers == {"Impersonate-User": "bob", "Impersonate-Uid": "u1", "Impersonate-Extra-example.com%2Fteam": ("a", "b")}


def test_a_refusal_is_counted_not_raised():
    """What could not be asked says why, in its place."""
    answers = ask(Scripted(YES, status(403, "no reviews for you"), YES), *[Request("get", "pods")] * 3, concurrency=1)
    assert [answer.asked for answer in answers] == [True, False, True]
    assert answers[1].problem == "no reviews for you"


def test_nothing_at_all_raises():
    """A server that is not there, and credentials that are not accepted, end it."""
    with pytest.raises(ClusterError):
        ask(Scripted(BrokenConnectionError("gone")), Request("get", "pods"), Request("get", "nodes"))
    with pytest.raises(ClusterError, match="401"):
        ask(Scripted(YES, status(401, "Unauthorized")), Request("get", "pods"), Request("get", "nodes"), concurrency=1)


def test_patience():
    """429 and 5xx are asked again."""
    busy = Reply(429, b"{}", {"retry-after": "1"})
    assert ask(Scripted(busy, status(503, "busy"), YES), Request("get", "pods"))[0].allowed


def test_answers_that_are_no_reviews():
    """A body that is no review is a problem, not a crash; tokens in it are not repeated."""
    answer = ask(Scripted(Reply(201, b"[1]")), Request("get", "pods"))[0]
    assert not answer.asked
    secret = ask(Scripted(status(403, "Bearer abcdefghijklmnop is bad")), Request("get", "pods"))[0]
    assert "abcdefghijklmnop" not in secret.problem


def test_the_order_is_the_requests_order(engine):
    """Several at once, answers in order, progress counted."""
    verbs = ["create", "get"] * 20
    done = []
    requests = [Request(verb, "selfsubjectreviews", "authentication.k8s.io", user="u", groups=(AUTH,)) for verb in verbs]
    answers = Asker(EngineConnection(engine), qps=0, concurrency=4).answers(requests, Way.REVIEW, done.append)
    assert [answer.allowed for answer in answers] == [True, False] * 20
    assert done == list(range(1, 41))


def test_the_pace(engine):
    """With qps, calls wait for their turn: five at 10 a second wait four tenths of a second and no more."""
    waits = []
    asker = Asker(EngineConnection(engine), qps=10, concurrency=1, sleep=waits.append)
    asker.answers([Request("get", "pods", user="u")] * 5, Way.REVIEW)
    assert len(waits) == 4
    assert 0 < max(waits) <= 0.4


def test_rule_lists(engine):
    """As somebody else by impersonation, or one's own; refusals are named."""
    asker = Asker(EngineConnection(engine), qps=0)
    found = asker.rule_lists([("bob", (AUTH,), "default"), ("bob", (), "default")])
    assert any("selfsubjectaccessreviews" in rule.resources for rule in found[0].rules)
    assert any(rule.non_resource_urls for rule in found[0].rules)
    assert "cannot be taken on" in found[1].problem
    refused = Asker(EngineConnection(engine, impersonation=False), qps=0)
    assert "impersonate" in refused.rule_lists([("bob", (AUTH,), "default")])[0].problem
    assert refused.rule_lists([("admin", ADMIN[1], "default")], own=True)[0].rules
