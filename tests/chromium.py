"""A real browser for the tests: Debian's Chromium, driven by Playwright; without it the tests are skipped, and say why."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def open_browser() -> Iterator[Any]:
    """A headless Chromium that may not leave the machine."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install 'rbaclens[dev]')")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
