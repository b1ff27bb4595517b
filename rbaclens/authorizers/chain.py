"""The union of authorizers (ATTR-22 to ATTR-28): the first definite word wins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rbaclens.authorizers.interface import Authorizer
from rbaclens.model.decision import Answer, Decision, Opinion, Verdict, aggregate
from rbaclens.model.request import Request

_NOTHING = Opinion(Verdict.NO_OPINION)


def decide(authorizers: Sequence[Authorizer], request: Request, gaps: tuple[str, ...] = ()) -> Decision:
    """The chain's decision on ``request``.

    ``gaps`` name policy that could not be read: it might allow, so that with any of them a no is unknown; an allow stands,
    because nothing but a webhook ever denies (ATTR-28).
    """
    passed: list[Opinion] | None = None
    for authorizer in authorizers:
        opinion = authorizer.authorize(request)
        verdict = opinion.verdict
        if verdict is Verdict.ALLOW and passed is None:
            return Decision(request, Answer.YES, opinion)
        if verdict is not Verdict.NO_OPINION:
            if verdict is Verdict.ALLOW or verdict is Verdict.DENY:
                return _settle(request, opinion, passed or [], gaps)
            passed = [*(passed or []), opinion]
        elif opinion.text or opinion.error:
            passed = [*(passed or []), opinion]
    if passed is None and not gaps:
        return Decision(request, Answer.NO, _NOTHING)
    return _settle(request, union(passed or []), passed or [], gaps)


def union(opinions: Iterable[Opinion]) -> Opinion:
    """No opinion from anybody: the reasons line by line, the errors as one (ATTR-24)."""
    known = [o for o in opinions if o.verdict is Verdict.NO_OPINION]
    texts = [o.text for o in known if o.text]
    return Opinion(Verdict.NO_OPINION, "", "\n".join(texts), aggregate([o.error for o in known if o.error]))


def _settle(request: Request, opinion: Opinion, passed: list[Opinion], gaps: tuple[str, ...]) -> Decision:
    """The decision when somebody before could have said otherwise, or policy is missing."""
    doubts = tuple(o.text for o in passed if o.verdict is Verdict.UNKNOWN)
    if opinion.verdict is not Verdict.ALLOW and opinion.verdict is not Verdict.DENY:
        doubts += gaps
    elif opinion.verdict is Verdict.DENY and gaps and not doubts:
        doubts = gaps  # an unread policy might have allowed before the webhook was asked
    if doubts:
        return Decision(request, Answer.UNKNOWN, opinion, doubts)
    answer = Answer.YES if opinion.verdict is Verdict.ALLOW else Answer.NO
    return Decision(request, answer, opinion)
