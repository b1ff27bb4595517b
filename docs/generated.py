"""A page that is made from the program: written, or compared with what stands there."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def renew(page: Path, new: str, check: bool) -> int:
    """Write the page, or (``check``) show how it differs; the number of pages that were not up to date."""
    old = page.read_text() if page.exists() else ""
    if new == old:
        return 0
    if check:
        name = page.name
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"{name} (written)", f"{name} (real)"))
    else:
        page.write_text(new)
        print(f"renewed {page.relative_to(ROOT)}")
    return 1


def main(renewed: Callable[[bool], int]) -> int:
    """The exit code of a script for one page: ``--check`` only compares."""
    comparing = "--check" in sys.argv[1:]
    stale = renewed(comparing)
    return stale if comparing else 0
