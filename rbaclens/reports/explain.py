"""A request's way through the API server's gates: authentication, authorization, admission."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from rbaclens.analysis.gates import AUTHENTICATION, later_checks
from rbaclens.index.engine import Engine, Step
from rbaclens.model.decision import Answer, Decision, Verdict
from rbaclens.reports.decision import evidence_text
from rbaclens.reports.evidence import Data, Locate, evidence_data


class Who(Protocol):
    """An identity with, for each group, why it is there."""

    @property
    def why(self) -> Mapping[str, str]:
        """Group to reason."""
        ...


def explain_text(engine: Engine, decision: Decision, who: Who) -> Iterator[str]:
    """The gates as lines for a person."""
    request, locate = decision.request, engine.policy.locate
    yield ""
    yield "1. authentication (401 if it fails)"
    yield f"     user    {request.user or '(none: somebody in the groups below)'}"
    for group in request.groups:
        yield f"     group   {group}  ({who.why.get(group, 'given')})"
    if decision.opinion.authorizer == AUTHENTICATION:
        yield f"     {decision.reason}"
        return
    yield "2. authorization (403 if nobody allows)"
    for step in engine.explain(request):
        yield from _step_text(step, locate)
    yield f"     answer  {decision.answer.value}"
    yield "3. admission (may still refuse what is allowed)"
    checks = later_checks(request)
    if decision.answer is Answer.NO:
        yield "     not reached"
    elif not checks:
        yield "     nothing: reads and paths meet no admission"
    else:
        for check in checks:
            yield f"     {check.name}: {check.refuses}{'' if check.by_default else ' (where it is turned on)'}"


def explain_data(engine: Engine, decision: Decision, who: Who) -> Data:
    """The gates as data."""
    request, locate = decision.request, engine.policy.locate
    return {
        "authentication": {"user": request.user, "groups": [{"name": g, "why": who.why.get(g, "given")} for g in request.groups]},
        "authorization": [_step_data(step, locate) for step in engine.explain(request)],
        "admission": [{"name": c.name, "refuses": c.refuses, "byDefault": c.by_default} for c in later_checks(request)],
    }


def _step_text(step: Step, locate: Locate) -> Iterator[str]:
    opinion = step.opinion
    said = opinion.verdict.value
    if opinion.verdict is not Verdict.ALLOW and (opinion.reason or opinion.error):
        said += f" ({'; '.join(part for part in (opinion.reason, opinion.error) if part)})"
    yield f"     {step.authorizer}: {said}" + ("" if step.asked else "  [not asked: the answer was there already]")
    if opinion.evidence is not None and opinion.verdict is Verdict.ALLOW:
        yield from (f"     {line}" for line in evidence_text(opinion.evidence, locate))


def _step_data(step: Step, locate: Locate) -> Data:
    opinion = step.opinion
    data: Data = {
        "authorizer": step.authorizer,
        "asked": step.asked,
        "opinion": opinion.verdict.value,
        "reason": opinion.reason,
        "error": opinion.error,
    }
    if opinion.evidence is not None:
        data["evidence"] = evidence_data(opinion.evidence, locate)
    return data
