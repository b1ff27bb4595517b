"""Reads a Containerfile: its stages and their instructions."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Instruction(NamedTuple):
    """One instruction, such as ``RUN``, and the rest of its line."""

    word: str
    rest: str


def instructions() -> list[Instruction]:
    """The instructions of the Containerfile, in order; none of them goes over several lines."""
    lines = [line.strip() for line in (ROOT / "Containerfile").read_text().splitlines()]
    parted = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    assert not any(line.endswith("\\") for line in lines)
    return [Instruction(word, rest.strip()) for word, _, rest in parted]


def stages() -> list[list[Instruction]]:
    """The instructions by stage, each begun by its FROM."""
    found: list[list[Instruction]] = []
    for one in instructions():
        if one.word == "FROM":
            found.append([])
        found[-1].append(one)
    return found


def copied(stage: list[Instruction]) -> list[tuple[str, str]]:
    """What a stage copies from the project, and where to."""
    words = [one.rest.split() for one in stage if one.word == "COPY" and "--from=" not in one.rest]
    return [(source, target) for *sources, target in words for source in sources]


def sent(name: str) -> bool:
    """Whether ``.dockerignore`` lets a file of the project's root be copied; the last line that matches decides."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if fnmatch.fnmatch(name, line.removeprefix("!")):
            kept = line.startswith("!")
    return kept
