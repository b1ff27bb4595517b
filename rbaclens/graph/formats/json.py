"""Nodes and edges as data, flat, in the node-link form: what networkx reads, and anything else."""

from __future__ import annotations

import msgspec

from rbaclens.graph.formats.text import clean
from rbaclens.graph.kinds import Value
from rbaclens.graph.model import Graph, edge_data, node_data

SCHEMA = "rbaclens.graph/v1"


def write(graph: Graph) -> str:
    """One object: ``schema``, ``graph`` (name, notes), ``nodes``, ``edges``; one node or edge a line."""
    head = msgspec.json.encode({"name": graph.name, "notes": list(graph.notes)}).decode()
    nodes = ",\n".join(encoded({"id": node.id, **node_data(node)}) for node in graph.nodes)
    edges = ",\n".join(encoded({"source": edge.source, "target": edge.target, **edge_data(edge)}) for edge in graph.edges)
    return (
        f'{{\n"schema": "{SCHEMA}",\n"directed": true,\n"multigraph": true,\n"graph": {head},\n'
        f'"nodes": [\n{nodes}\n],\n"edges": [\n{edges}\n]\n}}\n'
    )


def encoded(row: dict[str, Value]) -> str:
    """One flat object; a surrogate, which no JSON text can hold, is replaced."""
    try:
        return msgspec.json.encode(row).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode({key: clean(value) if isinstance(value, str) else value for key, value in row.items()}).decode()
