"""Jobs divided between two processes: the same results in the same order, whatever becomes of the second one."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rbaclens import beside

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="a second process is made on Linux only"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Something that jobs find."""

    name: str
    parts: tuple[object, ...] = ()


@pytest.fixture(autouse=True)
def _helped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "can_help", lambda: True)


@pytest.fixture
def waits_for_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is asked whether a second process has ended, it will have."""

    def has_ended(second: Any) -> bool:
        return bool(select.select([second._ended], [], [], 60)[0])

    monkeypatch.setattr(beside._Second, "has_ended", property(has_ended))


def results(jobs: Sequence[Callable[[], Any]], known: Iterable[object] = (), *, much: bool = True, alike: int = 0) -> list[Any]:
    """What each job finds, in order."""
    kept = beside.Kept[Any]()
    beside.gather(jobs, kept, lambda: known, much=much, alike=alike)
    return kept.found


class Told(beside.Kept[int]):
    """Remembers what it is asked to do in each process."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, int]] = []
        self.other: list[tuple[str, int]] = []

    def take(self, number: int, found: int) -> None:
        """See above."""
        super().take(number, found)
        self.calls.append(("take", number))

    def prepare(self) -> None:
        """See above."""
        self.calls.append(("prepare", os.getpid()))

    def packed(self) -> object:
        """See above."""
        return self._found, self.calls

    def unpack(self, packed: Any) -> None:
        """See above."""
        found, self.other = packed
        super().unpack(found)


def children() -> list[int]:
    """The second processes that are still there after a while."""
    for _ in range(500):
        beside._clear_away()
        if not beside._ending:
            break
        time.sleep(0.01)
    return beside._ending


def test_both_take_part_and_the_order_is_that_of_the_jobs() -> None:
    """The first job waits for the second process to have done the last one, and the other way round."""
    (last, done_last), (first, done_first) = os.pipe(), os.pipe()

    def begin() -> tuple[str, int]:
        assert select.select([last], [], [], 60)[0], "there is no second process"
        os.write(done_first, b".")
        return "first", os.getpid()

    def end() -> tuple[str, int]:
        os.write(done_last, b".")
        select.select([first], [], [], 60)
        return "last", os.getpid()

    found = results([begin, end])
    assert [name for name, _ in found] == ["first", "last"]
    assert found[0][1] == os.getpid() != found[1][1]
    assert results([lambda number=number: number for number in range(999)]) == list(range(999))


def test_each_takes_what_it_finds_and_prepares_before_the_other_one_is_known() -> None:
    """Numbers rise in the first process, and fall in the second one."""
    told = Told()
    beside.gather([lambda number=number: number * 2 for number in range(99)], told, much=True)
    assert told.found == [number * 2 for number in range(99)]
    here, there = [number for _, number in told.calls[:-1]], [number for _, number in told.other[:-1]]
    assert here == list(range(len(here)))
    assert there == list(range(98, len(here) - 1, -1))
    assert told.calls[-1] == ("prepare", os.getpid())
    assert told.other[-1][0] == "prepare"
    assert told.other[-1][1] != os.getpid()


def test_for_jobs_that_are_alike_another_copy_is_made(waits_for_ends: None) -> None:
    """The first copy does all the others; the second one, which knows what the first of them took to get ready for, does the rest."""
    ready: list[int] = []

    def job(number: int) -> tuple[int, int, bool]:
        if number < 10 and not ready:
            ready.append(os.getpid())
        return number, os.getpid(), ready == [os.getppid()]

    found = results([lambda number=number: job(number) for number in range(20)], alike=10)
    assert [number for number, *_ in found] == list(range(20))
    here, first, second = os.getpid(), found[19][1], found[9][1]
    assert len({here, first, second}) == 3
    assert [pid for _, pid, _ in found] in ([here] * mine + [second] * (10 - mine) + [first] * 10 for mine in (1, 2))
    assert all(was_ready for _, pid, was_ready in found if pid == second)
    assert not children()


@pytest.mark.parametrize("few", [3, 4])
def test_for_a_few_jobs_no_other_copy_is_made(waits_for_ends: None, few: int) -> None:
    """Nor does one that fails get a successor."""
    found = results([lambda number=number: (number, os.getpid()) for number in range(9)], alike=few)
    assert [number for number, _ in found] == list(range(9))
    assert len({pid for _, pid in found}) == few - 1


def test_one_that_fails_gets_no_successor(waits_for_ends: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it left is done here, each job once."""
    forks, fork = [], os.fork

    def counted() -> int:
        forks.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", counted)
    here, done = os.getpid(), list[int]()

    def job(number: int) -> int:
        if os.getpid() != here and number == 15:
            os._exit(1)
        done.append(number)
        return number

    assert results([lambda number=number: job(number) for number in range(20)], alike=10) == list(range(20))
    assert sorted(done) == list(range(20))
    assert len(forks) == 1


@pytest.mark.parametrize("much", [True, False])
def test_progress(much: bool) -> None:
    """What both have begun is counted, and the end is told."""
    shown: list[tuple[int, int]] = []
    jobs = [lambda: time.sleep(0.001)] * 99
    beside.gather(jobs, beside.Kept[None](), much=much, progress=lambda done, total: shown.append((done, total)))
    assert [done for done, _ in shown] == sorted(done for done, _ in shown)
    assert shown[-1] == (99, 99)
    assert {total for _, total in shown} == {99}
    assert (len(shown) < 100) is much


def test_known_objects_stay_the_same_and_others_are_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also inside of what is found, and where several jobs find the same one. Here the second process does it all."""
    here, one_more = os.getpid(), beside._one_more
    monkeypatch.setattr(beside, "_one_more", lambda left: os.getpid() != here and one_more(left))
    known, other = Thing(name="known"), Thing(name="other")
    for found in results([lambda: [Thing(name="found", parts=(known, other, "text"))]] * 3, [known]):
        assert found == [Thing(name="found", parts=(known, other, "text"))]
        assert found[0].parts[0] is known
        assert found[0].parts[1] is not other


@pytest.mark.parametrize("how", ["ends", "fails", "cannot be written", "is interrupted"])
def test_what_a_second_process_leaves_is_done_here(how: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Each job gives its result once, and nothing of the end is seen."""
    here = os.getpid()

    def job(number: int) -> object:
        if os.getpid() != here:
            if how == "ends" and number == 5:
                os._exit(1)
            if how == "fails" and number == 5:
                raise ValueError(number)
            if how == "is interrupted" and number == 5:
                raise KeyboardInterrupt
            if how == "cannot be written":
                return lambda: number
        return number

    assert results([lambda number=number: job(number) for number in range(9)]) == list(range(9))
    assert capfd.readouterr() == ("", "")
    assert not children()


def test_what_fails_here_fails_here() -> None:
    """With its own error, and the second process is gone."""

    def fails() -> int:
        raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        results([fails] * 3)
    assert not children()


def test_nothing_is_left_open() -> None:
    """Neither when it is done nor when what is found cannot be taken."""

    class Full(beside.Kept[int]):
        def take(self, number: int, found: int) -> None:
            if number == 1:
                raise MemoryError

    before = len(list(Path("/proc/self/fd").iterdir()))
    jobs = [lambda number=number: number for number in range(200)]
    assert results(jobs) == list(range(200))
    with pytest.raises(MemoryError):
        beside.gather(jobs, Full(), much=True)
    assert not children()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("much", [True, False])
def test_without_a_second_process(monkeypatch: pytest.MonkeyPatch, much: bool) -> None:
    """Where there is little to do, or the system makes no more processes, all is done here."""

    def fork() -> int:
        assert much
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", fork)
    assert results([lambda n=n: (n, os.getpid()) for n in range(9)], much=much) == [(n, os.getpid()) for n in range(9)]
    assert results([]) == []
    many = [int] * (beside.MOST + 1)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("more jobs than fit the pipe"))
    assert sum(results(many)) == 0


def test_when_it_can_help(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where a program allows it, and one thread and several processors are there."""
    monkeypatch.undo()
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    assert not beside.can_help()
    monkeypatch.setattr(beside, "allowed", True)
    assert beside.can_help()
    with monkeypatch.context() as changed:
        changed.setattr(sys, "platform", "darwin")
        assert not beside.can_help()
    with monkeypatch.context() as changed:
        changed.setattr(os, "sched_getaffinity", lambda _: {0})
        assert not beside.can_help()
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not beside.can_help()


def test_nobody_works_for_a_program_that_is_gone() -> None:
    """The second process ends after the job that it is at."""
    program = (
        "import os, signal, sys, time; from rbaclens import beside; beside.can_help = lambda: True; here = os.getpid()\n"
        "def job():\n"
        "    if os.getpid() == here: time.sleep(0.5); os.kill(here, signal.SIGKILL)\n"
        "    os.write(1, b'.'); time.sleep(0.2)\n"
        "beside.gather([job] * 400, beside.Kept(), much=True)"
    )
    # What it writes ends with the last process that could write.
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=30)
    assert done.returncode < 0
    assert 0 < len(done.stdout) < 100


def test_what_waits_in_a_buffer_is_written_once() -> None:
    """The copy has the buffers too."""
    program = (
        "import sys; from rbaclens import beside; beside.can_help = lambda: True;"
        "kept = beside.Kept(); sys.stdout.write('before '); beside.gather([int] * 99, kept, much=True); print(*kept.found, sep='')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"before {'0' * 99}\n"
    assert done.stderr == ""
