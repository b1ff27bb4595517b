"""Fixtures that several test folders share."""

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import open_browser
from hypothesis import settings

# How long an example takes tells nothing of the program on a machine that does other work besides.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Asserts that test files take from there tell what they compared, like those of the files themselves.
pytest.register_assert_rewrite("audit_shapes")

_SPEC = importlib.util.spec_from_file_location("hooks", Path(__file__).with_name("hooks.py"))
assert _SPEC is not None and _SPEC.loader is not None
hooks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(hooks)


@pytest.fixture(scope="session")
def hook_server() -> Iterator[str]:
    """The base URL of a server with the recordings' webhooks; see ``tests/hooks.py``."""
    with hooks.serve_hooks() as base_url:
        yield base_url


@pytest.fixture
def hook_kubeconfigs(hook_server: str) -> Callable[[Path], None]:
    """Writes ``hooks/*.kubeconfig`` for the hook server into a folder."""
    return lambda folder: hooks.write_kubeconfigs(folder, hook_server)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, once for all tests of a process: Playwright cannot be started twice in one."""
    with open_browser() as found:
        yield found
