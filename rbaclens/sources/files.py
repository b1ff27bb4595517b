"""Finding and reading files: folders, ignored ones, compressed ones, standard input."""

from __future__ import annotations

import fnmatch
import io
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from rbaclens.errors import PolicyFileError

ENDINGS = (".yaml", ".yml", ".json", ".jsonl", ".ndjson", ".abac", ".policy")
NO_POLICY = (".facts.yaml", ".facts.yml", ".rules.yaml", ".rules.yml")  # what is said about a policy is none
IGNORE_FILE = ".rbaclensignore"
MAX_BYTES = 1 << 30
STDIN = "-"
_GZIP_MAGIC = b"\x1f\x8b"


Ignored = Callable[[str], bool]


class Found(msgspec.Struct, frozen=True):
    """A file to read, by the name that errors and origins use; ``explicit`` when the user named it."""

    name: str
    explicit: bool


def find(path: str) -> Iterator[Found | PolicyFileError]:
    """What ``path`` stands for: itself, or the policy files of a folder, sorted. What cannot be listed comes as its error."""
    try:
        if path == STDIN or not Path(path).is_dir():
            yield Found(path, True)
            return
        ignored = _ignored(Path(path))
    except (OSError, ValueError) as error:
        yield _unreadable(path, error)
        return
    empty = True
    for found in _walk(Path(path), f"{path.rstrip('/')}/", "", ignored, ()):
        empty = False
        yield found
    if empty:
        yield PolicyFileError("holds no policy file", f"files of a folder are read by their ending: {' '.join(ENDINGS)}", file=path)


def _ignored(folder: Path) -> Ignored:
    file = folder / IGNORE_FILE
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    patterns = [line.strip().strip("/") for line in lines if line.strip() and not line.lstrip().startswith("#")]
    # ** means any number of folders, also none.
    patterns += [pattern.removeprefix("**/") for pattern in patterns]
    return lambda relative: any(fnmatch.fnmatchcase(relative, pattern) for pattern in patterns)


def _walk(
    folder: Path, name: str, relative: str, ignored: Ignored, above: tuple[tuple[int, int], ...]
) -> Iterator[Found | PolicyFileError]:
    try:
        here = folder.stat()
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
        folders = {entry for entry in entries if entry.is_dir()}
    except OSError as error:
        yield _unreadable(name, error)
        return
    # A link may lead to a folder that it stands in.
    identity = (here.st_dev, here.st_ino)
    if identity in above:
        return
    for entry in entries:
        inner = relative + entry.name
        if entry.name.startswith(".") or ignored(inner):
            continue
        if entry in folders:
            yield from _walk(entry, f"{name}{entry.name}/", f"{inner}/", ignored, (*above, identity))
        elif entry.name.lower().removesuffix(".gz").endswith(ENDINGS) and not entry.name.endswith(NO_POLICY):
            yield Found(name + entry.name, False)


def read(name: str, stdin: Callable[[], bytes] | None = None) -> bytes:
    """The bytes of a file or (``-``) of standard input, uncompressed. Raises ``PolicyFileError``."""
    try:
        if name == STDIN:
            if stdin is None:
                raise PolicyFileError("standard input cannot be read here", file=name)
            data = stdin()
        else:
            data = _read_regular(name)
        return _decompressed(data, name) if data.startswith(_GZIP_MAGIC) else data
    except (OSError, ValueError, EOFError) as error:
        raise _unreadable(name, error) from None


def _read_regular(name: str) -> bytes:
    mode = Path(name).stat()
    if not stat.S_ISREG(mode.st_mode):
        kind = "a folder" if stat.S_ISDIR(mode.st_mode) else "not a regular file"
        raise PolicyFileError(f"cannot be read: {kind}", "pipe it in instead: -f -", file=name)
    if mode.st_size > MAX_BYTES:
        raise _too_large(name)
    return Path(name).read_bytes()


def _decompressed(data: bytes, name: str) -> bytes:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            found = file.read(MAX_BYTES + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(found) > MAX_BYTES:
        raise _too_large(name)
    return found


def _too_large(name: str) -> PolicyFileError:
    return PolicyFileError(f"larger than {MAX_BYTES >> 30} GiB", file=name)


def _unreadable(name: str, error: Exception) -> PolicyFileError:
    words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    shown = name.encode("utf-8", "backslashreplace").decode()
    return PolicyFileError(f"cannot be read: {words}", file=shown)
