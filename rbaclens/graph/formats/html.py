"""One page with the graph in it, drawn by cytoscape.js, which is in it too: nothing is fetched from anywhere."""

from __future__ import annotations

from html import escape
from importlib.resources import files

import msgspec

from rbaclens.graph.formats.cytoscape import stylesheet
from rbaclens.graph.formats.layers import places
from rbaclens.graph.formats.style import caption, wrapped
from rbaclens.graph.formats.text import clean
from rbaclens.graph.model import Graph, Node, edge_data, node_data


def write(graph: Graph) -> str:
    """The page. Data stand in it as JSON that cannot end its element; the page shows them as text and never as markup."""
    root = files("rbaclens")
    page = (root / "graph" / "formats" / "page.html").read_text(encoding="utf-8")
    library = (root / "explorer" / "vendor" / "cytoscape.min.js").read_text(encoding="utf-8")
    parts = {"NAME": escape(graph.name), "DATA": _data(graph), "LIBRARY": library}
    # Split, not replaced one after the other: what is put in is never looked at again.
    found = page.split("@@")
    return "".join(parts[part] if number % 2 else part for number, part in enumerate(found))


def _shown(node: Node) -> str:
    small, name = caption(node)
    return clean("\n".join((small, *wrapped(name, 30, 2))))


def _data(graph: Graph) -> str:
    nodes = [
        {
            "data": {"id": node.id, **node_data(node), "shown": _shown(node)},
            "position": {"x": x, "y": y},
        }
        for node, (x, y) in zip(graph.nodes, places(graph), strict=True)
    ]
    edges = [
        {"data": {"id": f"e{number}", "source": edge.source, "target": edge.target, **edge_data(edge)}}
        for number, edge in enumerate(graph.edges)
    ]
    everything = {"name": graph.name, "notes": graph.notes, "nodes": nodes, "edges": edges, "style": stylesheet()}
    text = msgspec.json.encode(everything).decode()
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
