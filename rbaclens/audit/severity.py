"""How bad a finding is: five levels over a score from 0 to 10, which SARIF calls ``security-severity``."""

from __future__ import annotations

import enum
from functools import lru_cache


class Severity(enum.IntEnum):
    """The levels, comparable; the value is the place in the order."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    # Enum's own hash is computed in Python from the name, and every finding is looked up by its level.
    __hash__ = int.__hash__

    @property
    def title(self) -> str:
        """The word that people read: ``High``."""
        return _TITLES[self]

    @property
    def word(self) -> str:
        """The word that machines read: ``high``."""
        return _WORDS[self]


_TITLES = {one: one.name.capitalize() for one in Severity}
_WORDS = {one: one.name.lower() for one in Severity}
_FLOORS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
# What a score becomes that was moved to another level: the middle of that level.
_MIDDLE = {Severity.CRITICAL: 9.5, Severity.HIGH: 8.0, Severity.MEDIUM: 5.5, Severity.LOW: 2.0, Severity.INFO: 0.0}


@lru_cache(maxsize=256)
def severity_of(score: float) -> Severity:
    """The level of a score: critical from 9, high from 7, medium from 4, low above 0."""
    for floor, severity in _FLOORS:
        if score >= floor:
            return severity
    return Severity.INFO


def shifted(score: float, levels: int) -> float:
    """``score`` moved by whole levels, within the five; without a move it keeps its exact value."""
    if not levels:
        return score
    before = severity_of(score)
    after = Severity(min(max(before + levels, Severity.INFO), Severity.CRITICAL))
    return score if after is before else _MIDDLE[after]


def middle(severity: Severity) -> float:
    """The score that stands for a level that somebody set by name."""
    return _MIDDLE[severity]
