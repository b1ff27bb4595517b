"""The page of the sample policies, in the browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from explorer.pages import sample_document, write_page

Opened = Callable[..., Any]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the page of the sample policies."""
    return write_page(tmp_path_factory.mktemp("explorer"), sample_document())


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    """Opens an address and waits until the page is ready; whatever it complains of, or asks of a network, fails the test.

    What ``wait_for_function`` waits for is given as a function: an expression would be evaluated anew each time, which the page forbids.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def visit(address: str, *, width: int = 1280, height: int = 900, theme: str = "light", **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda request: complaints.append(request.url) if request.url.partition("#")[0] != page_address(address) else None
        )
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert complaints == []


def page_address(address: str) -> str:
    """An address without its hash."""
    return address.partition("#")[0]
