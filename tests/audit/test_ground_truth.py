"""Policies whose risks are known from elsewhere: real applications, laboratories, and what other tools are tested by.

Each file of ``ground_truth`` begins with what has to be found in it, in comments: ``expect: RULE PRINCIPAL`` are all the findings of
the risk rules that are high or critical and not part of a broader one, no more and no less; ``also:`` names others that are
there, at any level; ``never: RULE [PRINCIPAL]`` what must not be found. Written for these tests, after the sources that each
names.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from audit_rules import judged

from rbaclens.audit.registry import rule_ids
from rbaclens.audit.severity import Severity
from rbaclens.sources import load

FOLDER = Path(__file__).parent / "ground_truth"
FILES = sorted(FOLDER.rglob("*.yaml"))
RISKS = frozenset(rule for rule in rule_ids() if "RL1000" < rule < "RL3000")


def said(path: Path, word: str) -> set[tuple[str, str]]:
    """The rules and principals that the head of a file names after ``word``."""
    lines = [line.removeprefix(f"# {word}:").split() for line in path.read_text().splitlines() if line.startswith(f"# {word}:")]
    return {(line[0], line[1] if len(line) > 1 else "") for line in lines}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_known_is_found_and_nothing_else(path):
    """Exactly the serious findings of the file's head, and none that it rules out."""
    found = [one for one in judged(load([str(path)])) if one.rule in RISKS and not one.latent]
    serious = {(one.rule, str(one.principal)) for one in found if one.severity >= Severity.HIGH and not one.part_of}
    assert serious == said(path, "expect")
    every = {(one.rule, str(one.principal)) for one in found}
    assert said(path, "also") <= every
    assert not said(path, "never") & (every | {(rule, "") for rule, _ in every})


def test_every_file_says_something():
    """A file without a head would be tested for nothing."""
    assert FILES
    for path in FILES:
        rules = {rule for word in ("expect", "also", "never") for rule, _ in said(path, word)}
        assert said(path, "expect") and rules <= RISKS, path
