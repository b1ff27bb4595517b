"""A connection to a server that exists only as an Engine: reviews are answered as its API server would, at once."""

import json
from collections.abc import Mapping

import msgspec

from rbaclens.index.engine import Engine
from rbaclens.index.permissions import rules_review
from rbaclens.live.interface import Reply
from rbaclens.model.identity import implied_groups
from rbaclens.model.request import Request
from rbaclens.requests.review import parse_review

ADMIN = ("admin", ("system:masters", "system:authenticated"))


class EngineConnection:
    """Answers SelfSubjectReviews, access reviews and rules reviews.

    ``reviews`` and ``impersonation`` say whether ADMIN may create SubjectAccessReviews and impersonate; others may what the
    engine says. ``sent`` holds path, body and headers of every review.
    """

    server = "https://engine.example"

    def __init__(self, engine: Engine, who=ADMIN, *, impersonation: bool = True, reviews: bool = True) -> None:
        self.engine = engine
        self.who = who
        self.impersonation = impersonation
        self.reviews = reviews
        self.sent: list[tuple[str, dict, dict]] = []

    def post(self, path: str, body: bytes, headers: Mapping[str, str | tuple[str, ...]] | None = None) -> Reply:
        """One review answered."""
        data, headers = json.loads(body), dict(headers or {})
        self.sent.append((path, data, headers))
        user, groups = self.who
        if "Impersonate-User" in headers:
            if not self.impersonation:
                return _refused("impersonate users")
            user, groups = headers["Impersonate-User"], headers.get("Impersonate-Group", ())
            groups = implied_groups(user) if not groups else tuple(groups)
            if not {"system:authenticated", "system:unauthenticated"} & set(groups):
                groups = (*groups, "system:authenticated")
        kind = path.rpartition("/")[2]
        if kind == "selfsubjectreviews":
            return _created({"userInfo": {"username": user, "groups": list(groups)}})
        if kind == "selfsubjectrulesreviews":
            return self._rules(user, groups, data["spec"]["namespace"])
        if kind == "subjectaccessreviews" and not self.reviews:
            return _refused("create subjectaccessreviews")
        review = parse_review(body)
        request = review.request if kind == "subjectaccessreviews" else review.with_identity(user, tuple(groups)).request
        return self._access(request)

    def _access(self, request: Request) -> Reply:
        if (request.user, request.groups) == self.who == ADMIN:
            if request.resource == "subjectaccessreviews" and not self.reviews:
                return _created({"allowed": False})
            if request.verb == "impersonate":
                return _created({"allowed": self.impersonation})
        decision = self.engine.decide(request)
        return _created({"allowed": decision.allowed, "reason": decision.reason, "denied": decision.denied})

    def _rules(self, user, groups, namespace) -> Reply:
        review = rules_review(self.engine, user, tuple(groups), namespace)
        listed = {
            "resourceRules": msgspec.to_builtins(review.resource_rules),
            "nonResourceRules": msgspec.to_builtins(review.non_resource_rules),
            "incomplete": review.incomplete,
        }
        return _created(listed)


def _created(status: dict) -> Reply:
    return Reply(201, json.dumps({"status": status}).encode())


def _refused(what: str) -> Reply:
    return Reply(403, json.dumps({"kind": "Status", "message": f"forbidden: {what}", "code": 403}).encode())
