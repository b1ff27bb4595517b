"""Findings as JUnit XML: a test case for each rule, failed by its open findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from rbaclens.audit.rule import Rule
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_rows import place_text

_MAX_LINES = 100


def junit_text(verdict: Verdict, locate: Locate, rules: Iterable[Rule]) -> str:
    """The report. A rule fails by findings at or above what the audit fails on; lower ones are output of a passed case.

    A custom rule that could not be decided is an error.
    """
    by_rule: dict[str, list[Judged]] = {rule.id: [] for rule in rules}
    titles = {rule.id: rule.title for rule in rules}
    for one in verdict.judged:
        by_rule.setdefault(one.finding.rule, []).append(one)
        titles.setdefault(one.finding.rule, one.finding.title)
    cases, states = [], Counter[str]()
    for rule, found in by_rule.items():
        text, state = _case(rule, titles[rule], found, verdict, locate)
        states[state] += 1
        cases.append(text)
    counts = f'tests="{len(cases)}" failures="{states["failed"]}" errors="{states["error"]}" skipped="{states["skipped"]}"'
    suite = f'name="rbaclens audit" {counts}'
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join([head, f"<testsuites {suite}>", f"<testsuite {suite}>", *cases, "</testsuite>", "</testsuites>"])


def _case(rule: str, title: str, found: list[Judged], verdict: Verdict, locate: Locate) -> tuple[str, str]:
    head = f'<testcase classname="rbaclens.audit" name={quoteattr(_clean(f"{rule} {title}"))}'
    failing = [one for one in found if one.state == "open" and verdict.fail_on is not None and one.finding.severity >= verdict.fail_on]
    if failing:
        first = failing[0].finding
        message = quoteattr(_clean(f"{len(failing)} findings; first: {first.message}" if len(failing) > 1 else first.message))
        body = escape(_clean(_lines(failing, locate)))
        return f"{head}>\n<failure type={quoteattr(first.severity.title)} message={message}>{body}</failure>\n</testcase>", "failed"
    doubts = [str(doubt) for doubt in verdict.doubts if doubt.rule == rule]
    if doubts:
        body = escape(_clean("\n".join(doubts)))
        return f'{head}>\n<error type="unknown" message={quoteattr(_clean(doubts[0]))}>{body}</error>\n</testcase>', "error"
    if found and all(one.state != "open" for one in found):
        return f'{head}>\n<skipped message="{len(found)} waived or known"/>\n</testcase>', "skipped"
    if found:
        return f"{head}>\n<system-out>{escape(_clean(_lines(found, locate)))}</system-out>\n</testcase>", "passed"
    return f"{head}/>", "passed"


def _lines(found: list[Judged], locate: Locate) -> str:
    lines = [f"{place_text(one.finding, locate)}: {one.finding.severity.title}: {one.finding.message}" for one in found[:_MAX_LINES]]
    if len(found) > _MAX_LINES:
        lines.append(f"and {len(found) - _MAX_LINES} more")
    return "\n".join([*lines, f"What to do: {found[0].finding.remediation}"])


def _clean(text: str) -> str:
    """``text`` with only the characters that XML 1.0 knows."""
    return "".join(char if _is_xml(char) else "?" for char in text)


def _is_xml(char: str) -> bool:
    return char in "\t\n" or " " <= char < "\ud800" or "\ue000" <= char <= "\ufffd" or char > "\uffff"
