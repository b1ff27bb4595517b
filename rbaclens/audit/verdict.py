"""What an audit comes to: its findings with what was decided about each, and how many there are of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from functools import cached_property
from typing import Literal

import msgspec

from rbaclens.audit.baseline import Known
from rbaclens.audit.context import Doubt
from rbaclens.audit.finding import Finding
from rbaclens.audit.settings import Waiver
from rbaclens.audit.severity import Severity, severity_of
from rbaclens.audit.waivers import LINE
from rbaclens.model.location import Location, Origin
from rbaclens.model.policy import PolicySet

State = Literal["open", "waived", "known"]


class Judged(msgspec.Struct, frozen=True):
    """A finding and what was decided about it: it counts (open), is waived, or is known by the baseline."""

    finding: Finding
    state: State = "open"
    waiver: Waiver | None = None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """How many findings there are of what: open ones by severity, how many of them are part of others (``narrower``), waived, known.

    ``fail_on`` is the least severity that fails, ``None`` where nothing does. ``gone`` are those of the baseline that are no more,
    ``doubts`` what custom rules could not decide.
    """

    open: Counter[Severity]
    narrower: int
    waived: int
    known: int
    fail_on: Severity | None
    gone: tuple[Known, ...]
    has_baseline: bool
    doubts: tuple[Doubt, ...]

    @property
    def every(self) -> int:
        """How many findings there are."""
        return sum(self.open.values()) + self.waived + self.known

    @property
    def failing(self) -> int:
        """How many open findings are at or above ``fail_on``."""
        fail_on = self.fail_on
        return 0 if fail_on is None else sum(count for severity, count in self.open.items() if severity >= fail_on)


class Tally:
    """Counts findings."""

    def __init__(self) -> None:
        self._scores: Counter[float] = Counter()
        self._states: Counter[State] = Counter()
        self._narrower = 0

    def add(self, judged: Collection[Judged]) -> None:
        """Count these too."""
        self._states.update([one.state for one in judged])
        open_ = [one.finding for one in judged if one.state == "open"]
        self._scores.update([finding.score for finding in open_])
        self._narrower += len([finding for finding in open_ if finding.part_of])

    def join(self, other: Tally) -> None:
        """Count what another one counted."""
        self._scores += other._scores
        self._states += other._states
        self._narrower += other._narrower

    def summary(self, fail_on: Severity | None, gone: tuple[Known, ...], has_baseline: bool, doubts: tuple[Doubt, ...]) -> Summary:
        """The counts, with what else is to be said."""
        found: Counter[Severity] = Counter()
        for score, count in self._scores.items():
            found[severity_of(score)] += count
        return Summary(
            open=found,
            narrower=self._narrower,
            waived=self._states["waived"],
            known=self._states["known"],
            fail_on=fail_on,
            gone=gone,
            has_baseline=has_baseline,
            doubts=doubts,
        )


class Verdict(msgspec.Struct, frozen=True, dict=True):
    """The findings with what was decided, the worst first; see :class:`Summary` for the other fields."""

    judged: tuple[Judged, ...]
    fail_on: Severity | None
    gone: tuple[Known, ...] = ()
    has_baseline: bool = False
    doubts: tuple[Doubt, ...] = ()

    @cached_property
    def summary(self) -> Summary:
        """How many there are of what."""
        tally = Tally()
        tally.add(self.judged)
        return tally.summary(self.fail_on, self.gone, self.has_baseline, self.doubts)

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """The findings that count."""
        return tuple(one.finding for one in self.judged if one.state == "open")

    @property
    def failing(self) -> int:
        """How many open findings are at or above ``fail_on``."""
        return self.summary.failing


def locator(policy: PolicySet) -> Callable[[Origin], Location]:
    """Where origins stand, in the policy or in a settings file, whose lines are known."""

    def place(origin: Origin) -> Location:
        found = policy.locate(origin)
        if not found.line and origin.path[:1] == (LINE,) and isinstance(origin.path[1], int):
            return Location(origin.file, origin.path[1], 1)
        return found

    return place
