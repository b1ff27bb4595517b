"""Where a piece of policy stands."""

from __future__ import annotations

import msgspec

Step = str | int


class Origin(msgspec.Struct, frozen=True, gc=False):
    """Where an object stands: cheap to make while loading, turned into line and column only when shown.

    ``file`` is the name that the user gave (``-`` for stdin, ``bootstrap`` for the default policy), ``document`` counts
    the YAML documents of the file from 0, ``path`` leads to the object inside its document (empty: the document itself).
    """

    file: str
    document: int = 0
    path: tuple[Step, ...] = ()

    def child(self, *steps: Step) -> Origin:
        """The place of something inside this object, such as ``rules``, 2."""
        return Origin(self.file, self.document, self.path + steps)


class Location(msgspec.Struct, frozen=True, gc=False):
    """A place that a person can open: file, line and column (from 1; 0 where it is not known)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file
