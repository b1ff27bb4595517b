"""GraphML: typed attributes, declared once as keys.

Its schema wants ids to be name tokens, which ``sa:shop/web`` is none: nodes are n0, n1 …, and ``node_id`` says who that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape

from rbaclens.graph.formats.text import Columns, clean, edge_columns, literal, node_columns
from rbaclens.graph.kinds import Value
from rbaclens.graph.model import Graph, edge_data, node_data

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">"""


def write(graph: Graph) -> str:
    """The graph as one document."""
    return "\n".join((*_lines(graph), ""))


def _lines(graph: Graph) -> Iterator[str]:
    nodes, edges = [{"node_id": node.id, **node_data(node)} for node in graph.nodes], [edge_data(edge) for edge in graph.edges]
    of_nodes, of_edges = node_columns(nodes), edge_columns(edges)
    yield _HEAD
    yield from _keys("node", "v", of_nodes)
    yield from _keys("edge", "w", of_edges)
    yield '<key id="name" for="graph" attr.name="name" attr.type="string"/>'
    yield '<key id="notes" for="graph" attr.name="notes" attr.type="string"/>'
    yield '<graph id="G" edgedefault="directed">'
    yield f'<data key="name">{xml(graph.name)}</data>'
    if graph.notes:
        yield f'<data key="notes">{xml("; ".join(graph.notes))}</data>'
    of_node, of_edge = _numbers("v", of_nodes), _numbers("w", of_edges)
    position = graph.position
    for number, row in enumerate(nodes):
        yield f'<node id="n{number}">{_data(row, of_node)}</node>'
    for number, (edge, row) in enumerate(zip(graph.edges, edges, strict=True)):
        yield f'<edge id="e{number}" source="n{position[edge.source]}" target="n{position[edge.target]}">{_data(row, of_edge)}</edge>'
    yield "</graph>"
    yield "</graphml>"


def _keys(element: str, prefix: str, columns: Columns) -> Iterator[str]:
    for number, (name, kind) in enumerate(columns.items()):
        yield f'<key id="{prefix}{number}" for="{element}" attr.name={attribute(name)} attr.type="{kind}"/>'


def _numbers(prefix: str, columns: Columns) -> dict[str, str]:
    return {name: f'<data key="{prefix}{number}">' for number, name in enumerate(columns)}


def _data(row: dict[str, Value], opening: dict[str, str]) -> str:
    return "".join([f"{opening[name]}{xml(literal(value))}</data>" for name, value in row.items()])


@lru_cache(maxsize=1 << 16)
def xml(text: str) -> str:
    """``text`` between tags."""
    return escape(clean(text), quote=False)


@lru_cache(maxsize=1 << 16)
def attribute(text: str) -> str:
    """``text`` as an attribute's value, with its quotes; line breaks and tabs, which XML would turn into spaces, are kept."""
    return '"' + escape(clean(text)).replace("\n", "&#10;").replace("\t", "&#9;") + '"'
