"""LISTs in pages: limit, continue, and starting again where a page came too late (410)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from rbaclens.live.interface import Connection
from rbaclens.live.replies import decode_reply

T = TypeVar("T")

LIMIT = 500
_RESTARTS = 2
_GONE = 410


class ListMeta(msgspec.Struct, rename={"resource_version": "resourceVersion", "continue_": "continue"}):
    """Of a list: its version, and the token of the page behind it."""

    resource_version: str = ""
    continue_: str = ""


class Listing(msgspec.Struct, Generic[T]):
    """A whole list. ``resource_version`` is where a watch goes on from."""

    items: list[T]
    resource_version: str


class Lister(Generic[T]):
    """Lists objects of one form, read straight from a page's bytes."""

    def __init__(self, form: type[T]) -> None:
        page: Any = msgspec.defstruct(
            f"{form.__name__}Page",
            [("metadata", ListMeta, msgspec.field(default_factory=ListMeta)), ("items", list[form] | None, None)],  # type: ignore[valid-type]
        )
        self._decode = msgspec.json.Decoder(page).decode

    def list(
        self,
        connection: Connection,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        what: str = "",
        limit: int = LIMIT,
        on_page: Callable[[Sequence[T]], None] = lambda _: None,
        on_restart: Callable[[], None] = lambda: None,
    ) -> Listing[T]:
        """All objects at ``path``, ``limit`` a page, of one moment: what was already read of a list that expired is dropped.

        ``on_page`` gets the objects of each page as it comes, ``on_restart`` is told when all of them count no more. Raises
        ``RefusedError`` (``reply.status`` says why) and ``ClusterError``.
        """
        what = what or f"listing {path}"
        for attempt in range(_RESTARTS + 1):
            # The last time in one piece: it may be long, but cannot expire.
            asked = {**(query or {}), **({"limit": str(limit)} if limit and attempt < _RESTARTS else {})}
            found = self._pages(connection, path, asked, what, on_page)
            if found is not None:
                return found
            on_restart()
        raise AssertionError("unreachable")

    def _pages(
        self, connection: Connection, path: str, query: Mapping[str, str], what: str, on_page: Callable[[Sequence[T]], None]
    ) -> Listing[T] | None:
        """The list, or ``None`` when it expired in the middle."""
        items: list[T] = []
        continue_ = ""
        while True:
            reply = connection.get(path, {**query, "continue": continue_} if continue_ else query)
            if continue_ and reply.status == _GONE:
                return None
            page = decode_reply(reply, connection.server, what, self._decode)
            found = page.items or []
            on_page(found)
            items += found
            continue_ = page.metadata.continue_
            if not continue_:
                return Listing(items, page.metadata.resource_version)
