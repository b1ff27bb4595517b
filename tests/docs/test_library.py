"""The library page shows what the library does."""

from __future__ import annotations

import doctest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_example_on_the_library_page(monkeypatch):
    """Each line gives what stands below it."""
    monkeypatch.chdir(ROOT)
    result = doctest.testfile(str(ROOT / "docs" / "library.md"), module_relative=False)
    assert result.attempted > 20
    assert result.failed == 0
