"""What all formats do to text and attributes before they escape them in their own way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rbaclens.graph.kinds import EDGE_KINDS, NODE_KINDS, Kind, Value

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """``text`` without what no file should hold: a control character becomes its picture (␀), other such characters become �.

    Surrogates and most control characters are no XML; characters that turn the direction of reading make a name look like another.
    """
    return text if text.isprintable() else _UNSAFE.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def one_line(text: str) -> str:
    """``text`` where a line break would end a comment."""
    return " ".join(clean(text).split())


Columns = dict[str, str]
"""Names of attributes, in order, with the type of each: string, long, double or boolean."""

_TYPES = {str: "string", int: "long", float: "double", bool: "boolean"}


def columns(rows: Iterable[Mapping[str, Value]], kinds: Mapping[str, Kind]) -> Columns:
    """The attributes that occur, in the order of their declaration; one that has several types is text."""
    found: Columns = {}
    for row in rows:
        for key, value in row.items():
            own = _TYPES[type(value)]
            if found.setdefault(key, own) != own:
                found[key] = "double" if {found[key], own} == {"long", "double"} else "string"
    declared = [
        "node_id",
        "kind",
        "label",
        *(("object_kind" if key == "kind" else key) for kind in kinds.values() for key in kind.attributes),
    ]
    rank = {key: place for place, key in reversed(list(enumerate(declared)))}
    return {key: found[key] for key in sorted(found, key=lambda key: (rank.get(key, len(rank)), key))}


def node_columns(rows: Iterable[Mapping[str, Value]]) -> Columns:
    """The columns of nodes."""
    return columns(rows, NODE_KINDS)


def edge_columns(rows: Iterable[Mapping[str, Value]]) -> Columns:
    """The columns of edges."""
    return columns(rows, EDGE_KINDS)


def literal(value: Value) -> str:
    """A value as text, as XML and tables write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(str(value))
