"""Text that waits until it can be put in order: of a large cluster there is more of it than should be in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from operator import itemgetter
from typing import IO, Any

Place = tuple[float, str, int, int]
"""What a block is put in order by."""
_Stretch = tuple[int, int, int]
"""The number of a file, and offset and length of what stands there."""


class Blocks:
    """Blocks of text, each with its place. They wait in files if they are ``many``, which this process and a copy of it may fill.

    Where there is no room for files, they wait in memory.
    """

    def __init__(self, *, many: bool) -> None:
        self._home = os.getpid()
        self._files = _two_files() if many else ()
        self._blocks: list[tuple[Place, bytes | _Stretch]] = []

    def add(self, place: Place, text: bytes) -> None:
        """Keep a block."""
        self._blocks.append((place, self._written(text) or text))

    def _written(self, text: bytes) -> _Stretch | None:
        """Where a text stands in a file, if it could be written."""
        if not self._files:
            return None
        # A copy has a file for itself.
        number = int(os.getpid() != self._home)
        file, rest = self._files[number].fileno(), memoryview(text)
        # Another copy may have written before.
        start = end = os.fstat(file).st_size
        try:
            while rest:
                written = os.pwrite(file, rest, end)
                end, rest = end + written, rest[written:]
        except OSError:
            return None
        return number, start, len(text)

    def clear(self) -> None:
        """Forget all blocks: a copy hands over only its own."""
        self._blocks = []

    def packed(self) -> object:
        """What a copy has to hand over."""
        return self._blocks

    def unpack(self, packed: Any) -> None:
        """Take what a copy hands over."""
        self._blocks += packed

    def __iter__(self) -> Iterator[bytes]:
        """All blocks in order."""
        for _, block in sorted(self._blocks, key=itemgetter(0)):
            yield block if isinstance(block, bytes) else self._read(block)

    def _read(self, stretch: _Stretch) -> bytes:
        number, start, length = stretch
        return os.pread(self._files[number].fileno(), length, start)

    def __del__(self) -> None:
        for file in self._files:
            file.close()


def _two_files() -> tuple[IO[bytes], ...]:
    """Files without a name under which they could stay; none where there is no place for them."""
    import tempfile

    try:
        return tempfile.TemporaryFile(), tempfile.TemporaryFile()
    except OSError:
        return ()
