"""Findings as a Code Quality report, which GitLab shows in a merge request and beside the changed lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import msgspec

from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Summary
from rbaclens.model.location import Origin
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_rows import Row, Rows

_Told = tuple[str, str, str, dict[str, Any]]
_LEVELS = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def gitlab_report(locate: Locate) -> Rows[_Told]:
    """A list of issues, one for each open finding; what is part of a broader one, or of one role, is not repeated."""

    def frame(_: Summary, rows: Iterable[Row[_Told]]) -> Iterator[str]:
        yield "[\n" + ",\n".join(map(_issue, rows)) + "\n]"

    return Rows(partial(_told, locate), frame)


def _told(locate: Locate, judged: Judged) -> _Told:
    """The title, the message, and the issue but for its description."""
    finding = judged.finding
    at = locate(finding.origin or Origin("."))
    issue = {
        "description": "",
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": _LEVELS[finding.severity],
        "location": {"path": at.file.removeprefix("./"), "lines": {"begin": at.line or 1}},
    }
    return f"{finding.title}: ", finding.message, finding.remediation, issue


def _issue(row: Row[_Told]) -> str:
    title, message, remediation, issue = row.told
    return msgspec.json.encode(issue | {"description": f"{title}{row.message(message)} {remediation}"}).decode()
