"""Findings as people read them: what one broad grant or one role causes stands together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from rbaclens.audit.finding import Finding
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.objects import Binding, Role
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import where_text

Cause = tuple[str, ...]
"""The roles and lines that findings have in common, or one finding's own mark."""


class Row(msgspec.Struct, frozen=True):
    """Findings that differ in principal and scope alone; ``parts`` counts those that are part of them."""

    judged: tuple[Judged, ...]
    parts: int = 0

    @property
    def finding(self) -> Finding:
        """The first of them."""
        return self.judged[0].finding

    @property
    def who(self) -> str:
        """The principals."""
        first = self.finding.principal
        if first is None:
            return "nobody yet" if self.finding.latent else ""
        more = len({one.finding.principal for one in self.judged}) - 1 if len(self.judged) > 1 else 0
        return f"{first} and {more} more" if more else str(first)

    @property
    def message(self) -> str:
        """The first one's message, and how many more there are."""
        who = f" [{self.who}]" if len(self.judged) > 1 else ""
        return self.finding.message + who + (f" (and {self.parts} narrower findings)" if self.parts else "")

    @property
    def where(self) -> str:
        """The scopes of all of them."""
        if len(self.judged) == 1:
            return where_text(self.finding.scopes)
        return where_text(tuple(dict.fromkeys([scope for one in self.judged for scope in one.finding.scopes])))


def rows(verdict: Verdict, *, everything: bool = False) -> list[Row]:
    """The findings in order; with ``everything`` one by one, otherwise put together and without those that are part of others."""
    shown = [one for one in verdict.judged if everything or one.state == "open"]
    if everything:
        return [Row((one,)) for one in shown]
    groups: dict[tuple[str, float, bool, Cause], list[Judged]] = {}
    parts: dict[tuple[str, Cause], int] = {}
    causes: dict[tuple[int, ...], Cause] = {}
    for one in shown:
        finding = one.finding
        if finding.evidence or finding.latent:
            key = tuple(map(id, finding.objects))
            cause = causes.get(key) or causes.setdefault(key, ("grant", *dict.fromkeys(_causes(finding))))
        else:
            cause = ("", finding.fingerprint)
        if finding.part_of:
            parts[finding.part_of, cause] = parts.get((finding.part_of, cause), 0) + 1
        else:
            groups.setdefault((finding.rule, finding.score, finding.latent, cause), []).append(one)
    return [Row(tuple(same), parts.get((rule, cause), 0)) for (rule, _, _, cause), same in groups.items()]


def hidden(verdict: Verdict) -> int:
    """How many open findings are part of others."""
    return sum(bool(finding.part_of) for finding in verdict.open)


def cause_text(finding: Finding) -> str:
    """The role or line that causes it."""
    return ", ".join(dict.fromkeys(_causes(finding)))


def place_text(finding: Finding, locate: Locate) -> str:
    """``file:line``."""
    return str(locate(finding.origin)) if finding.origin else ""


def _causes(finding: Finding) -> Iterator[str]:
    roles: Iterable[object] = [one for one in finding.objects if isinstance(one, Role)] or finding.objects
    for one in roles:
        if isinstance(one, (Role, Binding)):
            yield f"{one.kind} {one.namespace}/{one.name}" if one.namespace else f"{one.kind} {one.name}"
        elif isinstance(one, AbacPolicy):
            yield f"ABAC line {one.line}"
