"""A command line's requests, each with its answer, and whether the command as a whole would work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rbaclens.analysis.commands import Judged, overall
from rbaclens.model.decision import Answer
from rbaclens.reports.decision import decision_data, row, sentence
from rbaclens.reports.evidence import Data, Locate

SCHEMA = "rbaclens.command/v1"


def command_text(command: str, who: str, judged: Sequence[Judged], notes: Iterable[str]) -> Iterator[str]:
    """The whole command's answer first, then every request in the order kubectl sends them."""
    answer = overall(judged)
    yield answer.value
    yield row("command", command)
    yield row("as", who)
    for item in judged:
        mark = "" if item.planned.required else "  (not required)"
        planned: Any = item.planned
        yield f"  {item.answer.value:<9} {sentence(item.decision.request)}{mark}"
        if planned.uri:
            yield row("", f"{planned.method} {planned.uri}")
        if planned.why:
            yield row("", planned.why)
        if item.via is not None and not item.via.allowed:
            yield row("", f"impersonation refused: {sentence(item.via.request)}")
        for doubt in item.decision.doubts:
            yield row("", doubt)
    if not judged:
        yield row("", "sends nothing that is authorized")
    for note in notes:
        yield row("note", note)


def command_data(command: str, judged: Sequence[Judged], notes: Iterable[str], locate: Locate) -> Data:
    """The same as data."""
    return {
        "schema": SCHEMA,
        "command": command,
        "answer": overall(judged).value,
        "requests": [_item_data(item, locate) for item in judged],
        "notes": list(notes),
    }


def _item_data(item: Judged, locate: Locate) -> Data:
    planned: Any = item.planned
    data: Data = {
        "answer": item.answer.value,
        "required": planned.required,
        "method": planned.method,
        "uri": planned.uri,
        "why": planned.why,
    }
    data["decision"] = decision_data(item.decision, locate)
    if item.via is not None:
        data["impersonation"] = decision_data(item.via, locate)
    return data


def exit_code(judged: Sequence[Judged]) -> int:
    """0 when the command works, 1 when not, 3 when that is not known."""
    return {Answer.YES: 0, Answer.NO: 1, Answer.UNKNOWN: 3}[overall(judged)]
