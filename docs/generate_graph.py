"""Writes the tables of ``docs/graph.md`` from the declarations of kinds and formats."""

from __future__ import annotations

from pathlib import Path

PAGE = Path(__file__).resolve().parent / "graph.md"


def renewed(text: str) -> str:
    """The page with its tables as the program declares them today."""
    from rbaclens.graph.formats import FORMATS
    from rbaclens.graph.kinds import EDGE_KINDS, NODE_KINDS

    tables = {
        "nodes": _kinds(NODE_KINDS),
        "edges": _kinds(EDGE_KINDS),
        "formats": "\n".join(
            ["| format | what it is | shows at most |", "|---|---|---|"]
            + [f"| `{one.name}` | {one.meaning} | {f'{one.most} nodes' if one.most else 'everything'} |" for one in FORMATS.values()]
        ),
    }
    for name, table in tables.items():
        head, opening, rest = text.partition(f"<!-- {name} -->\n")
        text = head + opening + table + "\n" + rest[rest.index(f"<!-- /{name} -->") :]
    return text


def _kinds(kinds: dict) -> str:
    rows = ["| kind | what it stands for | attributes |", "|---|---|---|"]
    for kind in kinds.values():
        attributes = "<br>".join(f"`{name}`: {meaning}" for name, meaning in kind.attributes.items())
        rows.append(f"| `{kind.name}` | {kind.meaning} | {attributes} |")
    return "\n".join(rows)
