"""Work in two processes: a copy of this one begins at the other end of a list of jobs."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
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
_FEW = 3
"""For fewer jobs no other process is made."""
_ending: list[int] = []


allowed = False
"""Whether a second process may be made: a program of its own, such as our command line, allows it; a library should not do so unasked."""


class Gatherer(Protocol[Taken_contra]):
    """Whoever wants to know what jobs find. Where there are two processes, each has one of its own, which takes what is found there."""

    def take(self, number: int, found: Taken_contra) -> None:
        """Take what the job of this number found."""

    def clear(self) -> None:
        """Forget what was taken: a copy of this process begins, and is to hand over only what comes now."""

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

    def clear(self) -> None:
        """See :class:`Gatherer`."""
        self._found = {}

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
    alike: int = 0,
    progress: Progress | None = None,
) -> None:
    """Give ``gatherer`` what each job finds.

    Where that is ``much`` work, and :func:`can_help`, a second process begins with the last job and this one with the first, until
    they meet. ``known`` gives objects, always the same, of which what is handed over has the very same ones. If the second process
    does not come to its end, for whatever reason, its jobs are done here. As many of the first jobs are ``alike``: to get ready for
    one of them takes long, and then all are quick. A second process does not begin with these, but where there are some left
    another copy is made of this one, which is ready. ``progress`` is told how many jobs are begun, and how many there are.
    """
    divided = much and can_help() and 1 < len(jobs) <= MOST
    undone = _in_two(jobs, gatherer, known, alike, progress) if divided else list(range(len(jobs)))
    for begun, number in enumerate(undone, len(jobs) - len(undone)):
        if progress:
            progress(begun, len(jobs))
        gatherer.take(number, jobs[number]())
    if undone:
        gatherer.prepare()
    if progress:
        progress(len(jobs), len(jobs))


def _in_two(
    jobs: Sequence[Callable[[], Found]],
    gatherer: Gatherer[Found],
    known: Callable[[], Iterable[object]],
    alike: int,
    progress: Progress | None,
) -> list[int]:
    """The numbers of the jobs that are still to be done after all."""
    left, permits = os.pipe()
    os.write(permits, bytes(len(jobs)))
    os.close(permits)
    done, undone = 0, list[int]()
    second: _Second[Found] | None = _Second(jobs, gatherer, known, left, range(alike, len(jobs)))
    try:
        while _one_more(left):
            if progress:
                progress(len(jobs) - _waiting(left) - 1, len(jobs))
            gatherer.take(done, jobs[done]())
            done += 1
            # Once it has ended, nobody else takes jobs.
            if second is not None and second.has_ended and (more := _waiting(left)) >= _FEW:
                undone += second.handed_over(done + more)
                # What became of one that did not come to its end would become of the next one.
                second = None if undone else _Second(jobs, gatherer, known, left, range(done, done + more))
        gatherer.prepare()
        return sorted(undone + (second.handed_over(done) if second is not None else []))
    finally:
        os.close(left)
        if second is not None:
            second.end()
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


class _Second(Generic[Found]):
    """A second process, which does the jobs of some ``numbers``, beginning with the last one, as long as there are any ``left``."""

    def __init__(
        self,
        jobs: Sequence[Callable[[], Found]],
        gatherer: Gatherer[Found],
        known: Callable[[], Iterable[object]],
        left: int,
        numbers: range,
    ) -> None:
        self._jobs = jobs
        self._gatherer = gatherer
        self._known = known
        self._numbers = numbers
        self._answer = os.memfd_create("rbaclens")
        self._ended, end = os.pipe()
        parent = os.getpid()
        self._child: int | None = None
        # Where no more processes are to be had there is none.
        with contextlib.suppress(OSError):
            self._child = os.fork()
        if self._child == 0:
            self._help(parent, left, end)
        os.close(end)

    def _help(self, parent: int, left: int, end: int) -> NoReturn:
        """All that it does, as long as its ``parent`` is there.

        It leaves nothing to be done twice, such as writing what waits in a buffer.
        """
        try:
            gatherer = self._gatherer
            gatherer.clear()
            for number in reversed(self._numbers):
                if os.getppid() != parent or not _one_more(left):
                    break
                gatherer.take(number, self._jobs[number]())
            gatherer.prepare()
            with os.fdopen(self._answer, "wb") as file:
                _Writer(file, self._known).dump(gatherer.packed())
        finally:
            # At its end a process gives its memory back before its pipes.
            os.close(end)
            os._exit(0)

    @property
    def has_ended(self) -> bool:
        """Whether it has done all that it may."""
        return self._child is not None and bool(select.select([self._ended], [], [], 0)[0])

    def handed_over(self, first: int) -> list[int]:
        """Take what it hands over. The numbers of the jobs from ``first`` on that it should have done, if it did not come to its end."""
        numbers = [number for number in self._numbers if number >= first]
        if self._child is None:
            return numbers
        os.read(self._ended, 1)
        with os.fdopen(os.dup(self._answer), "rb") as file:
            file.seek(0)
            for packed in _read(file, self._known):
                self._gatherer.unpack(packed)
                numbers = []
        self.end()
        return numbers

    def end(self) -> None:
        """It has nothing left to do, or nobody wants to know any more what it finds."""
        if self._answer < 0:
            return
        os.close(self._answer)
        os.close(self._ended)
        self._answer = -1
        if self._child is not None:
            os.kill(self._child, signal.SIGKILL)
            _ending.append(self._child)


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
