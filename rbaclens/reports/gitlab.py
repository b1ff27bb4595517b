"""Findings as a Code Quality report, which GitLab shows in a merge request and beside the changed lines."""

from __future__ import annotations

from typing import Any

import msgspec

from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Verdict
from rbaclens.model.location import Origin
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_rows import Row, rows

_LEVELS = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}


def gitlab_text(verdict: Verdict, locate: Locate) -> str:
    """A list of issues, one for each open finding; what is part of a broader one, or of one role, is not repeated."""
    issues = [msgspec.json.encode(_issue(row, locate)).decode() for row in rows(verdict)]
    return "[\n" + ",\n".join(issues) + "\n]"


def _issue(row: Row, locate: Locate) -> dict[str, Any]:
    finding = row.finding
    at = locate(finding.origin or Origin("."))
    return {
        "description": f"{finding.title}: {row.message} {finding.remediation}",
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint,
        "severity": _LEVELS[finding.severity],
        "location": {"path": at.file.removeprefix("./"), "lines": {"begin": at.line or 1}},
    }
