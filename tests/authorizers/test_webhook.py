"""The webhook authorizer: when it asks, what it makes of the answer, and the recorded decisions."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rbaclens.authorizers.chain import decide
from rbaclens.authorizers.conditions import check_expression
from rbaclens.authorizers.interface import Authorizer
from rbaclens.authorizers.privileged import PrivilegedGroup
from rbaclens.authorizers.webhook import AssumedAnswer, WebhookAuthorizer, WebhookFailure
from rbaclens.errors import AuthorizerConfigError
from rbaclens.live.webhook import WebhookClient
from rbaclens.model.authorizer_config import AuthorizerEntry, WebhookSettings
from rbaclens.model.decision import Answer, Opinion, Verdict, WebhookGrant
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request
from rbaclens.sources.authorizer_config import load_authorizer_config

POD = Request("get", "pods", namespace="ns1", user="bob")
BOTH = "webhook subject access review returned both allow and deny response"
LOST = "cel evaluation error: expression 'request.nonResourceAttributes.path == '/'' resulted in error: no such key: nonResourceAttributes"


class Caller:
    """Answers every review with the same status, or fails; remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def call(self, review: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(review)
        if isinstance(self.answer, Exception):
            raise self.answer
        return {**review, "status": self.answer}


def entry(policy: Any = "NoOpinion", *conditions: str, version: Any = "v1") -> AuthorizerEntry:
    return AuthorizerEntry("Webhook", "hook", WebhookSettings("k", version, policy, 1.0, conditions))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"allowed": True, "reason": "ok"}, Opinion(Verdict.ALLOW, "hook", "ok", "", WebhookGrant("hook", "ok"))),
        ({"denied": True, "reason": "r"}, Opinion(Verdict.DENY, "hook", "r", "", WebhookGrant("hook", "r"))),
        ({"allowed": False, "denied": False, "reason": "why"}, Opinion(Verdict.NO_OPINION, "hook", "why")),
        ({"allowed": False}, Opinion(Verdict.NO_OPINION, "hook")),
        ({"allowed": True, "denied": True, "reason": "r"}, Opinion(Verdict.DENY, "hook", "r", BOTH, WebhookGrant("hook", "r"))),
        ({"allowed": True, "evaluationError": "ignored"}, Opinion(Verdict.ALLOW, "hook", "", "", WebhookGrant("hook"))),
        (None, Opinion(Verdict.NO_OPINION, "hook")),
    ],
)
def test_answers(status: Any, expected: Opinion) -> None:
    """Denied goes before allowed, and only allowed, denied and reason count (WH-10, examples WH-B)."""
    assert WebhookAuthorizer(entry(), caller=Caller(status)).authorize(POD) == expected


@pytest.mark.parametrize(("policy", "verdict"), [("NoOpinion", Verdict.NO_OPINION), ("Deny", Verdict.DENY)])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (WebhookFailure("it broke"), "it broke"),
        ({"allowed": "yes"}, "json: cannot unmarshal string into Go struct field SubjectAccessReview.status.allowed of type bool"),
        ({"denied": 1}, "json: cannot unmarshal number into Go struct field SubjectAccessReview.status.denied of type bool"),
        ({"reason": []}, "json: cannot unmarshal array into Go struct field SubjectAccessReview.status.reason of type string"),
        ([], "json: cannot unmarshal array into Go struct field SubjectAccessReview.status of type SubjectAccessReviewStatus"),
    ],
)
def test_failures(policy: str, verdict: Verdict, answer: Any, error: str) -> None:
    """A failure gives the configured decision, without a reason and with the error (WH-12, WH-13)."""
    assert WebhookAuthorizer(entry(policy), caller=Caller(answer)).authorize(POD) == Opinion(verdict, "hook", error=error)


@pytest.mark.parametrize(("policy", "verdict"), [("NoOpinion", Verdict.NO_OPINION), ("Deny", Verdict.DENY)])
def test_conditions(policy: str, verdict: Verdict) -> None:
    """A false condition means no call and no opinion; a failing one is a failure of the webhook (WH-06, WH-07)."""
    caller = Caller({"allowed": True})
    lost = "request.nonResourceAttributes.path == '/'"
    false = WebhookAuthorizer(entry("Deny", lost, "request.user == 'eve'"), caller=caller)
    assert false.authorize(POD) == Opinion(Verdict.NO_OPINION, "hook")
    failing = WebhookAuthorizer(entry(policy, "true", lost), caller=caller)
    assert failing.authorize(POD) == Opinion(verdict, "hook", error=LOST)
    assert caller.asked == []
    assert WebhookAuthorizer(entry("Deny", "true"), caller=caller).authorize(POD).verdict is Verdict.ALLOW
    assert len(caller.asked) == 1


def test_review_version() -> None:
    """The review is sent in the configured version (WH-01)."""
    caller = Caller({})
    WebhookAuthorizer(entry(version="v1beta1"), caller=caller).authorize(POD)
    assert caller.asked[0]["apiVersion"] == "authorization.k8s.io/v1beta1"


@pytest.mark.parametrize(
    ("assumed", "expected"),
    [
        ("allow", Opinion(Verdict.ALLOW, "hook", evidence=WebhookGrant("hook", assumed=True))),
        ("deny", Opinion(Verdict.DENY, "hook", evidence=WebhookGrant("hook", assumed=True))),
        ("no-opinion", Opinion(Verdict.NO_OPINION, "hook")),
    ],
)
def test_assumed(assumed: AssumedAnswer, expected: Opinion) -> None:
    """An assumed answer stands for the call, and conditions still come first (WH-06)."""
    assert WebhookAuthorizer(entry(), assumed=assumed).authorize(POD) == expected
    assert WebhookAuthorizer(entry("Deny", "false"), assumed=assumed).authorize(POD) == Opinion(Verdict.NO_OPINION, "hook")


def test_unknown() -> None:
    """Nobody to ask, or a condition that cannot be evaluated: unknown, with the way to go on, and never a no."""
    opinion = WebhookAuthorizer(entry("Deny")).authorize(POD)
    assert opinion.verdict is Verdict.UNKNOWN
    assert "hook" in opinion.text
    assert "--call-webhooks" in opinion.text
    assert "--webhook hook=" in opinion.text
    caller = Caller({"allowed": True})
    doubtful = WebhookAuthorizer(entry("Deny", "isIP(request.user)"), caller=caller).authorize(POD)
    assert doubtful.verdict is Verdict.UNKNOWN
    assert doubtful.text == 'webhook hook: match condition not evaluated: "isIP(request.user)" function isIP is not supported by rbaclens'
    assert caller.asked == []
    assert decide([WebhookAuthorizer(entry())], POD).answer is Answer.UNKNOWN


def test_false_condition_needs_nobody() -> None:
    """A webhook that would not be asked is no doubt."""
    assert WebhookAuthorizer(entry("Deny", "false")).authorize(POD).verdict is Verdict.NO_OPINION


def test_conditions_must_compile() -> None:
    """An authorizer whose conditions the server would refuse is not made (WH-17)."""
    with pytest.raises(AuthorizerConfigError, match="must evaluate to bool"):
        WebhookAuthorizer(entry("Deny", "request.user"))


CONFORMANCE = Path(__file__).parents[1] / "conformance"
_FIELD_OPERATORS = {"In": "=", "NotIn": "!="}
_LABEL_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


def recorded_request(spec: dict[str, Any]) -> Request:
    """The request of a recorded review; the recordings' selectors are all well formed."""
    user = {"user": spec.get("user", ""), "uid": spec.get("uid", ""), "groups": tuple(spec.get("groups", ()))}
    user["extra"] = {key: tuple(values) for key, values in spec.get("extra", {}).items()}
    if "nonResourceAttributes" in spec:
        return Request(spec["nonResourceAttributes"].get("verb", ""), path=spec["nonResourceAttributes"].get("path", ""), **user)
    attributes = spec["resourceAttributes"]
    fields = attributes.get("fieldSelector", {}).get("requirements", ())
    labels = attributes.get("labelSelector", {}).get("requirements", ())
    return Request(
        attributes.get("verb", ""),
        attributes.get("resource", ""),
        attributes.get("group", ""),
        attributes.get("subresource", ""),
        attributes.get("namespace", ""),
        attributes.get("name", ""),
        version=attributes.get("version") or "*",
        field_selector=tuple(FieldRequirement(r["key"], _FIELD_OPERATORS[r["operator"]], r["values"][0]) for r in fields),
        label_selector=tuple(LabelRequirement(r["key"], _LABEL_OPERATORS[r["operator"]], tuple(r.get("values", ()))) for r in labels),
        **user,
    )


class Recorded:
    """Stands for RBAC (or Node): it allowed exactly what the recording says that RBAC allowed."""

    name = "recorded"

    def __init__(self) -> None:
        self.opinion = Opinion(Verdict.NO_OPINION)

    def authorize(self, request: Request) -> Opinion:
        return self.opinion


def recorded_lines(folder: Path) -> list[tuple[Request, dict[str, Any]]]:
    asked = (json.loads(line)["spec"] for line in (folder / "requests.jsonl").read_text().splitlines())
    return [
        (recorded_request(spec), json.loads(line))
        for spec, line in zip(asked, (folder / "expected.jsonl").read_text().splitlines(), strict=True)
    ]


@pytest.mark.parametrize("folder", sorted(CONFORMANCE.glob("config-*")), ids=lambda folder: folder.name)
def test_recorded(folder: Path, tmp_path: Path, hook_kubeconfigs: Callable[[Path], None]) -> None:
    """A real server's decisions about webhooks and match conditions, over real connections (WH-06 to WH-13, ATTR-23, ATTR-24)."""
    shutil.copy(folder / "authorization-config.yaml", tmp_path)
    hook_kubeconfigs(tmp_path)
    config = load_authorizer_config(tmp_path / "authorization-config.yaml", check_expression)
    rbac = Recorded()
    clients: list[WebhookClient] = []
    chain: list[Authorizer] = [PrivilegedGroup()]
    for item in config.authorizers:
        if item.webhook is None:
            chain.append(rbac)
            continue
        clients.append(WebhookClient(item.webhook.kubeconfig, item.webhook.timeout, pause=0))
        chain.append(WebhookAuthorizer(item, caller=clients[-1]))
    wrong = []
    for request, expected in recorded_lines(folder):
        reason = expected.get("reason", "")
        by_rbac = reason.startswith("RBAC: allowed by")
        rbac.opinion = Opinion(Verdict.ALLOW, "rbac", reason) if by_rbac else Opinion(Verdict.NO_OPINION)
        decision = decide(chain, request)
        got = {
            "allowed": decision.allowed,
            "denied": decision.denied,
            "reason": decision.reason,
            "evaluationError": decision.evaluation_error,
        }
        if got != {"denied": False, "reason": "", "evaluationError": "", **expected}:
            wrong.append((request, got, expected))
    for client in clients:
        client.close()
    assert not wrong
