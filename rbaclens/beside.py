"""Work in two processes: a copy of this one begins at the other end of a list of jobs."""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, BinaryIO, Generic, NoReturn, Protocol, TypeVar

Found = TypeVar("Found")
Taken_contra = TypeVar("Taken_contra", contravariant=True)
Progress = Callable[[int, int], None]
MOST = 4096
"""More jobs are not divided: a byte for each has to fit a pipe, which holds a page at least."""
_ending: list[int] = []


allowed = False
"""Whether a second process may be made: a program of its own, such as our command line, allows it; a library should not do so unasked."""


class Gatherer(Protocol[Taken_contra]):
    """Whoever wants to know what jobs find. Where there are two processes, each has one of its own, which takes what is found there."""

    def take(self, number: int, found: Taken_contra) -> None:
        """Take what one job found: a higher number each time, but a lower one in the second process."""

    def prepare(self) -> None:
        """Do what may be done before the other one's is known; it happens in both processes at the same time."""

    def packed(self) -> object:
        """What the second process hands over. It is pickled."""

    def unpack(self, packed: Any) -> None:
        """Take what the second process hands over."""


class Kept(Generic[Found]):
    """Keeps what is found as it is."""

    def __init__(self) -> None:
        self._found: dict[int, Found] = {}

    @property
    def found(self) -> list[Found]:
        """What each job found, in the order of the jobs."""
        return [found for _, found in sorted(self._found.items())]

    def take(self, number: int, found: Found) -> None:
        """See :class:`Gatherer`."""
        self._found[number] = found

    def prepare(self) -> None:
        """See :class:`Gatherer`."""

    def packed(self) -> object:
        """See :class:`Gatherer`."""
        return self._found

    def unpack(self, packed: dict[int, Found]) -> None:
        """See :class:`Gatherer`."""
        self._found |= packed


def can_help() -> bool:
    """Whether a second process may be made, would be of use, and is safe.

    A copy has one thread only, so that what other threads hold would never be let go; elsewhere than on Linux the system's own
    libraries do not all bear being copied.
    """
    return (
        allowed
        and sys.platform == "linux"
        and hasattr(os, "memfd_create")
        and threading.active_count() == 1
        and len(os.sched_getaffinity(0)) > 1
    )


def gather(
    jobs: Sequence[Callable[[], Found]],
    gatherer: Gatherer[Found],
    known: Callable[[], Iterable[object]] = tuple,
    *,
    much: bool,
    costly: tuple[int, int] = (0, 0),
    progress: Progress | None = None,
) -> None:
    """Give ``gatherer`` what each job finds.

    Where that is ``much`` work, and :func:`can_help`, a second process begins with the last job and this one with the first, until
    they meet. ``known`` gives objects, always the same, of which what is handed over has the very same ones. If the second process
    does not come to its end, for whatever reason, its jobs are done here. ``costly``: it begins with the jobs below that number only
    if there are so many of them left. ``progress`` is told how many jobs are begun, and how many there are.
    """
    done = 0
    if much and can_help() and 1 < len(jobs) <= MOST:
        done = _in_two(jobs, gatherer, known, costly, progress)
    for number in range(done, len(jobs)):
        if progress:
            progress(number, len(jobs))
        gatherer.take(number, jobs[number]())
    if done < len(jobs):
        gatherer.prepare()
    if progress:
        progress(len(jobs), len(jobs))


def _in_two(
    jobs: Sequence[Callable[[], Found]],
    gatherer: Gatherer[Found],
    known: Callable[[], Iterable[object]],
    costly: tuple[int, int],
    progress: Progress | None,
) -> int:
    """How many jobs are done, from the first one."""
    left, permits = os.pipe()
    os.write(permits, bytes(len(jobs)))
    os.close(permits)
    ended, end = os.pipe()
    parent = os.getpid()
    answer = os.memfd_create("rbaclens")
    try:
        child = os.fork()
    except OSError:
        # No more processes are to be had.
        child = None
    if child == 0:

        def wants_more(number: int) -> bool:
            return os.getppid() == parent and not (number == costly[0] and _waiting(left) < costly[1]) and _one_more(left)

        _help(jobs, gatherer, wants_more, answer, end, known)
    os.close(end)
    try:
        with os.fdopen(answer, "rb") as file:
            done = 0
            while _one_more(left):
                if progress:
                    progress(len(jobs) - _waiting(left) - 1, len(jobs))
                gatherer.take(done, jobs[done]())
                done += 1
            gatherer.prepare()
            os.read(ended, 1)
            file.seek(0)
            for packed in _read(file, known):
                gatherer.unpack(packed)
                return len(jobs)
            return done
    finally:
        os.close(left)
        os.close(ended)
        if child is not None:
            # It has nothing left to do, or nobody wants to know any more what it finds.
            os.kill(child, signal.SIGKILL)
            _ending.append(child)
        _clear_away()


def _one_more(left: int) -> bool:
    """Whether there is a job left: whoever takes a byte out of the pipe may do one."""
    return bool(os.read(left, 1))


def _waiting(left: int) -> int:
    """How many jobs nobody has begun."""
    import fcntl
    import termios

    found: int = struct.unpack("i", fcntl.ioctl(left, termios.FIONREAD, bytes(4)))[0]
    return found


def _clear_away() -> None:
    """Take leave of second processes that are gone. The system takes a while to give their memory back, for which nobody should wait."""
    _ending[:] = [child for child in _ending if os.waitpid(child, os.WNOHANG) == (0, 0)]


def _help(
    jobs: Sequence[Callable[[], Found]],
    gatherer: Gatherer[Found],
    wants_more: Callable[[int], bool],
    answer: int,
    end: int,
    known: Callable[[], Iterable[object]],
) -> NoReturn:
    """All that the second process does: one job after another while it ``wants_more``, which is told how many there are before.

    It leaves nothing to be done twice, such as writing what waits in a buffer.
    """
    try:
        number = len(jobs)
        while wants_more(number):
            number -= 1
            gatherer.take(number, jobs[number]())
        gatherer.prepare()
        with os.fdopen(answer, "wb") as file:
            _Writer(file, known).dump(gatherer.packed())
    finally:
        # At its end a process gives its memory back before its pipes.
        os.close(end)
        os._exit(0)


def _read(file: BinaryIO, known: Callable[[], Iterable[object]]) -> Iterator[Any]:
    """What the second process hands over, if it came so far."""
    try:
        yield _Reader(file, known).load()
    except (EOFError, pickle.UnpicklingError):
        return


class _Writer(pickle.Pickler):
    """Writes objects that both sides know as their number."""

    def __init__(self, file: BinaryIO, known: Callable[[], Iterable[object]]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._known = known

    @cached_property
    def _numbers(self) -> dict[int, int]:
        return {id(one): number for number, one in enumerate(self._known())}

    def reducer_override(self, one: object) -> Any:
        """How to write what is no text, number or the like."""
        number = self._numbers.get(id(one))
        return NotImplemented if number is None else (_known, (number,))


class _Reader(pickle.Unpickler):
    """Reads them."""

    def __init__(self, file: BinaryIO, known: Callable[[], Iterable[object]]) -> None:
        super().__init__(file)
        self._known = known

    def find_class(self, module: str, name: str) -> Any:
        """What a name stands for."""
        if (module, name) == (__name__, _known.__name__):
            return list(self._known()).__getitem__
        return super().find_class(module, name)


def _known(number: int) -> object:
    """Stands for an object that both sides know."""
    raise NotImplementedError(number)
