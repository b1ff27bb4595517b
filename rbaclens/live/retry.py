"""A connection that asks again where the server was busy or stumbled."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager

from rbaclens.live.interface import Connection, Reply
from rbaclens.live.replies import BrokenConnectionError, UnreachableError, is_page

ATTEMPTS = 5
LONGEST_WAIT = 30.0
_FIRST_WAIT = 0.25
_PASSING = frozenset({429, 500, 502, 503, 504})


class Retrying:
    """``connection``, but 429, 5xx and broken connections are tried again, up to ``attempts`` times in all.

    It waits as long as Retry-After says, otherwise twice as long each time, with a random part so that many clients do not come back at
    once. Whoever is not there at all is not asked again. Streams are as ``connection`` gives them.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._connection = connection
        self._attempts = attempts
        self._sleep = sleep
        self._jitter = jitter

    @property
    def server(self) -> str:
        """The server's URL, for messages."""
        return self._connection.server

    def get(self, path: str, query: Mapping[str, str] | None = None, accept: str = "application/json") -> Reply:
        """One GET."""
        return self._patiently(lambda: self._connection.get(path, query, accept))

    def post(self, path: str, body: bytes, headers: Mapping[str, str | tuple[str, ...]] | None = None) -> Reply:
        """One POST: reviews may be sent as often as one likes."""
        return self._patiently(lambda: self._connection.post(path, body, headers))

    def stream(self, path: str, query: Mapping[str, str], timeout: float) -> AbstractContextManager[Iterator[bytes]]:
        """A GET whose answer comes line by line."""
        return self._connection.stream(path, query, timeout)

    def _patiently(self, send: Callable[[], Reply]) -> Reply:
        for attempt in range(1, self._attempts):
            try:
                reply = send()
            except UnreachableError:
                raise
            except BrokenConnectionError:
                self._sleep(self._backoff(attempt))
                continue
            if reply.status not in _PASSING or is_page(reply):
                return reply
            told = retry_after(reply)
            self._sleep(self._backoff(attempt) if told is None else min(told, LONGEST_WAIT))
        return send()

    def _backoff(self, attempt: int) -> float:
        return min(LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (attempt - 1) * (0.5 + self._jitter()))


def retry_after(reply: Reply) -> float | None:
    """The seconds that a Retry-After header asks for; the API server writes whole seconds."""
    told = reply.headers.get("retry-after", "").strip()
    return float(told) if told.isdecimal() else None
