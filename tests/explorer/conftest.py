"""The browser, once for all tests of a process."""

from collections.abc import Iterator
from typing import Any

import pytest

from explorer.browser import open_browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    with open_browser() as found:
        yield found
