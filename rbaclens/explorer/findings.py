"""Findings as columns of the document: tens of thousands of them are much alike, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rbaclens.analysis.holder import Grant
from rbaclens.audit.finding import Finding, name_of
from rbaclens.audit.registry import load_rule
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.explorer.objects import Objects
from rbaclens.explorer.table import Table, Tables
from rbaclens.model.decision import AbacGrant

_SHOWN_GRANTS = 12
"""So many grants of one finding go with it; who wants all of them asks ``rbaclens audit -o json``."""


def findings_data(verdict: Verdict, objects: Objects, tables: Tables) -> dict[str, Any]:
    """The rules that found something, and a column for each field of the findings."""
    rules: Table[str] = Table()
    rows = [_row(one, rules(one.finding.rule), objects, tables) for one in verdict.judged]
    names = (
        "rule",
        "id",
        "score",
        "severity",
        "state",
        "who",
        "scopes",
        "text",
        "whole",
        "partOf",
        "at",
        "objects",
        "grants",
        "more",
        "patch",
    )
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return {
        "rules": [_rule_row(rule, tables) for rule in rules.numbers],
        "failOn": verdict.fail_on.title.lower() if verdict.fail_on is not None else "never",
        "columns": dict(zip(names, map(list, columns), strict=True)),
    }


def _rule_row(rule_id: str, tables: Tables) -> list[int]:
    """Id, title, what it gives, what to do."""
    rule = load_rule(rule_id)
    return [tables.strings(text) for text in (rule.id, rule.title, rule.gives, rule.fix)]


def _row(judged: Judged, rule: int, objects: Objects, tables: Tables) -> tuple[Any, ...]:
    finding = judged.finding
    shown = finding.evidence[:_SHOWN_GRANTS]
    waiver = judged.waiver
    state = f"waived: {waiver.reason}" if waiver is not None else judged.state
    return (
        rule,
        finding.fingerprint[:12],
        round(finding.score * 10),
        int(finding.severity),
        tables.strings(state),
        tables.strings(str(finding.principal or "")),
        tables.list(finding.scopes),
        # What a finding says, without who and where, is the same for many of them; a message that cannot be taken apart is kept whole.
        tables.strings(finding.gives or finding.message),
        int(not finding.gives or finding.principal is None),
        tables.strings(finding.part_of),
        tables.place(finding.origin),
        tables.list(_objects(finding)),
        [number for grant in shown for number in _grant(grant, objects)],
        len(finding.evidence) - len(shown),
        tables.strings(finding.patch.text if finding.patch is not None else ""),
    )


def _objects(finding: Finding) -> Iterator[str]:
    # Objects of roles and bindings of a held finding stand in its grants.
    return (name_of(one) for one in finding.objects) if not finding.evidence else iter(())


def _grant(grant: Grant, objects: Objects) -> tuple[int, int, int]:
    """Number of the binding, of the subject in it, and of the rule in its role; -1, -1 and the line's number for ABAC."""
    if isinstance(grant, AbacGrant):
        return -1, -1, objects.lines.get(id(grant.policy), -1)
    binding = grant.binding
    position = binding.subjects.index(grant.subject) if grant.subject in binding.subjects else 0
    return objects.bindings.get((binding.namespace, binding.name), -1), position, grant.rule_index
