"""Mermaid's flowchart, which Markdown pages draw. Its words are few, so that attributes other than kind and label are left out."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.fold import limit
from rbaclens.graph.formats.style import caption, look, wrapped
from rbaclens.graph.formats.text import clean, one_line
from rbaclens.graph.model import Edge, Graph, Node

MOST_EDGES, MOST_TEXT = 500, 50_000
"""What Mermaid draws unless a page's owner allows more (``maxEdges``, ``maxTextSize``)."""


def fitting(graph: Graph) -> Graph:
    """The graph, folded further until Mermaid draws it."""
    most = len(graph.nodes)
    smaller = graph
    while (len(smaller.edges) > MOST_EDGES or len(write(smaller)) > MOST_TEXT) and most > 1:
        most = most * 3 // 4
        smaller = limit(graph, most)
    return smaller


def write(graph: Graph) -> str:
    """A flowchart from left to right."""
    return "\n".join((*_lines(graph), ""))


def _lines(graph: Graph) -> Iterator[str]:
    yield "flowchart LR"
    yield from (f"%% {one_line(note).replace('{', '(').replace('}', ')')}" for note in graph.notes)
    number = {node.id: f"n{at}" for at, node in enumerate(graph.nodes)}
    for node in graph.nodes:
        opening, closing = look(node.kind).mermaid
        yield f'  {number[node.id]}{opening}"{_label(node)}"{closing}'
    for edge in graph.edges:
        yield f"  {number[edge.source]} {_arrow(edge)} {number[edge.target]}"
    for kind in dict.fromkeys(node.kind for node in graph.nodes):
        style = look(kind)
        members = ",".join(number[node.id] for node in graph.nodes if node.kind == kind)
        name = kind.replace("-", "_")
        yield f"  classDef {name}_kind fill:{style.fill},stroke:{style.line},color:{style.text}"
        yield f"  class {members} {name}_kind"


def _label(node: Node) -> str:
    small, name = caption(node)
    return f"<small>{_text(small)}</small><br/>" + "<br/>".join(map(_text, wrapped(name)))


def _arrow(edge: Edge) -> str:
    arrow = "-.->" if edge.kind == "member-of" else "-->"
    return f'{arrow}|"{"<br/>".join(map(_text, wrapped(edge.label, 26)))}"|' if edge.label else arrow


def _text(text: str) -> str:
    """Everything that Mermaid, or the Markdown in its labels, could take for its own is written as a number."""
    return "".join(char if char.isalnum() or char in " .,:/-" else f"#{ord(char)};" for char in clean(text).replace("\n", " "))
