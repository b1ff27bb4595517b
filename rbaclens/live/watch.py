"""Following a cluster's RBAC objects: list, watch from there, resume after a cut, list again when history is gone.

A ``Follower`` does this for one kind and needs no thread; ``ClusterWatch`` runs one for each kind.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

import msgspec

from rbaclens.errors import ClusterError
from rbaclens.live.interface import Connection
from rbaclens.live.paging import Lister
from rbaclens.live.replies import BrokenConnectionError, RefusedError, redact
from rbaclens.live.retry import retry_after
from rbaclens.live.watch_events import Seen, decode_event, read_bookmark, read_error, read_object
from rbaclens.model.change import ObjectChange, ObjectKey
from rbaclens.model.objects import RBAC_GROUP, Binding, Role
from rbaclens.model.policy import Notice, PolicySet

PREFIX = f"/apis/{RBAC_GROUP}/v1"
FORBIDDEN, GONE, TOO_MANY = 403, 410, 429
_FIRST_PAUSE, _LONGEST_PAUSE, _LONGEST_TOLD = 0.8, 30.0, 300.0
_WINDOW = (300, 600)
"""For how many seconds a watch is asked for; between the two, so that not everybody comes back at once."""
_SILENCE = 150.0
"""Servers send a bookmark about every minute; a connection that is dead on the way is found out by this silence (seconds)."""
_LIVED = 60.0
"""A watch that ends after so many seconds has not failed."""


_LISTER = Lister(msgspec.Raw)


class Target(msgspec.Struct, frozen=True):
    """A kind to follow: everywhere, or in one namespace."""

    kind: str
    resource: str
    namespace: str = ""

    @property
    def path(self) -> str:
        """The API path of its list."""
        return f"{PREFIX}/namespaces/{self.namespace}/{self.resource}" if self.namespace else f"{PREFIX}/{self.resource}"

    def __str__(self) -> str:
        return f"{self.resource} in {self.namespace}" if self.namespace else self.resource


class Remark(msgspec.Struct, frozen=True):
    """Something that a person should know: the server does not answer, answers again, or sent something odd."""

    text: str


Changes = tuple[ObjectChange, ...]
Happening = Changes | Remark


class Pace(msgspec.Struct, frozen=True):
    """How a follower waits: ``pause`` sleeps for seconds and says whether it is to end; ``chance`` is between 0 and 1."""

    pause: Callable[[float], bool]
    chance: Callable[[], float] = random.random
    now: Callable[[], float] = time.monotonic


class _Gone(Exception):  # noqa: N818 - a turn of the loop, never seen outside
    """The server has forgotten the history since the last seen version, or knows that version not at all."""


class Follower:
    """Lists one kind and follows it. The objects' versions are remembered, so that a later list becomes the differences."""

    def __init__(self, connection: Connection, target: Target, pace: Pace) -> None:
        self.target = target
        self._connection = connection
        self._pace = pace
        self._states: dict[ObjectKey, str] = {}
        self._version = ""
        self._failures = 0
        self._said = ""
        self._heard = False
        self.problems: tuple[str, ...] = ()
        """Which objects of the last list count for nothing, and why."""

    def relist(self) -> Changes:
        """List the objects: what is new, differs, or is not there any more since the last time. Raises ``ClusterError``."""
        listing = _LISTER.list(self._connection, self.target.path, what=f"listing {self.target}")
        try:
            found = [read_object(item, self.target.kind, self._connection.server) for item in listing.items]
        except msgspec.DecodeError as error:
            raise ClusterError(f"listing {self.target}: an object without readable metadata: {redact(str(error))}") from None
        states = {seen.key: seen.state for seen in found}
        changes = [seen.change for seen in found if self._states.get(seen.key) != seen.state]
        changes += [ObjectChange(*key) for key in self._states if key not in states]
        self._states, self._version = states, listing.resource_version
        self.problems = tuple(seen.problem for seen in found if seen.problem)
        return tuple(changes)

    def follow(self) -> Iterator[Happening]:
        """Everything that happens from the last list on, until the pace says that it is to end.

        What breaks is mended: a cut watch is resumed behind the last object or bookmark seen, forgotten history (410) is
        listed again, and a server that does not answer is asked again and again, ever more slowly.
        """
        while True:
            pause, started = 0.0, self._pace.now()
            try:
                if not self._version:
                    if changes := self.relist():
                        yield changes
                    yield from map(Remark, self.problems)
                    self._failures = min(self._failures, 1)
                    yield from self._in_touch()
                yield from self._watch()
                if not self._heard and self._pace.now() - started < 1.0:
                    self._failures += 1
                    pause = self._delay()
            except _Gone:
                # At once, but for a server that has always forgotten what it has just said.
                self._version = ""
                self._failures += 1
                pause = self._delay() if self._failures > 1 else 0.0
            except ClusterError as error:
                self._failures = 1 if self._pace.now() - started >= _LIVED else self._failures + 1
                if not _may_resume(error):
                    self._version = ""
                pause = max(self._delay(), _told_to_wait(error))
                # Load balancers cut long connections every day: one failure is no news.
                if self._failures > 1 and self._said != error.message:
                    self._said = error.message
                    yield Remark(f"following {self.target}: {error.message}; it is tried again until it works")
            if self._pace.pause(pause):
                return

    def _in_touch(self) -> Iterator[Happening]:
        if self._said:
            self._said = ""
            yield Remark(f"following {self.target} again")

    def _delay(self) -> float:
        """As client-go: doubled each time up to a limit, and up to twice that by chance."""
        pause: float = min(_FIRST_PAUSE * 2 ** min(self._failures - 1, 10), _LONGEST_PAUSE)
        return pause * (1 + self._pace.chance())

    def _watch(self) -> Iterator[Happening]:
        self._heard = False
        low, high = _WINDOW
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._version,
            "timeoutSeconds": str(round(low + (high - low) * self._pace.chance())),
        }
        try:
            with self._connection.stream(self.target.path, query, _SILENCE) as lines:
                for line in lines:
                    yield from self._event(line)
                    self._heard, self._failures = True, 0
                    yield from self._in_touch()
        except RefusedError as error:
            if error.reply.status == GONE:
                raise _Gone from None
            raise

    def _event(self, line: bytes) -> Iterator[Happening]:
        try:
            event = decode_event(line)
            if event.type == "ERROR":
                self._fail(*read_error(event.object))
            if event.type == "BOOKMARK":
                self._version = read_bookmark(event.object) or self._version
                return
            seen = read_object(event.object, self.target.kind, self._connection.server)
        except (msgspec.DecodeError, RecursionError):
            # The last line before a cut is rarely whole; what it said comes again.
            raise BrokenConnectionError(f"{self._connection.server} sent a line that is no watch event") from None
        yield from self._object(event.type, seen)

    def _object(self, type: str, seen: Seen) -> Iterator[Happening]:
        key, known = seen.key, self._states.get(seen.key)
        if type == "DELETED":
            self._states.pop(key, None)
        else:
            self._states[key] = seen.state
        # Behind the states: whoever stops reading here has not missed the object when it goes on.
        self._version = seen.version or self._version
        if type == "DELETED":
            yield (msgspec.structs.replace(seen.change, obj=None),)
        elif known != seen.state:
            if seen.problem:
                yield Remark(seen.problem)
            yield (seen.change,)

    def _fail(self, code: int, message: str) -> None:
        if code == GONE:
            raise _Gone
        raise ClusterError(f"watching {self.target}: {self._connection.server} said {code or 'an error'}: {redact(message)}")


def _may_resume(error: ClusterError) -> bool:
    """Whether the last seen version still stands: the answer was cut, or put off."""
    if isinstance(error, RefusedError):
        status: int = error.reply.status
        return status == TOO_MANY or status >= 500
    return isinstance(error, BrokenConnectionError)


def _told_to_wait(error: ClusterError) -> float:
    """The seconds of a Retry-After header."""
    return min(retry_after(error.reply) or 0.0, _LONGEST_TOLD) if isinstance(error, RefusedError) else 0.0


def targets(namespace: str = "") -> tuple[Target, ...]:
    """The kinds that RBAC consists of; with ``namespace`` the namespaced ones in it alone."""
    return (
        Target("ClusterRole", "clusterroles"),
        Target("ClusterRoleBinding", "clusterrolebindings"),
        Target("Role", "roles", namespace),
        Target("RoleBinding", "rolebindings", namespace),
    )


class ClusterWatch:
    """All RBAC objects of a cluster (or those that count in one namespace), as they are and as they change."""

    def __init__(self, connection: Connection, namespace: str = "") -> None:
        self._stop = threading.Event()
        pace = Pace(self._stop.wait)
        self._followers = [Follower(connection, target, pace) for target in targets(namespace)]
        self._queue: SimpleQueue[Happening | BaseException] = SimpleQueue()

    def start(self) -> PolicySet:
        """The policy as it is now; from here on it is followed. What may not be listed is named in its ``gaps``.

        Raises ``ClusterError`` when the server cannot be reached, or lets nothing at all be listed.
        """
        from rbaclens.sources.assembling import assemble
        from rbaclens.sources.builders import Objects

        objects, refusals = Objects(), []
        for follower in list(self._followers):
            try:
                changes = follower.relist()
            except RefusedError as error:
                if error.reply.status != FORBIDDEN:
                    raise
                refusals.append(error)
                self._followers.remove(follower)
                continue
            objects.notices += map(Notice, follower.problems)
            objects.roles += [change.obj for change in changes if isinstance(change.obj, Role)]
            objects.bindings += [change.obj for change in changes if isinstance(change.obj, Binding)]
        if not self._followers:
            raise refusals[0]
        for follower in self._followers:
            threading.Thread(target=self._run, args=(follower,), daemon=True, name=f"watch {follower.target}").start()
        return assemble(objects, bootstrap=False, gaps=[error.message for error in refusals])

    def next(self, timeout: float | None = None) -> Happening | None:
        """What happens next; ``None`` when nothing does for ``timeout`` seconds (``None``: wait for ever)."""
        try:
            found = self._queue.get(timeout=timeout)
        except Empty:
            return None
        if isinstance(found, BaseException):
            raise found
        return found

    def stop(self) -> None:
        """Follow no longer. Whoever still waits for the server ends with the process."""
        self._stop.set()

    def _run(self, follower: Follower) -> None:
        try:
            for happening in follower.follow():
                self._queue.put(happening)
                if self._stop.is_set():
                    return
        except BaseException as error:  # whoever reads the queue shall know, and not wait for ever
            self._queue.put(error)
