"""Identities files: YAML, JSON, CSV, or an exported ``aws-auth`` ConfigMap, to users and groups with where each stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rbaclens.errors import PolicyFileError
from rbaclens.model.identities import Identities, Membership, has_placeholder, is_open
from rbaclens.model.location import Location, Origin
from rbaclens.model.policy import Notice
from rbaclens.sources import files, text
from rbaclens.sources.positions import SourceText

SHAPES = "write users: [{name: alice, groups: [devs]}], or alice: [devs], or groups: {devs: [alice]}, or CSV with user,groups"
_DOCUMENT_ENDINGS = ("yaml", "yml", "json")


class Places:
    """Where things stand in one file, also inside of a text that a document of it holds (``aws-auth``)."""

    def __init__(self, source: SourceText) -> None:
        self.source = source
        self._inner: dict[Origin, SourceText | None] = {}

    def add_inner(self, holder: Origin, source: SourceText | None) -> None:
        """The text at ``holder`` is ``source``; ``None``: its lines cannot be told apart, all of it stands at the holder."""
        self._inner[holder] = source

    def __call__(self, origin: Origin) -> Location:
        """File, line and column of ``origin``, as ``Identities.locate``."""
        holder = Origin(origin.file, origin.document, origin.path[:2])
        if holder not in self._inner:
            return self.source.locate(origin)
        inner = self._inner[holder]
        if inner is None:
            return self.source.locate(holder)
        # The column would be the one inside of the text, which is indented in the file.
        return Location(origin.file, inner.locate(Origin(origin.file, 0, origin.path[2:])).line)


class Collector:
    """The memberships met so far, and the errors' way to a line."""

    def __init__(self, source: SourceText) -> None:
        self.name = source.name
        self.places = Places(source)
        self.notices: list[Notice] = []
        self._users: dict[str, dict[str, Membership]] = {}
        self._patterns: dict[tuple[str, str], Membership] = {}

    def add(self, user: str, groups: Iterable[tuple[str, Origin]], via: str = "") -> None:
        """Put ``user`` into groups, each with its place. Of one group the first place is kept."""
        known = self._users.setdefault(user, {})
        for group, origin in groups:
            known.setdefault(group, Membership(user, group, origin, via))

    def add_template(self, user: str, groups: Iterable[tuple[str, Origin]], origin: Origin, via: str) -> None:
        """As ``add``, for names in which ``{{...}}`` is filled in at login."""
        fixed = []
        for group, place in groups:
            if has_placeholder(group):
                self.notices.append(Notice(f'the group "{group}" of {user} is filled in at login: it is left out', place))
            else:
                fixed.append((group, place))
        if not has_placeholder(user):
            self.add(user, fixed, via)
            return
        if is_open(user):
            self.notices.append(Notice(f'"{user}" could become any name: its groups are given to nobody', origin))
        for group, place in fixed:
            self._patterns.setdefault((user, group), Membership(user, group, place, via))

    def error(self, message: str, origin: Origin, help: str = SHAPES) -> PolicyFileError:
        """The error for what stands at ``origin``."""
        found = self.places(origin)
        return PolicyFileError(message, help, file=self.name, line=found.line or None, column=found.column or None)

    def result(self) -> Identities:
        """Everything that was added."""
        groups: dict[str, list[Membership]] = {}
        for known in self._users.values():
            for one in known.values():
                groups.setdefault(one.group, []).append(one)
        return Identities(
            {user: tuple(known.values()) for user, known in self._users.items()},
            {group: tuple(members) for group, members in groups.items()},
            tuple(self._patterns.values()),
            tuple(self.notices),
            self.places,
        )


def load_identities(path: str, *, stdin: Callable[[], bytes] | None = None) -> Identities:
    """The users and groups of a file (``-``: what ``stdin`` reads). Raises PolicyFileError with the line.

    A ``.csv`` file is CSV, one with the ending of YAML or JSON is that; of others the first line decides.
    """
    data = text.to_utf8(files.read(path, stdin), path)
    ending = path.lower().removesuffix(".gz").rpartition(".")[2]
    if ending == "csv" or (ending not in _DOCUMENT_ENDINGS and _looks_like_csv(data)):
        from rbaclens.sources.identities_csv import read_csv as read
    else:
        from rbaclens.sources.identities_document import read_document as read
    collector = Collector(SourceText(path, data, []))
    read(data, collector)
    return collector.result()


def _looks_like_csv(data: bytes) -> bool:
    lines = (line.strip() for line in data.splitlines())
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    return b"," in first and not first.startswith((b"{", b"[", b"-")) and b": " not in first
