"""Findings as people read them: what one broad grant or one role causes stands together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, groupby
from typing import TypeVar

import msgspec

from rbaclens import beside
from rbaclens.audit.finding import Finding
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.objects import Binding, Role
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import where_text

Cause = tuple[str, ...]
"""The roles and lines that findings have in common, or one finding's own mark."""
Told = TypeVar("Told")
_AT_ONCE = 64


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
    return [row for make in _makers(verdict, everything) for row in make()]


def each_row(verdict: Verdict, tell: Callable[[Row], Told], *, everything: bool = False) -> Iterator[Told]:
    """What ``tell`` says of each of :func:`rows`. A second process may help: what is said should be plain text."""

    def told(make: Callable[[], Iterable[Row]]) -> list[Told]:
        return [tell(row) for row in make()]

    jobs = [partial(told, make) for make in _makers(verdict, everything)]
    return chain.from_iterable(beside.results(jobs, much=len(verdict.judged) >= beside.MANY))


def _makers(verdict: Verdict, everything: bool) -> list[Callable[[], Iterable[Row]]]:
    """What makes the rows, some at a time: none of them needs what another one makes."""
    if everything:
        return [partial(map, _alone, some) for some in beside.cut(verdict.judged, _AT_ONCE)]
    shown = [one for one in verdict.judged if one.state == "open"]
    together = _Together(shown)
    return [partial(together.rows, list(same)) for _, same in groupby(shown, key=_rule_and_score)]


class _Together:
    """Puts the findings of one rule and score together; ``shown`` are all there are."""

    def __init__(self, shown: Iterable[Judged]) -> None:
        self._causes: dict[tuple[int, ...], Cause] = {}
        self._parts = Counter([(one.finding.part_of, self._cause(one.finding)) for one in shown if one.finding.part_of])

    def rows(self, block: Iterable[Judged]) -> Iterator[Row]:
        groups: dict[tuple[bool, Cause], list[Judged]] = {}
        for one in block:
            finding = one.finding
            if not finding.part_of:
                groups.setdefault((finding.latent, self._cause(finding)), []).append(one)
        for (_, cause), same in groups.items():
            yield Row(tuple(same), self._parts[same[0].finding.rule, cause])

    def _cause(self, finding: Finding) -> Cause:
        if not (finding.evidence or finding.latent):
            return "", finding.fingerprint
        key = tuple(map(id, finding.objects))
        found = self._causes.get(key)
        if found is None:
            found = self._causes[key] = ("grant", *dict.fromkeys(_causes(finding)))
        return found


def _alone(one: Judged) -> Row:
    return Row((one,))


def _rule_and_score(one: Judged) -> tuple[str, float]:
    return one.finding.rule, one.finding.score


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
