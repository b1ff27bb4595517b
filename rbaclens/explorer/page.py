"""The page: template, styles, scripts and data put together into one file that needs nothing else.

Scripts are ES modules; here they become one module, in the order below, without their imports and exports. What may run is
named in the page's own policy (CSP) by hash: nothing else runs, and nothing is ever fetched.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from rbaclens.explorer.data import encode

_HERE = Path(__file__).parent
# What decides, in the order in which it may be read: tests ask exactly this.
EVALUATION = ("matching", "abac", "identity", "rbac", "chain", "whocan", "model", "held")
_VIEWING = (
    *("document", "level", "findings", "words", "router", "search", "dom", "icons", "parts", "combobox", "heatmap"),
    *("graph_model", "graph_layout", "graph", "grants", "view_overview", "view_ask", "view_subject", "view_role", "view_resource"),
    *("view_namespace", "view_findings", "view_paths", "view_search", "theme", "shell", "main"),
)
MODULES = (*EVALUATION, *_VIEWING)
STYLES = ("base", "shell", "parts", "views")
_IMPORT = re.compile(r"^import \{[^}]*\} from '\./\w+\.js'\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=async function|function|const|class)", re.MULTILINE)
# Cytoscape adds one rule of style by itself, unless a style of this id is there: then no policy has to allow it.
_GRAPH_STYLE = "__________cytoscape_stylesheet"


def modules_text(names: Iterable[str]) -> str:
    """These modules as one."""
    parts = ((_HERE / "assets" / "js" / f"{name}.js").read_text("utf-8") for name in names)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", part)) for part in parts)


@cache
def script_text() -> str:
    """The page's own script."""
    return modules_text(MODULES)


@cache
def library_text() -> str:
    """Cytoscape, as its authors ship it."""
    return (_HERE / "vendor" / "cytoscape.min.js").read_text("utf-8")


@cache
def style_text() -> str:
    """The page's styles; the dark colours hold where the system says so, unless somebody chose, and where somebody chose them."""
    first, *others = (_style(name) for name in STYLES)
    dark = _style("dark")
    by_system = f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}'
    return "\n".join((first, by_system, f':root[data-theme="dark"] {{ {dark} }}', *others))


def _style(name: str) -> str:
    return (_HERE / "assets" / "css" / f"{name}.css").read_text("utf-8")


def content_policy() -> str:
    """What the page may do: run these scripts, use these styles, and nothing else; markup cannot become script by any way."""
    scripts = " ".join(_source(text) for text in (library_text(), script_text()))
    styles = " ".join(_source(text) for text in (style_text(), _GRAPH_RULE))
    rest = "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    return f"default-src 'none'; script-src {scripts}; style-src {styles}; {rest}"


_GRAPH_RULE = ".__________cytoscape_container { position: relative; }"


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def page_text(data: dict[str, object]) -> str:
    """The whole page for a document of ``data.explorer_data``."""
    for text in (library_text(), script_text(), style_text()):
        assert "</script" not in text and "</style" not in text  # noqa: S101 - it would end the element that it stands in
    template = Template((_HERE / "assets" / "page.html").read_text("utf-8"))
    title = f"{data['title']} – rbaclens explorer" if data["title"] else "rbaclens explorer"
    return template.substitute(
        # Half a surrogate pair is no character, and no file could hold it.
        title=escape(title.encode("utf-8", "backslashreplace").decode("utf-8")),
        policy=escape(content_policy()),
        style=style_text(),
        graph_style_id=_GRAPH_STYLE,
        graph_style=_GRAPH_RULE,
        data=packed(encode(data)),
        library=library_text(),
        script=script_text(),
    )


def packed(document: bytes) -> str:
    """The document deflated, as base64: a tenth of its size, and none of its characters means anything to HTML."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(deflate.compress(document) + deflate.flush()).decode("ascii")
