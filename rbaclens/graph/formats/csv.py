"""Tables that no spreadsheet takes for formulas: the edges, and beside them the nodes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from rbaclens.graph.formats.text import clean, edge_columns, literal, node_columns
from rbaclens.graph.kinds import Value
from rbaclens.graph.model import Graph, edge_data, node_data


def write(graph: Graph) -> str:
    """The edges: ``source``, ``target``, and what they say."""
    rows = [edge_data(edge) for edge in graph.edges]
    names = list(edge_columns(rows)) or ["kind", "label"]
    ends = ((clean(edge.source), clean(edge.target)) for edge in graph.edges)
    return _table(["source", "target", *names], ((*pair, *_cells(row, names)) for pair, row in zip(ends, rows, strict=True)))


def nodes(graph: Graph) -> str:
    """The nodes: ``id``, and what they say."""
    rows = [node_data(node) for node in graph.nodes]
    names = list(node_columns(rows)) or ["kind", "label"]
    return _table(["id", *names], ((clean(node.id), *_cells(row, names)) for node, row in zip(graph.nodes, rows, strict=True)))


def _cells(row: dict[str, Value], names: Sequence[str]) -> list[str]:
    return [literal(row.get(name, "")) for name in names]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _harmless(cell: str) -> str:
    """``cell`` with an apostrophe before it where a spreadsheet would read a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
