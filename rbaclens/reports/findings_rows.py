"""Findings as people read them: what one broad grant or one role causes stands together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from rbaclens.audit.finding import Finding
from rbaclens.audit.verdict import Judged, Summary
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.objects import Binding, Role
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import where_text
from rbaclens.reports.report import place

Cause = tuple[str, ...]
"""The roles and lines that findings have in common, or one finding's own mark."""
Told = TypeVar("Told")
_Key = tuple[float, str, bool, Cause]
"""Score and rule, as they are put in order; whether nobody holds it yet; the cause."""
_NOBODY = ("", "nobody yet")


class Row(msgspec.Struct, Generic[Told], frozen=True):
    """Findings that differ in principal and scope alone.

    ``told`` is what was said of the first of them; ``who`` and ``where`` are the principals and scopes of ``count`` of them;
    ``parts`` counts those that are part of them.
    """

    told: Told
    who: str
    where: str
    count: int = 1
    parts: int = 0

    def message(self, first: str) -> str:
        """``first``, the first one's message, and how many more there are."""
        who = f" [{self.who}]" if self.count > 1 else ""
        return first + who + (f" (and {self.parts} narrower findings)" if self.parts else "")


class _Group(msgspec.Struct, Generic[Told]):
    """What is known of such findings so far; ``first`` is the first one until something was ``told`` of it, ``at`` its place."""

    at: tuple[int, int]
    first: Judged | None
    who: str
    holders: int
    count: int
    scopes: dict[str, None]
    told: Told | None = None

    def join(self, other: _Group[Told]) -> _Group[Told]:
        """This one with another one that comes after it. Nobody is in both."""
        self.holders += other.holders
        self.count += other.count
        self.scopes |= other.scopes
        return self


class Rows(Generic[Told]):
    """A report that tells of findings together that differ in principal and scope alone, and not of those that are part of others.

    With ``everything`` it tells of all of them, one by one, also of waived and known ones. ``tell`` says of a finding what
    ``frame`` needs to make the report; see :class:`~rbaclens.reports.report.Report`.
    """

    def __init__(
        self,
        tell: Callable[[Judged], Told],
        frame: Callable[[Summary, Sequence[Row[Told]]], Iterator[str]],
        *,
        everything: bool = False,
    ) -> None:
        self._tell = tell
        self._frame = frame
        self._everything = everything
        self._groups: dict[_Key, _Group[Told]] = {}
        self._parts: Counter[tuple[str, Cause]] = Counter()

    def take(self, number: int, found: Sequence[Judged]) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        for position, (key, same) in enumerate(self._together(number, found).items()):
            first = same[0].finding
            holders, scopes = 1, dict.fromkeys(first.scopes)
            if len(same) > 1:
                holders = len({one.finding.principal for one in same})
                scopes = dict.fromkeys([scope for one in same for scope in one.finding.scopes])
            self._put(key, _Group((number, position), same[0], _who(first), holders, len(same), scopes))

    def _together(self, number: int, found: Sequence[Judged]) -> dict[_Key, list[Judged]]:
        groups: dict[_Key, list[Judged]] = {}
        if self._everything:
            return {(*place(one), False, (str(number), str(position))): [one] for position, one in enumerate(found)}
        causes: dict[tuple[int, ...], Cause] = {}
        for one in found:
            finding = one.finding
            if one.state != "open":
                continue
            if not (finding.evidence or finding.latent):
                cause: Cause = "", finding.fingerprint
            else:
                objects = tuple(map(id, finding.objects))
                cause = causes.get(objects) or causes.setdefault(objects, ("grant", *dict.fromkeys(_causes(finding))))
            if finding.part_of:
                self._parts[finding.part_of, cause] += 1
            else:
                groups.setdefault((-finding.score, finding.rule, finding.latent, cause), []).append(one)
        return groups

    def _put(self, key: _Key, group: _Group[Told]) -> None:
        known = self._groups.get(key)
        if known is not None:
            group = known.join(group) if known.at < group.at else group.join(known)
        self._groups[key] = group

    def clear(self) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        self._groups = {}
        self._parts = Counter()

    def prepare(self) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        for group in self._groups.values():
            if group.first is not None:
                group.told, group.first = self._tell(group.first), None

    def packed(self) -> object:
        """See :class:`~rbaclens.beside.Gatherer`."""
        return self._groups, self._parts

    def unpack(self, packed: Any) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        groups, parts = packed
        for key, group in groups.items():
            self._put(key, group)
        self._parts += parts

    def rows(self) -> list[Row[Told]]:
        """What stands together, in order."""
        self.prepare()
        every = sorted(self._groups.items(), key=lambda one: (*one[0][:2], one[1].at))
        return [self._row(key, group) for key, group in every]

    def _row(self, key: _Key, group: _Group[Told]) -> Row[Told]:
        _, rule, _, cause = key
        who = f"{group.who} and {group.holders - 1} more" if group.holders > 1 and group.who not in _NOBODY else group.who
        parts = 0 if self._everything else self._parts[rule, cause]
        assert group.told is not None  # noqa: S101
        return Row(group.told, who, where_text(tuple(group.scopes)), group.count, parts)

    def pieces(self, summary: Summary) -> Iterator[bytes]:
        """See :class:`~rbaclens.reports.report.Report`."""
        return (text.encode("utf-8", "backslashreplace") for text in self._frame(summary, self.rows()))


def _who(finding: Finding) -> str:
    if finding.principal is None:
        return _NOBODY[finding.latent]
    return str(finding.principal)


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
