"""Findings as tables: for a terminal, a pull request, a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import msgspec

from rbaclens.audit.verdict import Judged, Summary
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import waiver_text
from rbaclens.reports.findings_rows import Row, Rows, cause_text, place_text
from rbaclens.reports.findings_text import summary_text
from rbaclens.reports.lines import Lines
from rbaclens.reports.tables import csv_text, markdown_text, plain_text

MARKDOWN_ROWS, MARKDOWN_CHARS = 200, 60_000
"""A pull request's comment may not become longer than its host takes: 65,536 characters on GitHub."""


class _Cells(msgspec.Struct, frozen=True):
    """What a table says of a finding."""

    severity: str
    rule: str
    title: str
    cause: str
    at: str
    fix: str


def table_report(locate: Locate, *, everything: bool = False) -> Rows[_Cells]:
    """One line for each finding; see :class:`~rbaclens.reports.findings_rows.Rows` for what stands together."""

    def frame(_: Summary, rows: Sequence[Row[_Cells]]) -> Iterator[str]:
        if rows:
            yield plain_text(_TITLES, [_cells(row) for row in rows])

    return Rows(partial(_told, locate), frame, everything=everything)


def markdown_report(locate: Locate, *, everything: bool = False) -> Rows[_Cells]:
    """The summary for a pull request: a heading, the counts, a table, and what to do about each kind of finding."""

    def frame(summary: Summary, rows: Sequence[Row[_Cells]]) -> Iterator[str]:
        most = MARKDOWN_ROWS
        while len(text := _markdown(summary, rows, most)) > MARKDOWN_CHARS and most:
            most //= 2
        yield text

    return Rows(partial(_told, locate), frame, everything=everything)


def _markdown(summary: Summary, rows: Sequence[Row[_Cells]], most: int) -> str:
    shown = rows[:most]
    parts = ["### rbaclens audit: " + ("failed" if summary.failing else "passed"), summary_text(summary)]
    if shown:
        parts.append(markdown_text(_TITLES, [_cells(row) for row in shown]))
    if len(rows) > most:
        parts.append(f"{len(rows) - most} more are left out here.")
    fixes = dict.fromkeys([(row.told.rule, row.told.title, row.told.fix) for row in shown])
    if fixes:
        lines = [f"- **{rule}** {title}: {fix}" for rule, title, fix in fixes]
        parts.append("<details><summary>What to do</summary>\n\n" + "\n".join(lines) + "\n\n</details>")
    return "\n\n".join(parts)


def csv_report(locate: Locate, *, much: bool = False) -> Lines:
    """Every finding with everything that fits a cell; waived and known ones too."""

    def told(some: Iterable[Judged]) -> Iterator[bytes]:
        for one in some:
            yield ("\n" + csv_text([[cell(one, locate) for cell in _CSV.values()]])).encode("utf-8", "backslashreplace")

    def frame(_: Summary, lines: Iterator[bytes]) -> Iterator[bytes]:
        yield csv_text([[*_CSV]]).encode()
        yield from lines

    return Lines(told, frame, much=much)


_TITLES = ("Severity", "Rule", "Finding", "Who", "Where", "Cause", "At")


def _told(locate: Locate, judged: Judged) -> _Cells:
    finding = judged.finding
    severity = finding.severity.title + (f" ({judged.state})" if judged.state != "open" else "")
    return _Cells(severity, finding.rule, finding.title, cause_text(finding), place_text(finding, locate), finding.remediation)


def _cells(row: Row[_Cells]) -> list[str]:
    told = row.told
    title = told.title + (f" (+{row.parts})" if row.parts else "")
    return [told.severity, told.rule, title, row.who, row.where, told.cause, told.at]


_CSV: dict[str, Callable[[Judged, Locate], str]] = {
    "severity": lambda one, _: one.finding.severity.title.lower(),
    "score": lambda one, _: str(one.finding.score),
    "rule": lambda one, _: one.finding.rule,
    "title": lambda one, _: one.finding.title,
    "state": lambda one, _: one.state,
    "confidence": lambda one, _: one.finding.confidence,
    "principal": lambda one, _: str(one.finding.principal or ""),
    "scopes": lambda one, _: " ".join(one.finding.scopes),
    "cause": lambda one, _: cause_text(one.finding),
    "at": lambda one, locate: place_text(one.finding, locate),
    "message": lambda one, _: one.finding.message,
    "remediation": lambda one, _: one.finding.remediation,
    "part_of": lambda one, _: one.finding.part_of,
    "fingerprint": lambda one, _: one.finding.fingerprint,
    "waiver": lambda one, _: waiver_text(one),
}
