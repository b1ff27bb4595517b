"""Work in two processes: a copy of this one begins at the other end of a list of jobs."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NoReturn, TypeVar

Found = TypeVar("Found")
Thing = TypeVar("Thing")
MANY = 4096
"""For fewer findings it is not worth while to make a process."""
MOST = 4096
"""More jobs are not divided: a byte for each has to fit a pipe, which holds a page at least."""
_PIECES = 1024
_ending: list[int] = []


allowed = False
"""Whether a second process may be made: a program of its own, such as our command line, allows it; a library should not do so unasked."""


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


def cut(things: Sequence[Thing], length: int) -> list[Sequence[Thing]]:
    """``things`` in pieces of ``length``, or of more than that where there would be too many pieces."""
    length = max(length, len(things) // _PIECES + 1)
    return [things[start : start + length] for start in range(0, len(things), length)]


def results(jobs: Sequence[Callable[[], Found]], known: Iterable[object] = (), *, much: bool) -> Iterator[Found]:
    """What each job finds, in order.

    Where that is ``much`` work, and :func:`can_help`, a second process begins with the last job and this one with the first, until
    they meet: what takes long and finds little had best stand at the end, since what the second one finds is handed over as copies.
    ``known`` are objects of which that gives the very same ones. What the second process does not come to the end of, for whatever
    reason, is done here.
    """
    if not (much and can_help() and 1 < len(jobs) <= MOST):
        yield from (job() for job in jobs)
        return
    shared = list(known)
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
        _help(jobs, parent, left, answer, end, shared)
    os.close(end)
    try:
        with os.fdopen(answer, "rb") as file:
            done = 0
            while _one_more(left):
                yield jobs[done]()
                done += 1
            os.read(ended, 1)
            file.seek(0)
            found = list(_read(file, shared))
    finally:
        os.close(left)
        os.close(ended)
        if child is not None:
            # It has nothing left to do, or nobody wants to know any more what it finds.
            os.kill(child, signal.SIGKILL)
            _ending.append(child)
        _clear_away()
    yield from (job() for job in jobs[done : len(jobs) - len(found)])
    yield from reversed(found)


def _one_more(left: int) -> bool:
    """Whether there is a job left: whoever takes a byte out of the pipe may do one."""
    return bool(os.read(left, 1))


def _clear_away() -> None:
    """Take leave of second processes that are gone. The system takes a while to give their memory back, for which nobody should wait."""
    _ending[:] = [child for child in _ending if os.waitpid(child, os.WNOHANG) == (0, 0)]


def _help(jobs: Sequence[Callable[[], object]], parent: int, left: int, answer: int, end: int, known: Sequence[object]) -> NoReturn:
    """All that the second process does, as long as its ``parent`` is there.

    It leaves nothing to be done twice, such as writing what waits in a buffer.
    """
    try:
        with os.fdopen(answer, "wb") as file:
            writer, waiting = _Writer(file, known), iter(reversed(jobs))
            while os.getppid() == parent and _one_more(left):
                writer.dump(next(waiting)())
    finally:
        # At its end a process gives its memory back before its pipes.
        os.close(end)
        os._exit(0)


def _read(file: BinaryIO, known: Sequence[object]) -> Iterator[Any]:
    """The results of the second process, as far as it got."""
    reader = _Reader(file, known)
    try:
        while True:
            yield reader.load()
    except (EOFError, pickle.UnpicklingError):
        return


class _Writer(pickle.Pickler):
    """Writes objects that both sides know as their number."""

    def __init__(self, file: BinaryIO, known: Sequence[object]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._numbers = {id(one): number for number, one in enumerate(known)}
        # Not by persistent_id, which would be asked about every text and number too.
        self.dispatch_table = dict.fromkeys(set(map(type, known)), self._reduced)

    def _reduced(self, one: object) -> Any:
        number = self._numbers.get(id(one))
        return one.__reduce_ex__(pickle.HIGHEST_PROTOCOL) if number is None else (_known, (number,))


class _Reader(pickle.Unpickler):
    """Reads them."""

    def __init__(self, file: BinaryIO, known: Sequence[object]) -> None:
        super().__init__(file)
        self._known = known

    def find_class(self, module: str, name: str) -> Any:
        """What a name stands for."""
        return self._known.__getitem__ if (module, name) == (__name__, _known.__name__) else super().find_class(module, name)


def _known(number: int) -> object:
    """Stands for an object that both sides know."""
    raise NotImplementedError(number)
