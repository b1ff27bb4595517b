"""The cross-check with a server, and with an audit log, as text and as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from rbaclens.analysis.replay import Group, Replay
from rbaclens.analysis.verify import Cause, Comparison, Outcome
from rbaclens.reports.decision import request_data, row, sentence
from rbaclens.reports.evidence import Data, Locate, evidence_data

SCHEMA = "rbaclens.verify/v1"
_SHOWN = 3
REPLAY_SCHEMA = "rbaclens.audit-replay/v1"
ADVICE = {
    Cause.AUTHORIZER: "tell rbaclens of every authorizer: --authorization-mode, --authorization-config",
    Cause.STALE: "the policy judged by is not the one in force: read it again, or look for what changed the cluster",
    Cause.CHANGED: "run it again: the policy was changed while it ran, or since it was read",
    Cause.DEFECT: "this may be a defect of rbaclens: please report it with the request and both answers",
}


class Run(msgspec.Struct, frozen=True):
    """How a cross-check was made: the server, who asked and by which way, rule lists asked for and refused."""

    server: str
    user: str
    groups: tuple[str, ...]
    way: str
    lists: int = 0
    lists_refused: int = 0


class LogCounts(msgspec.Struct):
    """What a log held beside the decisions that were judged."""

    events: int = 0
    without_decision: int = 0
    repeated: int = 0
    bad_lines: int = 0


def comparison_data(found: Comparison, locate: Locate) -> Data:
    """One comparison: the request, both answers, and why they differ."""
    decision, answer = found.decision, found.answer
    here: Data = {"answer": decision.answer.value, "authorizer": decision.opinion.authorizer, "reason": decision.reason}
    if decision.opinion.evidence is not None:
        here["evidence"] = evidence_data(decision.opinion.evidence, locate)
    if decision.doubts:
        here["doubts"] = list(decision.doubts)
    data: Data = {"outcome": found.outcome.value, "request": request_data(found.request), "here": here}
    data["server"] = {"problem": answer.problem} if not answer.asked else _answer_data(found)
    for key, value in (("cause", found.cause.value if found.cause else ""), ("detail", found.detail), ("note", found.note)):
        if value:
            data[key] = value
    return data


def _answer_data(found: Comparison) -> Data:
    answer = found.answer
    data: Data = {"allowed": answer.allowed, "reason": answer.reason}
    if answer.denied:
        data["denied"] = True
    if answer.evaluation_error:
        data["evaluationError"] = answer.evaluation_error
    return data


def verify_data(run: Run, found: Sequence[Comparison], locate: Locate) -> Data:
    """A whole cross-check."""
    return {
        "schema": SCHEMA,
        "server": run.server,
        "caller": {"user": run.user, "groups": list(run.groups)},
        "way": run.way,
        "ruleLists": {"asked": run.lists, "refused": run.lists_refused},
        "counts": {_key(outcome): _count(found, outcome) for outcome in Outcome},
        "causes": {cause.value: number for cause, number in _causes(found).items()},
        "disagreements": [comparison_data(one, locate) for one in found if one.outcome is Outcome.DISAGREE],
        "notAsked": [{"problem": problem, "count": number} for problem, number in _problems(found).items()],
        "notes": [{"note": note, "count": number} for note, number in _notes(found).items()],
    }


def verify_text(run: Run, found: Sequence[Comparison]) -> Iterator[str]:
    """A whole cross-check for a person."""
    disagree, asked = _count(found, Outcome.DISAGREE), len(found) - _count(found, Outcome.NOT_ASKED)
    yield f"{disagree} of {asked} answers differ from the server's" if disagree else f"no answer of {asked} differs from the server's"
    yield row("server", f"{run.server}, asked by {run.user or '(nobody)'} with {run.way}")
    if run.lists:
        refused = f", {run.lists_refused} of them refused" if run.lists_refused else ""
        yield row("planned", f"{run.lists} rule lists{refused}, and {len(found)} access reviews at the edges of the rules")
    counts = ((outcome, _count(found, outcome)) for outcome in Outcome)
    yield row("counts", ", ".join(f"{number} {outcome.value}" for outcome, number in counts if number) or "nothing was asked")
    for cause, number in _causes(found).items():
        yield ""
        yield f"{cause.value} ({number}): {ADVICE[cause]}"
        yield from _by_detail([one for one in found if one.outcome is Outcome.DISAGREE and one.cause is cause])
    unknown = next((one for one in found if one.outcome is Outcome.UNKNOWN), None)
    if unknown is not None:
        yield ""
        yield f"not known here ({_count(found, Outcome.UNKNOWN)}): {unknown.detail or '; '.join(unknown.decision.doubts)}"
    yield from _tail("not asked", _problems(found))
    yield from _tail("same answer, another reason", _notes(found))


def one_text(found: Comparison) -> Iterator[str]:
    """The comparison of a single request, as lines below a decision."""
    answer = found.answer
    if not answer.asked:
        yield row("server", f"was not asked: {answer.problem}")
        return
    said = "yes" if answer.allowed else "no"
    yield row("server", f"{said}: {answer.reason}" if answer.reason else said)
    if found.outcome is Outcome.DISAGREE and found.cause:
        yield row("differs", f"{found.cause.value}: {found.detail}")
        yield row("help", ADVICE[found.cause])
    elif found.note:
        yield row("note", found.note)


def replay_data(replay: Replay, counts: LogCounts, log: str, locate: Locate) -> Data:
    """A replayed audit log."""
    return {
        "schema": REPLAY_SCHEMA,
        "log": log,
        "counts": {
            "events": counts.events,
            "agree": replay.agreed,
            "disagree": replay.disagreed,
            "unknown": replay.unknown,
            "withoutDecision": counts.without_decision,
            "repeated": counts.repeated,
            "badLines": counts.bad_lines,
            "ungrouped": replay.ungrouped,
        },
        "disagreements": [_group_data(group, locate) for group in replay.groups],
        "notes": [{"note": note, "count": number} for note, number in replay.notes.items()],
    }


def _group_data(group: Group, locate: Locate) -> Data:
    times: Data = {"count": group.count, "first": group.first, "last": group.last, "auditID": group.event}
    return times | comparison_data(group.example, locate)


def replay_text(replay: Replay, counts: LogCounts, log: str) -> Iterator[str]:
    """A replayed audit log for a person."""
    judged = replay.agreed + replay.disagreed + replay.unknown
    if replay.disagreed:
        yield f"{replay.disagreed} of {judged} recorded decisions differ"
    else:
        yield f"no decision of {judged} recorded differs"
    yield row("log", log)
    others = (
        (replay.unknown, "not known here"),
        (counts.without_decision, "events without a decision"),
        (counts.repeated, "recorded a second time"),
        (counts.bad_lines, "lines that cannot be read"),
    )
    yield row("counts", ", ".join([f"{replay.agreed} agree", *(f"{number} {what}" for number, what in others if number)]))
    shown: Cause | None = None
    for group in sorted(replay.groups, key=lambda group: (group.cause.value if group.cause else "", -group.count)):
        if group.cause is not None and group.cause is not shown:
            shown = group.cause
            yield ""
            yield f"{shown.value}: {ADVICE[shown]}"
        yield f"    {_both(group.example)}"
        yield f"      {group.example.detail}"
        span = group.first if group.count == 1 else f"{group.count} times, {group.first or '?'} to {group.last or '?'}"
        yield f"      {span}; event {group.event or '(no id)'}"
    if replay.ungrouped:
        yield ""
        yield f"and {replay.ungrouped} more, in groups that are not shown"
    yield from _tail("same decision, another reason", replay.notes)


def _by_detail(found: Iterable[Comparison]) -> Iterator[str]:
    """What differs for one reason together, with a few of the requests that show it."""
    details: dict[str, list[Comparison]] = {}
    for one in found:
        details.setdefault(one.detail, []).append(one)
    for detail, same in details.items():
        yield f"    {detail}"
        yield from (f"      {_both(one)}" for one in same[:_SHOWN])
        if len(same) > _SHOWN:
            yield f"      and {len(same) - _SHOWN} more (-o json lists them)"


def _both(found: Comparison) -> str:
    request, here, there = found.request, found.decision.answer.value, "yes" if found.answer.allowed else "no"
    who = request.user or f"group {', '.join(request.groups)}"
    answers = f"here {here}, the server {there}" if here != there else f"both {here}, by different grants"
    return f"{who}: {sentence(request)}: {answers}"


def _tail(title: str, numbers: dict[str, int]) -> Iterator[str]:
    if numbers:
        yield ""
        yield f"{title} ({sum(numbers.values())}):"
        for text, number in sorted(numbers.items(), key=lambda item: -item[1]):
            yield f"    {number} times: {text}"


def _count(found: Iterable[Comparison], outcome: Outcome) -> int:
    return sum(1 for one in found if one.outcome is outcome)


def _key(outcome: Outcome) -> str:
    return {Outcome.UNKNOWN: "unknown", Outcome.NOT_ASKED: "notAsked"}.get(outcome, outcome.value)


def _causes(found: Iterable[Comparison]) -> dict[Cause, int]:
    numbers = Counter(one.cause for one in found if one.outcome is Outcome.DISAGREE)
    return {cause: numbers[cause] for cause in Cause if numbers[cause]}


def _problems(found: Iterable[Comparison]) -> dict[str, int]:
    return dict(Counter(one.answer.problem for one in found if one.outcome is Outcome.NOT_ASKED))


def _notes(found: Iterable[Comparison]) -> dict[str, int]:
    return dict(Counter(one.note for one in found if one.note))
