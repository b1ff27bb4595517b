"""GEXF 1.2: typed attributes and the colours of kinds, for Gephi."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from rbaclens.graph.formats.graphml import attribute, xml
from rbaclens.graph.formats.style import EDGE_COLOUR, EDGE_COLOURS, look
from rbaclens.graph.formats.text import Columns, edge_columns, literal, node_columns
from rbaclens.graph.kinds import Value
from rbaclens.graph.model import Graph, edge_data, node_data

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://www.gexf.net/1.2draft" xmlns:viz="http://www.gexf.net/1.2draft/viz" version="1.2">"""


def write(graph: Graph) -> str:
    """The graph as one document."""
    return "\n".join((*_lines(graph), ""))


def _lines(graph: Graph) -> Iterator[str]:
    # The label has a place of its own.
    nodes, edges = [node_data(node) for node in graph.nodes], [edge_data(edge) for edge in graph.edges]
    of_nodes, of_edges = _without_label(node_columns(nodes)), _without_label(edge_columns(edges))
    yield _HEAD
    about = "; ".join((graph.name, *graph.notes))
    yield f"<meta><creator>rbaclens</creator><description>{xml(about)}</description></meta>"
    yield '<graph defaultedgetype="directed" mode="static">'
    yield from _declared("node", of_nodes)
    yield from _declared("edge", of_edges)
    node_numbers, edge_numbers = _numbers(of_nodes), _numbers(of_edges)
    yield "<nodes>"
    for node, row in zip(graph.nodes, nodes, strict=True):
        values = f"{_values(row, node_numbers)}{_colour(look(node.kind).line)}"
        yield f"<node id={attribute(node.id)} label={attribute(node.label)}>{values}</node>"
    yield "</nodes>"
    yield "<edges>"
    for number, (edge, row) in enumerate(zip(graph.edges, edges, strict=True)):
        ends = f"source={attribute(edge.source)} target={attribute(edge.target)} label={attribute(edge.label)}"
        colour = _colour(EDGE_COLOURS.get(edge.kind, EDGE_COLOUR))
        yield f'<edge id="{number}" {ends}>{_values(row, edge_numbers)}{colour}</edge>'
    yield "</edges>"
    yield "</graph>"
    yield "</gexf>"


def _without_label(columns: Columns) -> Columns:
    return {name: kind for name, kind in columns.items() if name != "label"}


def _declared(element: str, columns: Columns) -> Iterator[str]:
    yield f'<attributes class="{element}">'
    for number, (name, kind) in enumerate(columns.items()):
        yield f'<attribute id="{number}" title={attribute(name)} type="{kind}"/>'
    yield "</attributes>"


def _numbers(columns: Columns) -> dict[str, str]:
    return {name: f'<attvalue for="{number}" value=' for number, name in enumerate(columns)}


def _values(row: dict[str, Value], opening: dict[str, str]) -> str:
    values = "".join([f"{opening[name]}{attribute(literal(value))}/>" for name, value in row.items() if name != "label"])
    return f"<attvalues>{values}</attvalues>"


@cache
def _colour(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f'<viz:color r="{red}" g="{green}" b="{blue}"/>'
