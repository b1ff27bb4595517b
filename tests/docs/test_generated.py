"""``docs/rules.md`` and ``docs/techniques.md`` are what the registries and the samples say."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("page", ["rules", "techniques"])
def test_page_is_up_to_date(page, monkeypatch):
    """``make docs`` would change nothing."""
    monkeypatch.syspath_prepend(DOCS)
    spec = importlib.util.spec_from_file_location(f"generate_{page}", DOCS / f"generate_{page}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / f"{page}.md").read_text() == module.page()
