"""What every report on findings is: it takes them as they are found, and tells of them when all are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Protocol

from rbaclens.audit.verdict import Judged, Summary, Verdict
from rbaclens.beside import Gatherer, Kept


class Report(Gatherer[Sequence[Judged]], Protocol):
    """A report. It takes the findings of one job at a time, each time in order; jobs may come in any order."""

    def pieces(self, summary: Summary) -> Iterator[bytes]:
        """The report, piece by piece, without a final newline; nothing if it has nothing to say."""


class Whole(Kept[Sequence[Judged]]):
    """A report that is made of all findings together by ``make``."""

    def __init__(self, make: Callable[[Verdict], str]) -> None:
        super().__init__()
        self._make = make

    def pieces(self, summary: Summary) -> Iterator[bytes]:
        """See :class:`Report`."""
        judged = sorted(chain.from_iterable(self.found), key=place)
        verdict = Verdict(tuple(judged), summary.fail_on, summary.gone, summary.has_baseline, summary.doubts)
        yield self._make(verdict).encode("utf-8", "backslashreplace")


def place(judged: Judged) -> tuple[float, str]:
    """Where a finding stands in a report: the worst first, then by rule, then in the order of jobs."""
    return -judged.finding.score, judged.finding.rule
