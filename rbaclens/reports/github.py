"""Findings as workflow commands of GitHub Actions, which become annotations on a change."""

from __future__ import annotations

from rbaclens.audit.finding import Finding
from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Verdict
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_rows import rows


def github_text(verdict: Verdict, locate: Locate) -> str:
    """A command for each open finding; what is part of a broader one, or of one role, is not repeated. One for each doubt."""
    commands = [_command(row.finding, locate, row.who, row.parts) for row in rows(verdict)]
    return "\n".join([*commands, *(f"::warning title={_property(one.rule)} is unknown::{_data(str(one))}" for one in verdict.doubts)])


def _command(finding: Finding, locate: Locate, who: str, parts: int) -> str:
    kind = "error" if finding.severity >= Severity.HIGH else "warning" if finding.severity >= Severity.LOW else "notice"
    properties = {"title": f"{finding.rule} {finding.title} ({finding.severity.title})"}
    if finding.origin is not None:
        at = locate(finding.origin)
        properties |= {"file": at.file.removeprefix("./")} | ({"line": str(at.line), "col": str(at.column or 1)} if at.line else {})
    text = finding.message + (f" [{who}]" if " more" in who else "") + (f" (and {parts} narrower findings)" if parts else "")
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{kind} {written}::{_data(f'{text} {finding.remediation}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
