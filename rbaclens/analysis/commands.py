"""Would a command that sends several requests work? (The requests come from ``requests.kubectl``.)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from rbaclens.analysis.impersonation import Target, decide_impersonation, impersonated
from rbaclens.index.engine import Engine
from rbaclens.model.decision import Answer, Decision, Opinion
from rbaclens.model.pattern import Pattern
from rbaclens.model.request import Request


class Planned(Protocol):
    """A request of a command; see ``requests.kubectl_plan.PlannedRequest``."""

    @property
    def request(self) -> Request:
        """The request, without its user."""
        ...

    @property
    def required(self) -> bool:
        """Whether the command fails without it."""
        ...

    @property
    def open_name(self) -> bool:
        """Whether only the server knows on which names it is."""
        ...


class Judged(msgspec.Struct, frozen=True):
    """One request of a command with its decision; ``via`` is the decision on impersonation before it, where there is one."""

    planned: Planned
    decision: Decision
    via: Decision | None = None

    @property
    def answer(self) -> Answer:
        """Whether the request goes through: both the impersonation and the request itself."""
        if self.via is not None and not self.via.allowed:
            return self.via.answer
        return self.decision.answer


def judge(engine: Engine, planned: Sequence[Planned], who: Request, target: Target | None) -> tuple[Judged, ...]:
    """Each request of a command by ``who`` (a request that carries the identity), as ``target`` where one is impersonated."""
    judged = []
    for item in planned:
        via = None
        if target is None:
            request = msgspec.structs.replace(item.request, user=who.user, groups=who.groups, uid=who.uid, extra=who.extra)
        else:
            via = decide_impersonation(engine, who, target, item.request)
            request = impersonated(item.request, target)
        judged.append(Judged(item, _decide(engine, request, item.open_name), via))
    return tuple(judged)


def overall(judged: Sequence[Judged]) -> Answer:
    """Whether the command works: every request that it cannot do without must go through."""
    answers = {item.answer for item in judged if item.planned.required}
    if Answer.NO in answers:
        return Answer.NO
    return Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.YES


def _decide(engine: Engine, request: Request, open_name: bool) -> Decision:
    """The decision; where the names are not known and some names would do, it is not known either."""
    decision = engine.decide(request)
    if decision.answer is not Answer.NO or not open_name:
        return decision
    names = names_that_would_do(engine, request)
    if not names:
        return decision
    return Decision(
        request, Answer.UNKNOWN, Opinion(decision.opinion.verdict), (f"it depends on the object's name: {', '.join(names)} would do",)
    )


def names_that_would_do(engine: Engine, request: Request) -> tuple[str, ...]:
    """The object names for which RBAC would allow ``request`` with that name."""
    from rbaclens.authorizers.matching import rule_touches

    pattern = msgspec.structs.replace(Pattern.of(request), name=None)
    names: dict[str, None] = {}
    for _, _, role in engine.rbac.visit(request.user, request.groups, request.namespace):
        for rule in role.rules if role is not None else ():
            if rule_touches(rule, pattern):
                names.update(dict.fromkeys(rule.resource_names))
    return tuple(names)
