"""The JSON of Cytoscape (``.cyjs``) and of cytoscape.js, with a style for both kinds of elements."""

from __future__ import annotations

from typing import Any

import msgspec

from rbaclens.graph.formats.json import encoded
from rbaclens.graph.formats.style import EDGE_COLOUR, EDGE_COLOURS, LOOKS
from rbaclens.graph.formats.text import clean
from rbaclens.graph.model import Graph, edge_data, node_data


def write(graph: Graph) -> str:
    """What ``cytoscape({...})`` takes: ``elements`` and ``style``. networkx wants a ``value`` of each node, and edges' ``key``."""
    data = msgspec.json.encode({"name": clean(graph.name), "notes": [clean(note) for note in graph.notes]}).decode()
    nodes = ",\n".join(f'{{"data":{encoded({"id": node.id, "value": node.id, **node_data(node)})}}}' for node in graph.nodes)
    edges = ",\n".join(
        f'{{"data":{encoded({"id": f"e{number}", "key": f"e{number}", "source": edge.source, "target": edge.target, **edge_data(edge)})}}}'
        for number, edge in enumerate(graph.edges)
    )
    return (
        f'{{\n"format_version": "1.0",\n"target_cytoscapejs_version": "~3.30",\n"data": {data},\n'
        f'"elements": {{"nodes": [\n{nodes}\n],\n"edges": [\n{edges}\n]}},\n"style": {msgspec.json.encode(stylesheet()).decode()}\n}}\n'
    )


def stylesheet() -> list[dict[str, Any]]:
    """How elements look, for cytoscape.js."""
    nodes = [
        {
            "selector": f'node[kind = "{kind}"]',
            "style": {"background-color": look.fill, "border-color": look.line, "color": look.text, "shape": look.cytoscape},
        }
        for kind, look in LOOKS.items()
    ]
    edges = [
        {"selector": f'edge[kind = "{kind}"]', "style": {"line-color": colour, "target-arrow-color": colour}}
        for kind, colour in EDGE_COLOURS.items()
    ]
    text = {"font-family": "system-ui, sans-serif", "text-wrap": "wrap"}
    node = {"label": "data(label)", "font-size": 11, "text-valign": "center", "width": 150, "height": 38, "padding": 6, "border-width": 1.5}
    edge = {"label": "data(label)", "font-size": 8, "curve-style": "bezier", "target-arrow-shape": "triangle", "width": 1.2}
    return [
        {"selector": "node", "style": {**node, **text, "text-max-width": 145}},
        {
            "selector": "edge",
            "style": {**edge, **text, "line-color": EDGE_COLOUR, "target-arrow-color": EDGE_COLOUR, "text-max-width": 110},
        },
        *nodes,
        *edges,
        {"selector": 'edge[kind = "member-of"]', "style": {"line-style": "dashed"}},
    ]
