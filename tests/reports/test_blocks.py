"""Blocks of text that are put in order, wherever they wait."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from rbaclens.reports.blocks import Blocks

PLACES = [(-9.0, "RL2", 0, 0), (-9.0, "RL1", 1, 0), (-1.0, "RL1", 0, 1), (-9.0, "RL1", 0, 0), (-1.0, "RL1", 0, 0)]


def filled(blocks: Blocks) -> list[bytes]:
    """What comes out when a block of each place is there; what the file system has to write takes several goes."""
    for number, place in enumerate(PLACES):
        blocks.add(place, b"%d" % number * 100_000)
    return [text[:1] for text in blocks if len(text) == 100_000]


@pytest.mark.parametrize("many", [True, False])
def test_order(many: bool) -> None:
    """By place, however they came."""
    assert filled(Blocks(many=many)) == [b"3", b"1", b"0", b"4", b"2"]


def test_files_have_no_name_and_are_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = len(list(Path("/dev/fd").iterdir()))
    blocks = Blocks(many=True)
    assert filled(blocks)
    assert len(list(Path("/dev/fd").iterdir())) == before + 2
    assert not list(tmp_path.iterdir())
    del blocks
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_no_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no file can be made, or a disk is full after some of it, all is there."""
    with monkeypatch.context() as missing:
        missing.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
        assert filled(Blocks(many=True)) == filled(Blocks(many=False))
    pwrite, room = os.pwrite, [250_000]

    def until_full(file: int, data: bytes, offset: int) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        done = pwrite(file, data[: min(70_000, room[0])], offset)
        room[0] -= done
        return done

    monkeypatch.setattr(os, "pwrite", until_full)
    assert filled(Blocks(many=True)) == filled(Blocks(many=False))
    assert not room[0]
