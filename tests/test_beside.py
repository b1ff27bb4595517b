"""Jobs divided between two processes: the same results in the same order, whatever becomes of the second one."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

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

    found = list(beside.results([begin, end], much=True))
    assert [name for name, _ in found] == ["first", "last"]
    assert found[0][1] == os.getpid() != found[1][1]
    assert list(beside.results([lambda number=number: number for number in range(999)], much=True)) == list(range(999))


def test_known_objects_stay_the_same_and_others_are_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also inside of what is found, and where several jobs find the same one. Here the second process does it all."""
    here, one_more = os.getpid(), beside._one_more
    monkeypatch.setattr(beside, "_one_more", lambda left: os.getpid() != here and one_more(left))
    known, other = Thing(name="known"), Thing(name="other")
    for found in beside.results([lambda: [Thing(name="found", parts=(known, other, "text"))]] * 3, [known], much=True):
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

    assert list(beside.results([lambda number=number: job(number) for number in range(9)], much=True)) == list(range(9))
    assert capfd.readouterr() == ("", "")
    assert not children()


def test_what_fails_here_fails_here() -> None:
    """With its own error, and the second process is gone."""

    def fails() -> int:
        raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        list(beside.results([fails] * 3, much=True))
    assert not children()


def test_results_that_nobody_wants_any_more() -> None:
    """The second process does not stay, nor do pipes."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    found = beside.results([lambda number=number: number for number in range(200)], much=True)
    assert next(found) == 0
    found.close()
    assert not children()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("much", [True, False])
def test_without_a_second_process(monkeypatch: pytest.MonkeyPatch, much: bool) -> None:
    """Where there is little to do, or the system makes no more processes, all is done here."""

    def fork() -> int:
        assert much
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", fork)
    assert {pid for _, pid in beside.results([lambda n=n: (n, os.getpid()) for n in range(9)], much=much)} == {os.getpid()}
    assert list(beside.results([], much=True)) == []
    many = [int] * (beside.MOST + 1)
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("more jobs than fit the pipe"))
    assert sum(beside.results(many, much=True)) == 0


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


def test_pieces() -> None:
    """Of a length, or longer where there would be too many."""
    assert beside.cut(range(5), 2) == [range(2), range(2, 4), range(4, 5)]
    assert beside.cut([], 64) == []
    many = beside.cut(range(1_000_000), 64)
    assert len(many) <= beside.MOST // 2
    assert [number for some in many for number in some] == list(range(1_000_000))


def test_nobody_works_for_a_program_that_is_gone() -> None:
    """The second process ends after the job that it is at."""
    program = (
        "import os, signal, sys, time; from rbaclens import beside; beside.can_help = lambda: True; here = os.getpid()\n"
        "def job():\n"
        "    if os.getpid() == here: time.sleep(0.5); os.kill(here, signal.SIGKILL)\n"
        "    os.write(1, b'.'); time.sleep(0.2)\n"
        "list(beside.results([job] * 400, much=True))"
    )
    # What it writes ends with the last process that could write.
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=30)
    assert done.returncode < 0
    assert 0 < len(done.stdout) < 100


def test_what_waits_in_a_buffer_is_written_once() -> None:
    """The copy has the buffers too."""
    program = (
        "import sys; from rbaclens import beside; beside.can_help = lambda: True;"
        "sys.stdout.write('before '); print(*beside.results([int] * 99, much=True), sep='')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"before {'0' * 99}\n"
    assert done.stderr == ""
