"""A picture of pixels, drawn by Graphviz."""

from __future__ import annotations

from rbaclens.graph.formats.graphviz import picture
from rbaclens.graph.model import Graph


def write(graph: Graph) -> bytes:
    """The graph, drawn."""
    return picture(graph, "png")
