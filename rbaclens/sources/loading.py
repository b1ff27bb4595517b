"""The way in for files: paths to the one ``PolicySet``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rbaclens.collector import paused_collector
from rbaclens.errors import LoadError, PolicyFileError
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.policy import Notice, PolicySet
from rbaclens.model.written import RefusedLine
from rbaclens.sources import files, text
from rbaclens.sources.abac import is_abac, read_abac
from rbaclens.sources.assembling import assemble
from rbaclens.sources.builders import Objects
from rbaclens.sources.files import Found
from rbaclens.sources.positions import SourceMap, SourceText
from rbaclens.sources.reading import read_manifests

_ABAC_ENDING = ".abac"


def load(
    paths: Sequence[str],
    *,
    stdin: Callable[[], bytes] | None = None,
    abac_file: str | None = None,
    bootstrap: bool = True,
    skip_bad_files: bool = False,
    keep_bad_lines: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> PolicySet:
    """The policy of files, folders and (``-``) standard input, which ``stdin`` reads.

    A folder is read with everything below it, but for hidden files, other endings than ``files.ENDINGS`` and what its
    ``.rbaclensignore`` names. ``abac_file`` is read as an ABAC file whatever it holds. ``bootstrap`` puts the API server's own
    objects beneath. ``progress`` is told the files done and the files in all. Raises ``PolicyFileError`` or ``AbacFileError``
    for the first input that cannot be read; with ``skip_bad_files`` such a file is left out whole and named in ``gaps``. With
    ``keep_bad_lines`` an ABAC file is read without its bad lines: they are gaps too, and ``written.refused_lines`` has them.
    """
    with paused_collector():
        loader = _Loader(stdin, skip_bad_files, keep_bad_lines)
        found = [one for path in dict.fromkeys(paths) for one in files.find(path)]
        total = len(found) + (abac_file is not None)
        for done, one in enumerate(found, 1):
            with loader.tolerance():
                loader.read(one)
            if progress:
                progress(done, total)
        if abac_file is not None:
            with loader.tolerance():
                loader.read_abac(abac_file, files.read(abac_file, stdin))
            if progress:
                progress(total, total)
        return assemble(loader.objects, bootstrap=bootstrap, abac=loader.abac, gaps=loader.gaps, locate=loader.places)


class _Loader:
    """What the files read so far held."""

    def __init__(self, stdin: Callable[[], bytes] | None, skip_bad_files: bool, keep_bad_lines: bool) -> None:
        self.stdin = stdin
        self.skip_bad_files = skip_bad_files
        self.keep_bad_lines = keep_bad_lines
        self.objects = Objects()
        self.abac: tuple[AbacPolicy, ...] | None = None
        self.gaps: list[str] = []
        self.places = SourceMap()

    @contextmanager
    def tolerance(self) -> Iterator[None]:
        """Turn a file that cannot be read into a gap, where that is wanted."""
        try:
            yield
        except LoadError as error:
            if not self.skip_bad_files:
                raise
            self.gaps.append(str(error))

    def read(self, found: Found | PolicyFileError) -> None:
        """Add one file's objects or ABAC policies."""
        if isinstance(found, PolicyFileError):
            raise found
        data = files.read(found.name, self.stdin)
        if found.name.lower().removesuffix(".gz").endswith(_ABAC_ENDING) or is_abac(data):
            self.read_abac(found.name, data)
            return
        reading = read_manifests(text.to_utf8(data, found.name), found.name, explicit=found.explicit)
        self.objects.extend(reading.objects)
        self.places.add(reading.text)

    def read_abac(self, name: str, data: bytes) -> None:
        """Add the policies of an ABAC file."""
        refused: list[RefusedLine] | None = [] if self.keep_bad_lines else None
        policies = read_abac(data, name, refused)
        if refused:
            self.objects.refused_lines += refused
            self.gaps += (f"{name}:{one.line.line}: the API server would not start with this line: {one.message}" for one in refused)
        if self.abac is not None:
            message = "a second file of ABAC policies: taken behind the first, though the API server reads one file only"
            self.objects.notices.append(Notice(message, Origin(name)))
        self.abac = (self.abac or ()) + policies
        self.places.add(SourceText(name, data, []))
