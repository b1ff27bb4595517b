"""Graphviz's language. Every attribute is written, so that whatever reads it has them; the look is Graphviz's own."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from html import escape

from rbaclens.graph.formats.style import EDGE_COLOUR, EDGE_COLOURS, caption, look, wrapped
from rbaclens.graph.formats.text import clean, literal, one_line
from rbaclens.graph.model import Edge, Graph, Node, edge_data, node_data

_LONGEST = 2000
"""Graphviz refuses strings of more than 16 KiB; the members of a large node go on as an ellipsis."""
_OTHERWISE = ("label", "name")
"""Attributes that id, label and tooltip hold already; pydot would take ``name`` for the node's own."""
_FONT = "Helvetica,Arial,sans-serif"


def write(graph: Graph) -> str:
    """The graph as one directed graph."""
    return "\n".join((*_lines(graph), ""))


def _lines(graph: Graph) -> Iterator[str]:
    yield from (f"// {one_line(note)}" for note in graph.notes)
    yield f"digraph {quoted(graph.name)} {{"
    yield f'  graph [rankdir="LR", ranksep="1.1", nodesep="0.18", pad="0.3", fontname={quoted(_FONT)}, bgcolor="white"];'
    yield f'  node [fontname={quoted(_FONT)}, fontsize="12", style="filled", penwidth="1.2", margin="0.14,0.06", height="0.4"];'
    yield f'  edge [fontname={quoted(_FONT)}, fontsize="9", fontcolor="#4b5563", arrowsize="0.7"];'
    yield from map(_node, graph.nodes)
    yield from map(_edge, graph.edges)
    yield "}"


def _node(node: Node) -> str:
    style = look(node.kind)
    small, name = caption(node)
    text = "<BR/>".join(_markup(line) for line in wrapped(name))
    label = f'<<FONT POINT-SIZE="9" COLOR="{style.line if style.text != "#ffffff" else style.text}">{_markup(small)}</FONT><BR/>{text}>'
    shown = [
        f"label={label}",
        'shape="box", style="filled,rounded"' if style.shape == "rounded" else f'shape="{style.shape}"',
        f'fillcolor="{style.fill}"',
        f'color="{style.line}"',
        f'fontcolor="{style.text}"',
        f"tooltip={quoted(_cut(node.label))}",
    ]
    data = [f"{key}={quoted(_cut(literal(value)))}" for key, value in node_data(node).items() if key not in _OTHERWISE]
    return f"  {_id(node.id)} [{', '.join(shown + data)}];"


def _edge(edge: Edge) -> str:
    colour = EDGE_COLOURS.get(edge.kind, EDGE_COLOUR)
    lines = "\\n".join(_escaped(line) for line in wrapped(edge.label, 26))
    shown = [f'label="{lines}"', f'color="{colour}"']
    shown.append(f"tooltip={quoted(_cut(_hint(edge)))}")
    if edge.kind == "member-of":
        shown.append('style="dashed"')
    data = [f"{key}={quoted(_cut(literal(value)))}" for key, value in edge_data(edge).items() if key != "label"]
    return f"  {_id(edge.source)} -> {_id(edge.target)} [{', '.join(shown + data)}];"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _id(text: str) -> str:
    if len(text) <= _LONGEST:
        return quoted(text)
    # Cut ids must not meet: what is cut off is told by its digest.
    return quoted(f"{text[:_LONGEST]}…{sha256(text.encode(errors='replace')).hexdigest()[:16]}")


def _hint(edge: Edge) -> str:
    by = edge.attributes.get("by")
    return f"{edge.kind}: {by}" if by else edge.kind


def quoted(text: str) -> str:
    """A quoted string. Graphviz takes backslashes in labels for its own, so that each is written twice."""
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return clean(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _markup(text: str) -> str:
    return escape(clean(text).replace("\n", " "))
