"""Statements for Neo4j: a constraint, the nodes by kind, the edges by kind, in batches. Run twice, they make the same graph."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from rbaclens.graph.formats.text import clean, one_line
from rbaclens.graph.kinds import Value
from rbaclens.graph.model import Edge, Graph, Node, edge_data, node_data

_BATCH = 500
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def write(graph: Graph) -> str:
    """Statements, each ending in a semicolon and a line break."""
    return "\n".join((*_lines(graph), ""))


def _lines(graph: Graph) -> Iterator[str]:
    yield from (f"// {one_line(note)}" for note in (graph.name, *graph.notes))
    yield "CREATE CONSTRAINT rbaclens_id IF NOT EXISTS FOR (n:Rbaclens) REQUIRE n.id IS UNIQUE;"
    nodes: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes:
        nodes[node.kind].append(node)
    for kind in sorted(nodes):
        label = "".join(part.capitalize() for part in kind.split("-"))
        rows = (f"{{id: {_value(node.id)}, data: {_map(node_data(node))}}}" for node in nodes[kind])
        yield from _batches(rows, f"MERGE (n:Rbaclens {{id: row.id}}) SET n:`{label}`, n += row.data")
    edges: dict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        edges[edge.kind].append(edge)
    for kind in sorted(edges):
        name = kind.upper().replace("-", "_")
        rows = (
            f"{{source: {_value(edge.source)}, target: {_value(edge.target)}, label: {_value(edge.label)}, data: {_map(edge_data(edge))}}}"
            for edge in edges[kind]
        )
        yield from _batches(
            rows,
            "MATCH (a:Rbaclens {id: row.source}), (b:Rbaclens {id: row.target}) "
            f"MERGE (a)-[r:`{name}` {{label: row.label}}]->(b) SET r += row.data",
        )


def _batches(rows: Iterable[str], work: str) -> Iterator[str]:
    waiting = iter(rows)
    while some := list(islice(waiting, _BATCH)):
        yield "UNWIND [\n" + ",\n".join(some) + f"\n] AS row\n{work};"


def _map(data: dict[str, Value]) -> str:
    return "{" + ", ".join([f"{_name(key)}: {_value(value)}" for key, value in data.items()]) + "}"


@cache
def _name(key: str) -> str:
    return key if _PLAIN.fullmatch(key) else "`" + key.replace("`", "``") + "`"


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value)
    text = clean(value).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\t", "\\t")
    return f"'{text}'"
