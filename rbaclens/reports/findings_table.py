"""Findings as tables: for a terminal, a pull request, a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable

from rbaclens.audit.verdict import Verdict
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import waiver_text
from rbaclens.reports.findings_rows import Row, cause_text, each_row, place_text, rows
from rbaclens.reports.findings_text import summary_text
from rbaclens.reports.tables import csv_text, markdown_text, plain_text

MARKDOWN_ROWS, MARKDOWN_CHARS = 200, 60_000
"""A pull request's comment may not become longer than its host takes: 65,536 characters on GitHub."""


def table_text(verdict: Verdict, locate: Locate, *, everything: bool = False) -> str:
    """One line for each finding."""
    cells = list(each_row(verdict, lambda row: _cells(row, locate), everything=everything))
    return plain_text(_TITLES, cells) if cells else ""


def markdown_report(verdict: Verdict, locate: Locate, *, everything: bool = False) -> str:
    """The summary for a pull request: a heading, the counts, a table, and what to do about each kind of finding."""
    found = rows(verdict, everything=everything)
    most = MARKDOWN_ROWS
    while len(text := _markdown(verdict, locate, found, most)) > MARKDOWN_CHARS and most:
        most //= 2
    return text


def _markdown(verdict: Verdict, locate: Locate, found: list[Row], most: int) -> str:
    shown = found[:most]
    parts = ["### rbaclens audit: " + ("failed" if verdict.failing else "passed"), summary_text(verdict)]
    if shown:
        parts.append(markdown_text(_TITLES, [_cells(row, locate) for row in shown]))
    if len(found) > most:
        parts.append(f"{len(found) - most} more are left out here.")
    fixes = dict.fromkeys((row.finding.rule, row.finding.title, row.finding.remediation) for row in shown)
    if fixes:
        lines = [f"- **{rule}** {title}: {fix}" for rule, title, fix in fixes]
        parts.append("<details><summary>What to do</summary>\n\n" + "\n".join(lines) + "\n\n</details>")
    return "\n\n".join(parts)


def csv_report(verdict: Verdict, locate: Locate) -> str:
    """Every finding with everything that fits a cell; waived and known ones too."""

    def line(row: Row) -> list[str]:
        return [cell(row, locate) for cell in _CSV.values()]

    return csv_text([[*_CSV], *each_row(verdict, line, everything=True)])


_TITLES = ("Severity", "Rule", "Finding", "Who", "Where", "Cause", "At")


def _cells(row: Row, locate: Locate) -> list[str]:
    finding = row.finding
    title = finding.title + (f" (+{row.parts})" if row.parts else "")
    state = row.judged[0].state
    severity = finding.severity.title + (f" ({state})" if state != "open" else "")
    return [severity, finding.rule, title, row.who, row.where, cause_text(finding), place_text(finding, locate)]


_CSV: dict[str, Callable[[Row, Locate], str]] = {
    "severity": lambda row, _: row.finding.severity.title.lower(),
    "score": lambda row, _: str(row.finding.score),
    "rule": lambda row, _: row.finding.rule,
    "title": lambda row, _: row.finding.title,
    "state": lambda row, _: row.judged[0].state,
    "confidence": lambda row, _: row.finding.confidence,
    "principal": lambda row, _: str(row.finding.principal or ""),
    "scopes": lambda row, _: " ".join(row.finding.scopes),
    "cause": lambda row, _: cause_text(row.finding),
    "at": lambda row, locate: place_text(row.finding, locate),
    "message": lambda row, _: row.finding.message,
    "remediation": lambda row, _: row.finding.remediation,
    "part_of": lambda row, _: row.finding.part_of,
    "fingerprint": lambda row, _: row.finding.fingerprint,
    "waiver": lambda row, _: waiver_text(row.judged[0]),
}
