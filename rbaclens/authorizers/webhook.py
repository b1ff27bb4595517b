"""The webhook authorizer: conditions, the question, the answer (WH-01 to WH-13)."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from rbaclens.authorizers.conditions import Conditions, compile_conditions
from rbaclens.authorizers.review import review
from rbaclens.model.authorizer_config import AuthorizerEntry, WebhookFailure, WebhookSettings
from rbaclens.model.decision import Opinion, Verdict, WebhookGrant
from rbaclens.model.request import Request

__all__ = ["AssumedAnswer", "WebhookAuthorizer", "WebhookCaller", "WebhookFailure"]

AssumedAnswer = Literal["allow", "deny", "no-opinion"]
_ASSUMED = {"allow": Verdict.ALLOW, "deny": Verdict.DENY, "no-opinion": Verdict.NO_OPINION}
_BOTH = "webhook subject access review returned both allow and deny response"


class WebhookCaller(Protocol):
    """Puts a question to a webhook's server."""

    def call(self, review: dict[str, Any]) -> dict[str, Any]:
        """The review that the server sends back; raises :class:`WebhookFailure` when there is none."""
        ...


class WebhookAuthorizer:
    """One webhook of the chain.

    It asks ``caller``; without one it takes the ``assumed`` answer, and without that either it does not know. Answers are not
    kept: the server's cache (WH-08) spares the webhook, and what it holds is what the webhook said a while ago, whereas
    whoever asks here wants to know what it says now.
    """

    def __init__(
        self,
        entry: AuthorizerEntry,
        conditions: Conditions | None = None,
        caller: WebhookCaller | None = None,
        assumed: AssumedAnswer | None = None,
    ) -> None:
        """``conditions`` are compiled from the entry when not given; raises ``AuthorizerConfigError`` when they do not compile."""
        settings = entry.webhook or WebhookSettings()
        self.name = entry.name
        self._version = settings.review_version
        self._on_error = Verdict.DENY if settings.failure_policy == "Deny" else Verdict.NO_OPINION
        self._conditions = conditions if conditions is not None else compile_conditions(settings.match_conditions)
        self._caller = caller
        self._assumed = assumed

    @property
    def assumed_always(self) -> AssumedAnswer | None:
        """The answer that stands for every request: it is assumed, and no condition keeps a request from the webhook."""
        return self._assumed if self._caller is None and not self._conditions.programs else None

    def authorize(self, request: Request) -> Opinion:
        """The webhook's opinion; unknown when nobody was asked or a condition could not be evaluated."""
        match = self._conditions.match(request)
        if match.met is False:
            return Opinion(Verdict.NO_OPINION, self.name)
        if match.doubt:
            return Opinion(Verdict.UNKNOWN, self.name, f"webhook {self.name}: match condition not evaluated: {match.doubt}")
        if match.error:
            return Opinion(self._on_error, self.name, error=match.error)
        if self._caller is not None:
            return self._ask(self._caller, request)
        if self._assumed is None:
            ways = f"use --call-webhooks, or say its answer with --webhook {self.name}=allow|deny|no-opinion"
            return Opinion(Verdict.UNKNOWN, self.name, f"webhook {self.name} was not asked: {ways}")
        return self._opinion(_ASSUMED[self._assumed], "", assumed=True)

    def _ask(self, caller: WebhookCaller, request: Request) -> Opinion:
        try:
            status = _status(caller.call(review(request, self._version)))
        except WebhookFailure as failure:
            return Opinion(self._on_error, self.name, error=failure.message)
        allowed, denied, reason = status
        if denied:
            return self._opinion(Verdict.DENY, reason, _BOTH if allowed else "")
        return self._opinion(Verdict.ALLOW if allowed else Verdict.NO_OPINION, reason)

    def _opinion(self, verdict: Verdict, reason: str, error: str = "", assumed: bool = False) -> Opinion:
        decisive = verdict is not Verdict.NO_OPINION
        return Opinion(verdict, self.name, reason, error, WebhookGrant(self.name, reason, assumed) if decisive else None)


def _status(answer: dict[str, Any]) -> tuple[bool, bool, str]:
    """Allowed, denied and reason of the returned review; everything else in it is ignored (WH-10)."""
    status = answer.get("status")
    if status is None:
        status = {}
    if not isinstance(status, dict):
        raise _misfit(status, "status", "SubjectAccessReviewStatus")
    allowed, denied, reason = status.get("allowed"), status.get("denied"), status.get("reason")
    for field, value, wanted in (("allowed", allowed, bool), ("denied", denied, bool), ("reason", reason, str)):
        if value is not None and not isinstance(value, wanted):
            raise _misfit(value, f"status.{field}", "bool" if wanted is bool else "string")
    return bool(allowed), bool(denied), reason or ""


def _misfit(value: object, field: str, wanted: str) -> WebhookFailure:
    kinds = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return WebhookFailure(
        f"json: cannot unmarshal {kinds.get(type(value), 'value')} into Go struct field SubjectAccessReview.{field} of type {wanted}"
    )
