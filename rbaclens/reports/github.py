"""Findings as workflow commands of GitHub Actions, which become annotations on a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Summary
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_rows import Row, Rows


def github_report(locate: Locate) -> Rows[tuple[str, str, str]]:
    """A command for each open finding; what is part of a broader one, or of one role, is not repeated. One for each doubt."""

    def frame(summary: Summary, rows: Iterable[Row[tuple[str, str, str]]]) -> Iterator[str]:
        doubts = [f"::warning title={_property(one.rule)} is unknown::{_data(str(one))}" for one in summary.doubts]
        text = "\n".join([*map(_command, rows), *doubts])
        if text:
            yield text

    return Rows(partial(_told, locate), frame)


def _told(locate: Locate, judged: Judged) -> tuple[str, str, str]:
    """How the command begins, the message, and what to do."""
    finding = judged.finding
    kind = "error" if finding.severity >= Severity.HIGH else "warning" if finding.severity >= Severity.LOW else "notice"
    properties = {"title": f"{finding.rule} {finding.title} ({finding.severity.title})"}
    if finding.origin is not None:
        at = locate(finding.origin)
        properties |= {"file": at.file.removeprefix("./")} | ({"line": str(at.line), "col": str(at.column or 1)} if at.line else {})
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind} {written}::", finding.message, finding.remediation


def _command(row: Row[tuple[str, str, str]]) -> str:
    before, message, remediation = row.told
    return before + _data(f"{row.message(message)} {remediation}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
