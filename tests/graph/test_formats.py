"""Every format is read by its own reader, whatever names hold; nothing is lost, and nothing breaks out."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import networkx
import pydot
import pytest
import xmlschema
from graph_samples import NASTY, nasty, plain
from graphglot.dialect.neo4j import Neo4j

from rbaclens.errors import RbaclensError
from rbaclens.graph.fold import limit
from rbaclens.graph.formats import FORMATS, render
from rbaclens.graph.formats.csv import nodes as csv_nodes
from rbaclens.graph.formats.mermaid import MOST_EDGES, MOST_TEXT, fitting
from rbaclens.graph.formats.text import clean
from rbaclens.graph.model import Edge, Graph, Node, edge_data, node_data

DATA = Path(__file__).parent.parent / "data"
SAMPLES = pytest.mark.parametrize("sample", [plain, nasty])
GRAPHVIZ = pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz: apt-get install graphviz")
TEXTS = [name for name in FORMATS if name not in ("svg", "png")]


def expected(graph, text=clean):
    """Nodes and edges with what they say."""
    nodes = {
        text(node.id): {key: text(value) if isinstance(value, str) else value for key, value in node_data(node).items()}
        for node in graph.nodes
    }
    edges = sorted(
        (text(edge.source), text(edge.target), sorted((key, text(str(value))) for key, value in edge_data(edge).items()))
        for edge in graph.edges
    )
    return nodes, edges


def read(graph, drop=()):
    """The same of what networkx has read."""
    edges = sorted(
        (source, target, sorted((key, str(value)) for key, value in data.items() if key not in drop))
        for source, target, data in graph.edges(data=True)
    )
    return {node: {key: value for key, value in data.items() if key not in drop} for node, data in graph.nodes(data=True)}, edges


@SAMPLES
def test_graphml(sample):
    """GraphML is valid, and networkx reads every node, edge and typed attribute from it."""
    graph = sample()
    written = render(graph, "graphml")
    xmlschema.XMLSchema(DATA / "graphml.xsd").validate(io.BytesIO(written))
    found = networkx.parse_graphml(written.decode(), force_multigraph=True)
    found = networkx.relabel_nodes(found, networkx.get_node_attributes(found, "node_id"))
    assert read(found, {"node_id", "id"}) == expected(graph)


@SAMPLES
def test_gexf(sample):
    """GEXF is valid, and networkx reads every node, edge and typed attribute from it."""
    graph = sample()
    written = render(graph, "gexf")
    xmlschema.XMLSchema(DATA / "gexf.xsd").validate(io.BytesIO(written))
    found = networkx.MultiDiGraph(networkx.read_gexf(io.BytesIO(written)))
    nodes, edges = expected(graph)
    assert {node: {key: data.get(key) for key in nodes[node]} for node, data in found.nodes(data=True)} == nodes
    assert read(found, {"id", "viz"})[1] == edges


@SAMPLES
def test_json(sample):
    """The JSON names its schema, and networkx reads it as a node-link graph that equals our own conversion."""
    graph = sample()
    data = json.loads(render(graph, "json"))
    assert data["schema"] == "rbaclens.graph/v1"
    assert data["graph"] == {"name": graph.name, "notes": list(graph.notes)}
    found = networkx.node_link_graph(data, edges="edges")
    assert read(found) == expected(graph, str) == read(graph.to_networkx())


@SAMPLES
def test_cytoscape(sample):
    """networkx reads Cytoscape's JSON; what cytoscape.js makes of it, test_browser asks."""
    graph = sample()
    data = json.loads(render(graph, "cytoscape"))
    found = networkx.cytoscape_graph({**data, "directed": True, "multigraph": True, "data": []}, name="label", ident="id")
    assert read(found, {"id", "source", "target", "name", "value", "key"})[1] == read(graph.to_networkx(), {"name", "value"})[1]
    assert set(found.nodes) == {node.id for node in graph.nodes}


@SAMPLES
def test_csv(sample):
    """The two tables hold every node and edge, and no cell that a spreadsheet would run."""
    graph = sample()
    edges = list(csv.DictReader(io.StringIO(render(graph, "csv").decode(), newline="")))
    nodes = list(csv.DictReader(io.StringIO(csv_nodes(graph), newline="")))
    for row in (*edges, *nodes):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
    assert [row["id"] for row in nodes] == [clean(node.id) for node in graph.nodes]
    assert [(row["source"], row["target"], row["label"].removeprefix("'")) for row in edges] == [
        (clean(edge.source), clean(edge.target), clean(edge.label).removeprefix("'")) for edge in graph.edges
    ]


@SAMPLES
def test_cypher(sample):
    """Every statement is Neo4j's Cypher to a parser of it, and strings mean what they should."""
    graph = sample()
    text = render(graph, "cypher").decode()
    code = "\n".join(line for line in text.split("\n") if not line.startswith("//"))
    statements = [one for one in code.split(";\n") if one.strip()]
    assert all(len(Neo4j().parse(one)) == 1 for one in statements)
    assert statements[0].startswith("CREATE CONSTRAINT")
    ids = [ast.literal_eval(one) for one in re.findall(r"^\{id: ('(?:[^'\\]|\\.)*')", code, re.MULTILINE)]
    assert sorted(ids) == sorted(clean(node.id) for node in graph.nodes)
    assert len(re.findall(r"^\{source: ", code, re.MULTILINE)) == len(graph.edges)


def test_cypher_batches():
    """A large graph comes in statements that a server takes, not in one of a hundred megabytes."""
    nodes = [Node(f"user:{number:04}", "user", "u") for number in range(1200)]
    text = render(Graph("g", nodes, []), "cypher").decode()
    assert text.count("UNWIND") == 3


def unquoted(text):
    """What a quoted string of Graphviz means, as we write it."""
    return re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), text[1:-1])


@SAMPLES
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pydot's, of its parser
def test_dot(sample):
    """pydot reads every node and edge with kind and attributes."""
    graph = sample()
    (found,) = pydot.graph_from_dot_data(render(graph, "dot").decode())
    nodes = {unquoted(node.get_name()): node for node in found.get_nodes() if node.get_name() not in ("node", "edge", "graph")}
    # Ids longer than Graphviz takes are cut; no name in a cluster is.
    assert {one[:2000] for one in nodes} == {clean(node.id)[:2000] for node in graph.nodes}
    assert {unquoted(node.get("kind")) for node in nodes.values()} == {node.kind for node in graph.nodes}
    ends = sorted(
        (unquoted(one.get_source())[:2000], unquoted(one.get_destination())[:2000], unquoted(one.get("kind"))) for one in found.get_edges()
    )
    assert ends == sorted((clean(edge.source)[:2000], clean(edge.target)[:2000], edge.kind) for edge in graph.edges)


@GRAPHVIZ
@SAMPLES
def test_dot_by_graphviz(sample):
    """Graphviz itself reads it without a word of complaint."""
    done = subprocess.run(["dot", "-Tcanon"], input=render(sample(), "dot"), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@GRAPHVIZ
@SAMPLES
def test_pictures(sample):
    """SVG is XML with a drawn element for every node and edge; PNG is a PNG."""
    graph = sample()
    root = ElementTree.fromstring(render(graph, "svg"))  # noqa: S314
    drawn = [one.get("class") for one in root.iter("{http://www.w3.org/2000/svg}g")]
    assert (drawn.count("node"), drawn.count("edge")) == (len(graph.nodes), len(graph.edges))
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    assert render(graph, "png").startswith(b"\x89PNG\r\n\x1a\n")


def test_without_graphviz(monkeypatch):
    """Where Graphviz is not installed, the error says which package has it, and which format needs none."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(RbaclensError, match="dot is not here") as caught:
        render(plain(), "svg")
    assert "apt-get install graphviz" in caught.value.help


def test_graphviz_that_fails(monkeypatch, tmp_path):
    """What Graphviz says when it fails is passed on."""
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'Error: out of ink' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(RbaclensError, match="out of ink"):
        render(plain(), "png")


def test_mermaid_fits():
    """A graph with more edges than Mermaid draws is folded until it draws it, and the notes say so."""
    nodes = [Node(f"user:{number:02}", "user", f"u{number}") for number in range(40)]
    edges = [Edge(one.id, two.id, "may", "get") for one in nodes for two in nodes]
    smaller = fitting(Graph("g", nodes, edges))
    assert len(smaller.edges) <= MOST_EDGES
    assert len(render(smaller, "mermaid")) <= MOST_TEXT
    assert "are folded" in smaller.notes[-1]


@pytest.mark.parametrize("name", TEXTS)
def test_same_graph_same_bytes(name):
    """Writing twice gives the same bytes, in UTF-8, with a line break at the end."""
    first = render(plain(), name)
    assert first == render(plain(), name)
    assert first.decode().endswith("\n")


@pytest.mark.parametrize("name", TEXTS)
def test_an_empty_graph(name):
    """Nothing to show is a graph as well."""
    assert render(Graph("nothing", [], []), name).strip()


def test_html_fetches_nothing():
    """The page names no other place to load from, and data cannot end the element that they stand in."""
    page = render(nasty(), "html").decode()
    head, data, rest = page.partition('<script id="data" type="application/json">')
    assert "default-src 'none'" in head
    inside, _, _ = rest.partition("</script>")
    assert len(json.loads(inside)["nodes"]) == len(NASTY)
    assert not re.search(r'(src|href)="', page.partition("<script>")[0])
    assert data


def test_folded_nodes_keep_their_members():
    """Who was folded can still be read from the data formats."""
    nodes = [Node(f"user:{number}", "user", f"u{number}") for number in range(9)]
    data = json.loads(render(limit(Graph("g", nodes, []), 3), "json"))
    assert sum(node.get("count", 1) for node in data["nodes"]) == 9
    assert {name for node in data["nodes"] for name in node.get("members", node["label"]).split(", ")} == {f"u{n}" for n in range(9)}
