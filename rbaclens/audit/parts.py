"""Findings that are part of a broader one: who holds everything holds each thing as well, and is to read that once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rbaclens.analysis.holder import Grant
from rbaclens.audit.finding import Finding
from rbaclens.audit.rule import CapabilityRule
from rbaclens.audit.severity import Severity
from rbaclens.model.decision import RbacGrant

Cause = tuple[str, int, int]
"""A scope, and a role with the number of its rule, or a line."""
_ALL = -1


class Parts:
    """The rules that contain others (``whole``), and what they contain of somebody's findings."""

    def __init__(self, whole: Iterable[CapabilityRule]) -> None:
        self._whole = {rule.id: rule for rule in whole}

    def named(self, findings: list[Finding]) -> list[Finding]:
        """The findings of one principal, each with the broad rule of which there is a finding by the same cause in the same place."""
        broad = [one for one in findings if one.rule in self._whole]
        if not broad:
            return findings
        by_cause: dict[Cause, set[str]] = {}
        mildest: dict[str, Severity] = {}
        for one in broad:
            by_role = self._whole[one.rule].whole == "role"
            for cause in _causes(one):
                by_cause.setdefault(_of_role(cause) if by_role else cause, set()).add(one.rule)
            mildest[one.rule] = min(one.severity, mildest.get(one.rule, one.severity))
        on = {cause[1] for cause in by_cause}
        found = []
        for one in findings:
            first = one.evidence[0] if one.evidence else None
            near = not isinstance(first, RbacGrant) or id(first.role) in on
            rule = self._broadest(one, by_cause) if near else ""
            # What is worse than the broad one is no part of it, or it would be hidden behind something milder.
            found.append(msgspec.structs.replace(one, part_of=rule) if rule and one.severity <= mildest[rule] else one)
        return found

    def _broadest(self, finding: Finding, by_cause: dict[Cause, set[str]]) -> str:
        """The rule that contains all that a finding rests on, empty if there is none."""
        whole = self._whole
        above = set()
        for cause in _causes(finding):
            rules = by_cause.get(cause, _NONE) | by_cause.get(_of_role(cause), _NONE)
            outermost = [rule for rule in rules if rules.isdisjoint(whole[rule].inside)] if rules else ()
            if not outermost:
                return ""
            above.add(min(outermost))
        if finding.rule in whole and not above.issubset(whole[finding.rule].inside):
            return ""
        return min(above, default="")


_NONE: frozenset[str] = frozenset()


def _causes(finding: Finding) -> list[Cause]:
    """Scope, and role with the number of its rule, or line, for each that a finding rests on."""
    if len(finding.evidence) == 1 and len(finding.scopes) == 1:
        return [(finding.scopes[0], *_part(finding.evidence[0]))]
    parts = {_part(one) for one in finding.evidence} or {(id(one), _ALL) for one in finding.objects}
    return [(scope, *part) for scope in finding.scopes for part in parts]


def _part(grant: Grant) -> tuple[int, int]:
    return (id(grant.role), grant.rule_index) if isinstance(grant, RbacGrant) else (id(grant.policy), _ALL)


def _of_role(cause: Cause) -> Cause:
    return (*cause[:2], _ALL)
