"""What the rest of ``live`` needs of a connection to a cluster; everything but ``live.connection`` works on a fake one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec


class Reply(msgspec.Struct, frozen=True):
    """An HTTP answer, whatever its status; header names are lower-case, the body is decompressed."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class Connection(Protocol):
    """Sends requests to one API server with one identity. Raises ``ClusterError`` when there is no answer at all."""

    @property
    def server(self) -> str:
        """The server's URL, for messages."""
        ...

    def get(self, path: str, query: Mapping[str, str] | None = None, accept: str = "application/json") -> Reply:
        """One GET."""
        ...

    def post(self, path: str, body: bytes, headers: Mapping[str, str | tuple[str, ...]] | None = None) -> Reply:
        """One POST of JSON; a header with a tuple of values is sent once for each.

        Only review objects are ever posted: nothing that a cluster stores.
        """
        ...

    def stream(self, path: str, query: Mapping[str, str], timeout: float) -> AbstractContextManager[Iterator[bytes]]:
        """A GET whose answer comes line by line; ``timeout`` in seconds is for a silence."""
        ...
