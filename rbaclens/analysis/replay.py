"""Recorded decisions replayed through the engine: disagreements grouped, in memory that does not grow with the recording."""

from __future__ import annotations

import msgspec

from rbaclens.analysis.verify import Cause, Comparison, Outcome, compare
from rbaclens.index.engine import Engine
from rbaclens.model.request import Request
from rbaclens.model.server_answer import ServerAnswer

MOST_GROUPS = 1000

_AGREE, _DISAGREE = Outcome.AGREE, Outcome.DISAGREE  # reading a member from its enum costs more than the comparison

Shape = tuple[object, ...]


class Group(msgspec.Struct):
    """Disagreements of one cause, user and shape of request. ``example`` is the first; times are as recorded."""

    example: Comparison
    event: str
    count: int = 0
    first: str = ""
    last: str = ""

    @property
    def cause(self) -> Cause | None:
        """The likely cause."""
        return self.example.cause


class Replay:
    """Takes recorded decisions one by one, and counts them.

    ``agreed``, ``disagreed`` and ``unknown`` (not known to us) are all of them; ``ungrouped`` are the disagreements beyond
    the first ``MOST_GROUPS`` groups. ``notes`` count the same answers that were given for another reason.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._groups: dict[Shape, Group] = {}
        self.agreed = self.unknown = self.disagreed = 0
        self.notes: dict[str, int] = {}
        self.ungrouped = 0

    def add(self, request: Request, answer: ServerAnswer, time: str = "", event: str = "") -> None:
        """One recorded decision; ``event`` is the id by which a person finds it again."""
        found = compare(self._engine, request, answer)
        outcome = found.outcome
        if outcome is _AGREE:
            self.agreed += 1
            if found.note and (found.note in self.notes or len(self.notes) < MOST_GROUPS):
                self.notes[found.note] = self.notes.get(found.note, 0) + 1
        elif outcome is _DISAGREE:
            self.disagreed += 1
            self._group(found, time, event)
        else:
            self.unknown += 1

    @property
    def groups(self) -> list[Group]:
        """The groups, the largest first."""
        return sorted(self._groups.values(), key=lambda group: -group.count)

    def _group(self, found: Comparison, time: str, event: str) -> None:
        key = (found.cause, found.answer.allowed, *_shape(found.request))
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MOST_GROUPS:
                self.ungrouped += 1
                return
            group = self._groups[key] = Group(found, event, first=time)
        group.count += 1
        group.first, group.last = min(group.first, time), max(group.last, time)


def _shape(request: Request) -> Shape:
    """What equal disagreements share: not the object's name, which would make a group of every object."""
    if request.path is not None:
        return request.user, request.verb, request.path
    return request.user, request.verb, request.api_group, request.resource, request.subresource, request.namespace
