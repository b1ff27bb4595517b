"""What is drawn in a browser, looked at in a browser: the page, cytoscape.js, Mermaid."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from graph_samples import nasty, plain

from rbaclens.graph.formats import render

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "rbaclens" / "explorer" / "vendor" / "cytoscape.min.js"
MERMAID = Path(os.environ.get("RBACLENS_TEST_CACHE", ROOT / ".cache")) / "mermaid.min.js"
SAMPLES = pytest.mark.parametrize("sample", [plain, nasty])


@pytest.fixture
def page(browser):
    """A page that counts what it asks of any network, and what goes wrong in it."""
    opened = browser.new_page()
    opened.asked, opened.errors = [], []
    opened.on("request", lambda request: opened.asked.append(request.url))
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    opened.close()


@SAMPLES
def test_page(page, tmp_path, sample):
    """The page draws every node and edge, asks nothing of any network, and runs nothing that names contain."""
    graph = sample()
    file = tmp_path / "graph.html"
    file.write_bytes(render(graph, "html"))
    page.goto(file.as_uri())
    assert page.evaluate("[cy.nodes().length, cy.edges().length]") == [len(graph.nodes), len(graph.edges)]
    assert page.evaluate("cy.nodes().map(node => node.data('label'))") == [node.label for node in graph.nodes]
    page.evaluate("cy.nodes().forEach(node => choose(node))")
    assert page.evaluate("window.broken === undefined")
    assert (page.asked, page.errors) == ([file.as_uri()], [])


def test_page_answers(page, tmp_path):
    """A search dims what it does not find, and a chosen node's holders and rights are listed with their grant."""
    file = tmp_path / "graph.html"
    file.write_bytes(render(plain(), "html"))
    page.goto(file.as_uri())
    page.get_by_role("searchbox").fill("devs")
    assert page.get_by_role("status").inner_text() == "1 node, 2 edges"
    assert page.evaluate("cy.getElementById('node:worker').hasClass('dim')")
    page.get_by_role("button", name="Show all").click()
    assert not page.evaluate("cy.elements().some(one => one.hasClass('dim'))")
    page.evaluate("cy.getElementById('may:shop::pods').emit('tap')")
    aside = page.locator("aside").inner_text()
    assert "pods in shop" in aside
    assert "RoleBinding shop/devs" in aside
    page.get_by_role("button", name="devs").first.click()
    assert page.locator("aside h2").inner_text() == "devs"


@SAMPLES
def test_cytoscape(page, sample):
    """cytoscape.js takes the elements and the style as they are."""
    graph = sample()
    page.set_content("<div id=cy style='width:800px;height:600px'></div>")
    page.add_script_tag(path=str(VENDOR))
    warned = []
    page.on("console", lambda message: warned.append(message.text))
    counts = page.evaluate(
        "given => { const cy = cytoscape({container: document.getElementById('cy'), elements: given.elements, style: given.style});"
        " return [cy.nodes().length, cy.edges().length, cy.nodes()[0].style('background-color')] }",
        json.loads(render(graph, "cytoscape")),
    )
    assert counts[:2] == [len(graph.nodes), len(graph.edges)]
    assert counts[2].startswith("rgb(")
    assert (warned, page.errors) == ([], [])


@pytest.mark.skipif(not MERMAID.is_file(), reason="needs Mermaid: make test-tools")
@SAMPLES
def test_mermaid(page, sample):
    """Mermaid draws every node and edge with its text, and takes nothing in a name for its own language."""
    graph = sample()
    page.set_content("<pre id=out></pre>")
    page.add_script_tag(path=str(MERMAID))
    drawn = page.evaluate(
        "async text => { mermaid.initialize({startOnLoad: false}); const {svg} = await mermaid.render('drawing', text);"
        " document.body.innerHTML = svg;"
        " return [document.querySelectorAll('g.node').length, document.querySelectorAll('path.flowchart-link').length,"
        "         document.body.textContent] }",
        render(graph, "mermaid").decode(),
    )
    assert drawn[:2] == [len(graph.nodes), len(graph.edges)]
    assert "shop/web" in drawn[2] or "* _under_ **bold** 1. list" in drawn[2]
    assert page.evaluate("window.broken === undefined")
    assert page.errors == []
