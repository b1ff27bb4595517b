"""The union of authorizers (ATTR-22 to ATTR-28): the first definite word wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rbaclens.authorizers.interface import Authorizer
from rbaclens.model.decision import NOTHING, Answer, Decision, Opinion, Verdict, aggregate
from rbaclens.model.request import Request

# Looking a member up in its enum costs more than everything else that is done here with it.
_ALLOW, _DENY, _NO_OPINION, _UNKNOWN = Verdict.ALLOW, Verdict.DENY, Verdict.NO_OPINION, Verdict.UNKNOWN
_YES, _NO = Answer.YES, Answer.NO


Ask = Callable[[Request], Opinion]
"""The ``authorize`` of one authorizer."""


def decide(authorizers: Iterable[Authorizer], request: Request, gaps: tuple[str, ...] = ()) -> Decision:
    """The decision of ``authorizers`` in order on ``request``; see :func:`decide_by`."""
    return decide_by([authorizer.authorize for authorizer in authorizers], request, gaps)


def decide_by(asks: Sequence[Ask], request: Request, gaps: tuple[str, ...] = ()) -> Decision:
    """The decision on ``request`` of a chain of authorizers, of which ``asks`` are the ``authorize`` methods in order.

    ``gaps`` name policy that could not be read: it might allow, so that with any of them a no is unknown; an allow stands,
    because nothing but a webhook ever denies (ATTR-28).
    """
    passed: list[Opinion] | None = None
    for ask in asks:
        opinion = ask(request)
        if opinion is NOTHING:
            continue
        verdict = opinion.verdict
        if verdict is _ALLOW and passed is None:
            return Decision(request, _YES, opinion)
        if verdict is _ALLOW or verdict is _DENY:
            return _settle(request, opinion, passed or [], gaps)
        passed = [*(passed or []), opinion]
    if passed is None and not gaps:
        return Decision(request, _NO, NOTHING)
    return _settle(request, union(passed or []), passed or [], gaps)


def union(opinions: Iterable[Opinion]) -> Opinion:
    """No opinion from anybody: the reasons line by line, the errors as one (ATTR-24)."""
    known = [o for o in opinions if o.verdict is _NO_OPINION]
    texts = [o.text for o in known if o.text]
    return Opinion(_NO_OPINION, "", "\n".join(texts), aggregate([o.error for o in known if o.error]))


def _settle(request: Request, opinion: Opinion, passed: list[Opinion], gaps: tuple[str, ...]) -> Decision:
    """The decision when somebody before could have said otherwise, or policy is missing."""
    doubts = tuple(o.text for o in passed if o.verdict is _UNKNOWN)
    if opinion.verdict is not _ALLOW and opinion.verdict is not _DENY:
        doubts += gaps
    elif opinion.verdict is _DENY and gaps and not doubts:
        doubts = gaps  # an unread policy might have allowed before the webhook was asked
    if doubts:
        return Decision(request, Answer.UNKNOWN, opinion, doubts)
    answer = _YES if opinion.verdict is _ALLOW else _NO
    return Decision(request, answer, opinion)
