"""Reports that tell of each finding by itself, so that none has to be kept until all are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from rbaclens.audit.verdict import Judged, Summary
from rbaclens.reports.blocks import Blocks
from rbaclens.reports.report import place

AT_ONCE = 256
"""As many findings make a block at most."""


class Lines:
    """Such a report; see :class:`~rbaclens.reports.report.Report`.

    ``tell`` says of each of some findings what stands in the report, ``frame`` makes the report of all that. What is told waits in
    files if it is ``much``.
    """

    def __init__(
        self,
        tell: Callable[[Sequence[Judged]], Iterable[bytes]],
        frame: Callable[[Summary, Iterator[bytes]], Iterator[bytes]],
        *,
        much: bool = False,
    ) -> None:
        self._tell = tell
        self._frame = frame
        self._blocks = Blocks(many=much)

    def take(self, number: int, found: Sequence[Judged]) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        placed = zip(map(place, found), self._tell(found), strict=True)
        for (score, rule), same in groupby(placed, key=itemgetter(0)):
            part = 0
            while some := [line for _, line in islice(same, AT_ONCE)]:
                self._blocks.add((score, rule, number, part), b"".join(some))
                part += 1

    def clear(self) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        self._blocks.clear()

    def prepare(self) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""

    def packed(self) -> object:
        """See :class:`~rbaclens.beside.Gatherer`."""
        return self._blocks.packed()

    def unpack(self, packed: Any) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        self._blocks.unpack(packed)

    def pieces(self, summary: Summary) -> Iterator[bytes]:
        """See :class:`~rbaclens.reports.report.Report`."""
        return self._frame(summary, iter(self._blocks))
