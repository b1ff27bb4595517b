"""What became of permission facts: as text like a test runner's, as data, and as JUnit XML."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from rbaclens.analysis.facts import FactResult, Outcome
from rbaclens.analysis.mutants import Mutant
from rbaclens.analysis.mutation import MutationResult
from rbaclens.index.engine import Engine
from rbaclens.model.decision import Answer
from rbaclens.reports.decision import decision_data, decision_text, place_text, row
from rbaclens.reports.evidence import Data, Locate, place
from rbaclens.reports.why import why_text

SCHEMA = "rbaclens.test/v1"
_WORDS = {Outcome.HOLDS: "ok", Outcome.FAILS: "FAILED", Outcome.UNKNOWN: "UNKNOWN"}
_ENOUGH = "  3. "
_INDENT = " " * 10


def facts_text(results: Sequence[FactResult], engine: Engine) -> Iterator[str]:
    """A line for each fact under the name of its file; below one that does not hold, why. The last line counts them."""
    file = None
    for result in results:
        if result.fact.at.file != file:
            file = result.fact.at.file
            yield file
        yield f"  {_WORDS[result.outcome]:<7} {_title(result)}"
        if result.outcome is not Outcome.HOLDS:
            yield from (f"{_INDENT}{line}".rstrip() for line in explanation(result, engine))
    yield ""
    yield counts_text(results)


def counts_text(results: Sequence[FactResult]) -> str:
    """``3 facts: 2 hold, 1 fails``."""
    number = {outcome: sum(result.outcome is outcome for result in results) for outcome in Outcome}
    parts = [f"{number[Outcome.HOLDS]} hold", f"{number[Outcome.FAILS]} fail", f"{number[Outcome.UNKNOWN]} unknown"]
    return f"{_facts(len(results))}: {', '.join(part for part in parts if not part.startswith('0 '))}"


def explanation(result: FactResult, engine: Engine) -> Iterator[str]:
    """Why a fact does not hold: its reason, the request that the engine answers otherwise, with evidence and places."""
    fact, decision = result.fact, result.decision
    if fact.why:
        yield f"because   {fact.why}"
    yield f"fact      {fact.at}"
    if decision is not None:
        yield from _counterexample(result)
        yield from decision_rows(result, engine)
        if result.outcome is Outcome.FAILS and decision.answer is Answer.NO:
            # The first near misses tell where the permission got lost; all of them are for `check --why`.
            yield from itertools.takewhile(lambda line: not line.startswith(_ENOUGH), list(why_text(engine, decision))[1:])
    seen = decision.doubts if decision is not None else ()
    yield from (f"unknown   {doubt}" for doubt in result.doubts if doubt not in seen)


def _counterexample(result: FactResult) -> Iterator[str]:
    if result.outcome is Outcome.UNKNOWN:
        yield "not known, because the answer to this request is not:"
    else:
        yield f"the answer to this request is {result.decision.answer.value if result.decision else ''}:"


def decision_rows(result: FactResult, engine: Engine) -> Iterator[str]:
    """The decision's rows, without the answer, which stands above them."""
    if result.decision is not None:
        yield from list(decision_text(result.decision, engine.policy.locate))[1:]


def _title(result: FactResult) -> str:
    fact = result.fact
    return f"{fact.id}: {fact.text}" if fact.id else fact.text


def _facts(count: int) -> str:
    return f"{count} fact" + "s" * (count != 1)


def facts_data(results: Sequence[FactResult], engine: Engine, mutation: MutationResult | None = None) -> Data:
    """Every fact with its outcome, the counterexample as ``rbaclens check`` would give it, and the counts."""
    data: Data = {
        "schema": SCHEMA,
        "facts": [_fact_data(result, engine.policy.locate) for result in results],
        "counts": {outcome.value: sum(result.outcome is outcome for result in results) for outcome in Outcome},
    }
    if mutation is not None:
        data["mutation"] = mutation_data(mutation, engine.policy.locate)
    return data


def _fact_data(result: FactResult, locate: Locate) -> Data:
    fact = result.fact
    data: Data = {"fact": fact.text, "kind": fact.kind, "outcome": result.outcome.value}
    for key, text in (("id", fact.id), ("why", fact.why)):
        if text:
            data[key] = text
    data["at"] = {"file": fact.at.file, "line": fact.at.line, "column": fact.at.column}
    if result.decision is not None:
        data["counterexample" if result.outcome is Outcome.FAILS else "undecided"] = decision_data(result.decision, locate)
    if result.doubts:
        data["doubts"] = list(result.doubts)
    return data


def facts_junit(results: Sequence[FactResult], engine: Engine) -> str:
    """JUnit XML: a suite for each file, a case for each fact. A fact that is unknown is an error, never a pass."""
    suites: dict[str, list[FactResult]] = {}
    for result in results:
        suites.setdefault(result.fact.at.file, []).append(result)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites name={quoteattr('rbaclens test')} {_junit_counts(results)}>"]
    for file, found in suites.items():
        lines.append(f"<testsuite name={quoteattr(_clean(file))} {_junit_counts(found)}>")
        lines += [_junit_case(result, engine) for result in found]
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>"])


def _junit_counts(results: Sequence[FactResult]) -> str:
    failed = sum(result.outcome is Outcome.FAILS for result in results)
    unknown = sum(result.outcome is Outcome.UNKNOWN for result in results)
    return f'tests="{len(results)}" failures="{failed}" errors="{unknown}" skipped="0"'


def _junit_case(result: FactResult, engine: Engine) -> str:
    fact = result.fact
    file, name = quoteattr(_clean(fact.at.file)), quoteattr(_clean(fact.name))
    head = f'<testcase classname={file} name={name} file={file} line="{fact.at.line}"'
    if result.outcome is Outcome.HOLDS:
        return f"{head}/>"
    lines = list(explanation(result, engine))
    tag = "failure" if result.outcome is Outcome.FAILS else "error"
    message = quoteattr(_clean(f"{result.outcome.value}: {result.fact.text}"))
    return f"{head}>\n<{tag} message={message}>{escape(_clean(chr(10).join(lines)))}</{tag}>\n</testcase>"


def _clean(text: str) -> str:
    """``text`` with only the characters that XML 1.0 knows."""
    return "".join(
        char if char in "\t\n" or " " <= char < "\ud800" or "\ue000" <= char <= "\ufffd" or char > "\uffff" else "?" for char in text
    )


def mutation_text(result: MutationResult, locate: Locate) -> Iterator[str]:
    """The mutants that no fact caught, by the object that was changed, and the score."""
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in result.survivors:
        groups.setdefault((mutant.where, place_text(place(mutant.origin, locate))), []).append(mutant)
    if groups:
        yield "no fact catches these changes:"
    for (where, at), mutants in groups.items():
        yield f"  {where}  ({at})"
        for way in ("widen", "narrow"):
            changes = [mutant.change for mutant in mutants if mutant.way == way]
            if changes:
                yield row(f"  {way}", "; ".join(_merged(changes)))
    if groups:
        yield ""
    yield score_text(result)


def _merged(changes: Sequence[str]) -> Iterator[str]:
    """``also verb create``, ``also verb update`` as ``also verb create, update``."""
    for head, same in itertools.groupby(changes, lambda change: change.rpartition(" ")[0]):
        yield f"{head} {', '.join(change.rpartition(' ')[2] for change in same)}"


def score_text(result: MutationResult) -> str:
    """``mutation score 75 %: 9 of 12 changes caught by 4 facts (3 more change nothing)``."""
    counted = result.caught + len(result.survivors)
    score = "none" if result.score is None else f"{int(result.score * 100)} %"
    text = f"mutation score {score}: {result.caught} of {counted} changes caught by {_facts(result.facts)}"
    notes = [f"{result.equivalent} more change nothing"] if result.equivalent else []
    if result.tried < result.possible:
        notes.append(f"a sample of {result.tried} out of {result.possible}")
    return f"{text} ({', '.join(notes)})" if notes else text


def mutation_data(result: MutationResult, locate: Locate) -> Data:
    """Score, counts and survivors."""
    survivors: list[dict[str, Any]] = [
        {"way": mutant.way, "where": mutant.where, "change": mutant.change, "at": place(mutant.origin, locate)}
        for mutant in result.survivors
    ]
    return {
        "score": None if result.score is None else round(result.score, 4),
        "facts": result.facts,
        "possible": result.possible,
        "tried": result.tried,
        "caught": result.caught,
        "equivalent": result.equivalent,
        "survivors": survivors,
    }
