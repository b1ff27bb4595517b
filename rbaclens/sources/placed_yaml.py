"""YAML (and JSON) as values that know where they stand, each text down to its characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import cast

from rbaclens.model.location import Location
from rbaclens.model.placed import Placed, Scalar
from rbaclens.sources import files, text
from rbaclens.sources.yaml_text import Node, compose
from rbaclens.sources.yaml_values import Constructor, is_merge, key_name, merged_mappings

_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def read_placed(path: str) -> list[Placed]:
    """The documents of a file, without empty ones. Raises ``PolicyFileError`` with line and column."""
    return placed_documents(text.to_utf8(files.read(path), path), path)


def placed_documents(data: bytes, name: str) -> list[Placed]:
    """The documents of a text, which is called ``name``."""
    found = []
    for number, chunk in enumerate(text.yaml_documents(data)):
        reader = _Reader(chunk.data, name, number, data.count(b"\n", 0, chunk.start))
        node = compose(chunk.data, name, number, reader.first_line)
        if node is not None:
            # Keys that stand twice, unknown tags and merges that are none are found here.
            Constructor(name, number, reader.first_line).value(node)
            found.append(reader.placed(node))
    return found


class _Reader:
    """Makes placed values of one document's nodes."""

    def __init__(self, data: bytes, name: str, document: int, first_line: int) -> None:
        self.name, self.first_line = name, first_line
        self._lines = _LINE_BREAK.split(data.decode())
        self._constructor = Constructor(name, document, first_line)

    def placed(self, node: Node) -> Placed:
        """A node with all that is in it."""
        at = self._location(node.start_mark.line, node.start_mark.column)
        if node.id == "sequence":
            return Placed([self.placed(item) for item in node.value], at)
        if node.id == "mapping":
            return self._mapping(node, at)
        value = cast("Scalar", self._constructor.value(node))
        return Placed(value, at, spot=partial(self._spot, node) if isinstance(value, str) else None)

    def _mapping(self, node: Node, at: Location) -> Placed:
        made: dict[str, Placed] = {}
        keys: dict[str, Location] = {}
        for mapping in reversed(merged_mappings(node)):
            inner = self.placed(mapping)
            if isinstance(inner.value, dict):
                made, keys = {**inner.value, **made}, {**inner.keys, **keys}
        for key, value in node.value:
            if not is_merge(key):
                name = key_name(key) or ""
                made[name], keys[name] = self.placed(value), self._location(key.start_mark.line, key.start_mark.column)
        return Placed(made, at, keys)

    def _location(self, line: int, column: int) -> Location:
        return Location(self.name, self.first_line + line + 1, column + 1)

    def _spot(self, node: Node, number: int) -> Location:
        """Where a character of a scalar stands; of one that YAML made of a line break, where the next one does."""
        content: str = node.value
        while number < len(content) and content[number].isspace():
            number += 1
        ahead = sum(not char.isspace() for char in content[:number])
        last = self._location(node.start_mark.line, node.start_mark.column)
        for count, (line, column) in enumerate(self._characters(node)):
            last = self._location(line, column)
            if count == ahead:
                return last
        return Location(last.file, last.line, last.column + 1)  # behind the end

    def _characters(self, node: Node) -> Iterator[tuple[int, int]]:
        """Where each character that is no space stands in the text: YAML folds and indents, but keeps those and their order."""
        start, end = node.start_mark, node.end_mark
        quote = node.style if node.style in ("'", '"') else ""
        line, column = (start.line + 1, 0) if node.style in ("|", ">") else (start.line, start.column + len(quote))
        while (line, column) < (end.line, end.column) and line < len(self._lines):
            written = self._lines[line]
            stop = end.column - len(quote) if line == end.line else len(written)
            while column < stop:
                length = _length(written, column, quote)
                if not _is_space(written, column, quote):
                    yield line, column
                column += length
            line, column = line + 1, 0


def _length(written: str, column: int, quote: str) -> int:
    """How many characters of the file make one of the text."""
    if quote == "'" and written.startswith("''", column):
        return 2
    if quote == '"' and written[column] == "\\":
        return _ESCAPE_LENGTHS.get(written[column + 1 : column + 2], 2)
    return 1


def _is_space(written: str, column: int, quote: str) -> bool:
    if quote == '"' and written[column] == "\\":
        return written[column + 1 : column + 2] in ("", "n", "t", " ", "r", "\t")
    return written[column].isspace()
