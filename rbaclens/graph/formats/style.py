"""How kinds look, in every format that draws: colours, shapes, and the small line above a name."""

from __future__ import annotations

from typing import NamedTuple

from rbaclens.graph.fold import PLURALS
from rbaclens.graph.model import Node
from rbaclens.graph.permission import where


class Look(NamedTuple):
    """Fill, line and text colours; the shape's name for Graphviz, for cytoscape.js, and its brackets in Mermaid."""

    fill: str
    line: str
    text: str = "#111827"
    shape: str = "box"
    cytoscape: str = "rectangle"
    mermaid: tuple[str, str] = ("[", "]")


_STADIUM = ("([", "])")

LOOKS = {
    "user": Look("#dbeafe", "#2563eb", shape="rounded", cytoscape="round-rectangle", mermaid=_STADIUM),
    "group": Look("#e0e7ff", "#4f46e5", shape="rounded", cytoscape="round-rectangle", mermaid=_STADIUM),
    "service-account": Look("#ccfbf1", "#0f766e", shape="rounded", cytoscape="round-rectangle", mermaid=_STADIUM),
    "node-user": Look("#e2e8f0", "#475569", shape="rounded", cytoscape="round-rectangle", mermaid=_STADIUM),
    "binding": Look("#ffedd5", "#c2410c", cytoscape="tag", mermaid=(">", "]")),
    "role": Look("#fef3c7", "#b45309"),
    "abac-line": Look("#fae8ff", "#a21caf", shape="note", cytoscape="cut-rectangle"),
    "grant": Look("#fef3c7", "#b45309"),
    "permission": Look("#dcfce7", "#15803d"),
    "scope": Look("#f3e8ff", "#7e22ce", shape="folder", cytoscape="rectangle", mermaid=("[[", "]]")),
    "pod": Look("#cffafe", "#0e7490", shape="box", cytoscape="hexagon", mermaid=("{{", "}}")),
    "workload": Look("#cffafe", "#0e7490", shape="component", cytoscape="hexagon", mermaid=("{{", "}}")),
    "node": Look("#e5e7eb", "#374151", shape="box3d", cytoscape="barrel", mermaid=("[(", ")]")),
    "secret": Look("#fee2e2", "#b91c1c", shape="note", cytoscape="cut-rectangle"),
    "foothold": Look("#ffe4e6", "#be123c", shape="box", cytoscape="rhomboid", mermaid=("[/", "/]")),
    "sink": Look("#b91c1c", "#7f1d1d", "#ffffff", shape="octagon", cytoscape="octagon", mermaid=("{{", "}}")),
}
_OTHER = Look("#f3f4f6", "#4b5563")

EDGE_COLOURS = {"may": "#15803d", "member-of": "#6366f1", "attack": "#b91c1c", "aggregates": "#b45309"}
EDGE_COLOUR = "#6b7280"

_SINGULAR = {
    "node-user": "kubelet",
    "abac-line": "ABAC",
    "scope": "namespace",
    "service-account": "service account",
    "node": "node",
}


def look(kind: str) -> Look:
    """How nodes of a kind look."""
    return LOOKS.get(kind, _OTHER)


def caption(node: Node) -> tuple[str, str]:
    """A node's text in two parts: the small line that says what it is, and its name."""
    given = node.attributes
    if "count" in given:
        return f"{given['count']} {PLURALS.get(node.kind, node.kind)}", node.label.partition(": ")[2] or node.label
    scope = given.get("scope")
    if node.kind == "grant" and isinstance(scope, str) and given.get("role"):
        kind, _, name = str(given["role"]).partition(" ")
        return f"{kind}, {where(scope)}", name
    if node.kind == "permission" and isinstance(scope, str) and not given.get("path"):
        return where(scope), node.label.removesuffix(f" {where(scope)}")
    if node.kind == "permission":
        return ("path" if given.get("path") else "resource"), node.label
    if node.kind == "scope":
        return ("namespace", str(scope)) if scope and scope != "*" else ("scope", node.label)
    if node.kind in ("binding", "role", "workload"):
        return str(given.get("kind", node.kind)), node.label
    if node.kind == "abac-line":
        small, _, name = node.label.partition(": ")
        return small, name or node.label
    return _SINGULAR.get(node.kind, node.kind), node.label


def wrapped(text: str, width: int = 28, most: int = 3) -> list[str]:
    """``text`` in at most so many lines, broken after separators; what is left over becomes an ellipsis."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        cut = len(rest) if len(rest) <= width else _break(rest, width)
        lines.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    if rest:
        lines[-1] = f"{lines[-1][: width - 1]}…"
    return lines or [""]


def _break(text: str, width: int) -> int:
    places = [at for at in range(width // 2, width) if text[at] in " ,-/.:"]
    return places[-1] + 1 if places else width
