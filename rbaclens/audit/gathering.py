"""From findings, some at a time, to reports: none of them needs to be there as a whole, unless a report wants it so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rbaclens.audit.finding import Finding, ordered
from rbaclens.audit.judging import Judge
from rbaclens.audit.verdict import Judged, Tally
from rbaclens.beside import Gatherer


class Gathering:
    """Judges what the jobs of an audit find, counts it, and hands it on to each of ``reports``; a :class:`~rbaclens.beside.Gatherer`.

    ``wanted`` says of which findings there is anything to be told.
    """

    def __init__(self, judge: Judge, reports: Sequence[Gatherer[Sequence[Judged]]], wanted: Callable[[Judged], bool] | None = None) -> None:
        self.tally = Tally()
        self._judge = judge
        self._reports = reports
        self._wanted = wanted

    def take(self, number: int, found: Sequence[Finding]) -> None:
        """Judge what one job found."""
        self.tell(number, self._judge.judged(ordered(found)))

    def tell(self, number: int, judged: Sequence[Judged]) -> None:
        """Hand on what is judged, in order."""
        if self._wanted is not None:
            judged = list(filter(self._wanted, judged))
        self.tally.add(judged)
        for report in self._reports:
            report.take(number, judged)

    def clear(self) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        self.tally = Tally()
        self._judge.clear()
        for report in self._reports:
            report.clear()

    def prepare(self) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        for report in self._reports:
            report.prepare()

    def packed(self) -> object:
        """See :class:`~rbaclens.beside.Gatherer`."""
        return self._judge.packed(), self.tally, [report.packed() for report in self._reports]

    def unpack(self, packed: Any) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        judge, tally, reports = packed
        self._judge.unpack(judge)
        self.tally.join(tally)
        for report, its in zip(self._reports, reports, strict=True):
            report.unpack(its)
