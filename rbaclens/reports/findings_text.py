"""Findings as text for a terminal, and the line that sums them up."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Verdict
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import chain, summary_data, waiver_text
from rbaclens.reports.findings_rows import Row, each_row, hidden

_SHOWN_GRANTS = 2
_COLOURS = {Severity.CRITICAL: "1;31", Severity.HIGH: "31", Severity.MEDIUM: "33", Severity.LOW: "36", Severity.INFO: "2"}


def findings_text(verdict: Verdict, locate: Locate, *, everything: bool = False, colours: bool = False) -> str:
    """Every finding in a paragraph; see :func:`findings_rows.each_row` for what stands together."""

    def paragraph(row: Row) -> str:
        return "\n".join(_paragraph(row, locate, colours))

    return "\n\n".join(each_row(verdict, paragraph, everything=everything))


def _paragraph(row: Row, locate: Locate, colours: bool) -> Iterator[str]:
    finding = row.finding
    head = f"{finding.severity.title.upper()} {finding.rule} {finding.title}"
    if row.judged[0].state != "open":
        head += f" ({row.judged[0].state})"
    yield f"\x1b[{_COLOURS[finding.severity]}m{head}\x1b[0m" if colours else head
    if row.who:
        yield printable(f"  who:   {row.who}" + (f", {row.where}" if row.where else ""))
    for one in chain(finding, _SHOWN_GRANTS):
        yield f"  by:    {printable(one.text)} ({locate(one.origin)})"
    if len(finding.evidence) > _SHOWN_GRANTS:
        yield f"         and {len(finding.evidence) - _SHOWN_GRANTS} more grants"
    if not finding.evidence and finding.origin is not None:
        yield f"  at:    {locate(finding.origin)}"
    yield f"  gives: {printable(finding.gives or finding.message)}"
    yield f"  fix:   {printable(finding.remediation)}"
    if finding.patch is not None:
        yield f"  patch: {printable(finding.patch.text)}"
    if row.judged[0].waiver is not None:
        yield f"  waived: {printable(waiver_text(row.judged[0]))}"
    if row.parts:
        yield f"  and {row.parts} narrower finding{'s' if row.parts > 1 else ''} by the same grant (--all)"


def printable(text: str) -> str:
    """``text`` without what would steer a terminal."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


def summary_text(verdict: Verdict) -> str:
    """``3 critical, 1 high; 2 waived; fails on high: 4 findings``."""
    data = summary_data(verdict)
    counts = [f"{count} {level}" for level, count in data["open"].items() if count]
    parts = [", ".join(counts) or "no findings"]
    narrower = hidden(verdict)
    if narrower:
        parts.append(f"{narrower} of them are part of broader ones")
    if data["waived"]:
        parts.append(f"{data['waived']} waived")
    if verdict.has_baseline:
        parts.append(f"{data['known']} known, {data['gone']} gone since the baseline")
    if verdict.doubts:
        parts.append(f"unknown: {len({doubt.rule for doubt in verdict.doubts})} custom rule(s) could not be decided everywhere")
    if verdict.fail_on is not None:
        failing = data["failing"]
        parts.append(f"{failing} at or above {data['failOn']}: failed" if failing else f"none at or above {data['failOn']}")
    return "; ".join(parts)
