"""Every way to write a graph: one file per format, and the table of them.

A format's module has ``write(graph)``, which returns text or, where it draws pixels, bytes. Nothing is written that depends on
anything but the graph: the same graph gives the same bytes.
"""

from __future__ import annotations

from importlib import import_module

import msgspec

from rbaclens.graph.model import Graph


class Format(msgspec.Struct, frozen=True):
    """One format: what it is for. ``most`` is how many nodes it shows unless somebody asks for more (0: all)."""

    name: str
    meaning: str
    most: int = 0
    is_binary: bool = False


FORMATS = {
    one.name: one
    for one in (
        Format("dot", "Graphviz's language, which many programs draw", most=150),
        Format("svg", "a picture that scales, drawn by Graphviz", most=150),
        Format("png", "a picture of pixels, drawn by Graphviz", most=60, is_binary=True),
        Format("html", "one page to look around in, without any network", most=300),
        Format("mermaid", "a diagram in a Markdown page", most=100),
        Format("json", "nodes and edges as data, in the node-link form that networkx reads"),
        Format("graphml", "XML for yEd, Gephi, networkx"),
        Format("gexf", "XML for Gephi, with colours"),
        Format("cytoscape", "the JSON of Cytoscape and cytoscape.js, with a style"),
        Format("csv", "edges as a table; into a folder: nodes.csv and edges.csv"),
        Format("cypher", "statements for Neo4j and what speaks its language"),
    )
}


def render(graph: Graph, name: str) -> bytes:
    """``graph`` in the format ``name``; raises RbaclensError where a picture cannot be drawn."""
    written: str | bytes = import_module(f"rbaclens.graph.formats.{name}").write(graph)
    return written if isinstance(written, bytes) else written.encode()
