"""Findings as text for a terminal, and the line that sums them up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Summary
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import chain, summary_data, waiver_text
from rbaclens.reports.findings_rows import Row, Rows

_SHOWN_GRANTS = 2
_COLOURS = {Severity.CRITICAL: "1;31", Severity.HIGH: "31", Severity.MEDIUM: "33", Severity.LOW: "36", Severity.INFO: "2"}


def text_report(locate: Locate, *, everything: bool = False, colours: bool = False) -> Rows[tuple[str, str]]:
    """Every finding in a paragraph; see :class:`~rbaclens.reports.findings_rows.Rows` for what stands together."""

    # Rules and bindings stand in many paragraphs.
    remembered = cache(locate)

    def tell(judged: Judged) -> tuple[str, str]:
        return _head(judged, colours), "\n".join(_body(judged, remembered))

    def frame(_: Summary, rows: Iterable[Row[tuple[str, str]]]) -> Iterator[str]:
        before = ""
        for row in rows:
            yield before + "\n".join(_paragraph(row))
            before = "\n\n"

    return Rows(tell, frame, everything=everything)


def _paragraph(row: Row[tuple[str, str]]) -> Iterator[str]:
    head, body = row.told
    yield head
    if row.who:
        yield printable(f"  who:   {row.who}" + (f", {row.where}" if row.where else ""))
    yield body
    if row.parts:
        yield f"  and {row.parts} narrower finding{'s' if row.parts > 1 else ''} by the same grant (--all)"


def _head(judged: Judged, colours: bool) -> str:
    finding = judged.finding
    head = f"{finding.severity.title.upper()} {finding.rule} {finding.title}"
    if judged.state != "open":
        head += f" ({judged.state})"
    return f"\x1b[{_COLOURS[finding.severity]}m{head}\x1b[0m" if colours else head


def _body(judged: Judged, locate: Locate) -> Iterator[str]:
    finding = judged.finding
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
    if judged.waiver is not None:
        yield f"  waived: {printable(waiver_text(judged))}"


def printable(text: str) -> str:
    """``text`` without what would steer a terminal."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


def summary_text(summary: Summary) -> str:
    """``3 critical, 1 high; 2 waived; fails on high: 4 findings``."""
    data = summary_data(summary)
    counts = [f"{count} {level}" for level, count in data["open"].items() if count]
    parts = [", ".join(counts) or "no findings"]
    if summary.narrower:
        parts.append(f"{summary.narrower} of them are part of broader ones")
    if data["waived"]:
        parts.append(f"{data['waived']} waived")
    if summary.has_baseline:
        parts.append(f"{data['known']} known, {data['gone']} gone since the baseline")
    if summary.doubts:
        parts.append(f"unknown: {len({doubt.rule for doubt in summary.doubts})} custom rule(s) could not be decided everywhere")
    if summary.fail_on is not None:
        failing = data["failing"]
        parts.append(f"{failing} at or above {data['failOn']}: failed" if failing else f"none at or above {data['failOn']}")
    return "; ".join(parts)
