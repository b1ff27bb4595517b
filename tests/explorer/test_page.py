"""The file: self-contained, allowed by hash alone, and made of modules that fit together."""

import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from typing import Any

import pytest
from explorer.pages import sample_document

from rbaclens.explorer import page as explorer_page
from rbaclens.explorer.page import MODULES, page_text

JS = explorer_page._HERE / "assets" / "js"


class Elements(HTMLParser):
    """The scripts, styles and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self.attributes: list[tuple[str, str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag in {"script", "style"}:
            self.texts.append((tag, dict(attrs), ""))
        self.open = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self.open = False

    def handle_data(self, data: str) -> None:
        if getattr(self, "open", False):
            tag, attrs, text = self.texts[-1]
            self.texts[-1] = (tag, attrs, text + data)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return sample_document()


@pytest.fixture(scope="module")
def elements(document: dict[str, Any]) -> Elements:
    parser = Elements()
    parser.feed(page_text(document))
    return parser


def test_allows_by_hash_what_it_holds_and_nothing_else(elements: Elements) -> None:
    """Every script and style is in the policy by its hash, and the policy holds nothing more."""
    policy = next(
        value for tag, name, value in elements.attributes if tag == "meta" and name == "content" and "default-src" in (value or "")
    )
    runs = [text for tag, attrs, text in elements.texts if attrs.get("type") != "application/octet-stream"]
    hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in runs}
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert set(re.findall(r"'sha256-[^']*'", policy)) == hashes
    assert "unsafe" not in policy
    assert "http" not in policy


def test_loads_nothing(elements: Elements) -> None:
    """No element points anywhere, and none has an event handler or a style of its own."""
    assert [value for _, name, value in elements.attributes if name in {"src", "href"} and value not in {"#main", "data:,"}] == []
    assert [name for _, name, _ in elements.attributes if name.startswith("on") or name == "style"] == []


def test_carries_the_document_whole(elements: Elements, document: dict[str, Any]) -> None:
    """What the page unpacks is what was packed."""
    packed = next(text for _, attrs, text in elements.texts if attrs.get("id") == "data")
    assert json.loads(zlib.decompress(base64.b64decode(packed), -zlib.MAX_WBITS)) == json.loads(json.dumps(document))


def test_modules_fit_together() -> None:
    """Every file is listed and small, says what it is for, imports what others export, and no name is there twice."""
    assert {path.stem for path in JS.glob("*.js")} == set(MODULES)
    exports: dict[str, set[str]] = {}
    names: list[str] = []
    for module in MODULES:
        text = (JS / f"{module}.js").read_text("utf-8")
        assert text.startswith("// "), module
        assert len(text.splitlines()) <= 300, module
        exports[module] = set(re.findall(r"^export (?:async )?(?:function|const|class) (\w+)", text, re.MULTILINE))
        names += re.findall(r"^(?:export )?(?:async )?(?:function|const|class|let) (\w+)", text, re.MULTILINE)
    assert sorted({name for name in names if names.count(name) > 1}) == []
    for module in MODULES:
        text = (JS / f"{module}.js").read_text("utf-8")
        for wanted, source in re.findall(r"^import \{([^}]*)\} from '\./(\w+)\.js'$", text, re.MULTILINE):
            for name in re.findall(r"\w+", wanted):
                assert name in exports[source], (module, name, source)
                assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{module} does not use {name}"
        used = {
            name for source, found in exports.items() if source != module for name in found if re.search(rf"(?<![.\w'-]){name}\(", text)
        }
        imported = {name for wanted in re.findall(r"^import \{([^}]*)\}", text, re.MULTILINE) for name in re.findall(r"\w+", wanted)}
        own = set(re.findall(r"(?:function|const|let) (\w+)", text))
        assert used - imported - own == set(), module


def test_says_that_half_a_character_is_there(document: dict[str, Any]) -> None:
    """A name that UTF-8 cannot carry (half a surrogate pair) does not break the page."""
    text = page_text({**document, "title": "half \ud800 a character"})
    assert text.encode("utf-8")
