"""Where things stand: from an origin to line and column, worked out only when somebody asks."""

from __future__ import annotations

import bisect
from itertools import accumulate
from typing import Any

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Location, Origin, Step
from rbaclens.sources import scanner
from rbaclens.sources.text import Chunk

LINE_STEP = "line"
_BLOCK = 1 << 16
_CONTINUATION = bytes(range(0x80, 0xC0))


class SourceMap:
    """The texts that were read, by name; calling it locates an origin, as ``PolicySet.locate``."""

    def __init__(self) -> None:
        self._texts: dict[str, SourceText] = {}

    def add(self, text: SourceText) -> None:
        """Remember a text under its name."""
        self._texts[text.name] = text

    def __call__(self, origin: Origin) -> Location:
        """File, line and column of an origin; of what holds it where the origin leads nowhere."""
        text = self._texts.get(origin.file)
        return text.locate(origin) if text else Location(origin.file)


class SourceText:
    """One text and its documents. ``chunks`` may be empty for a text that is only lines (ABAC)."""

    def __init__(self, name: str, data: bytes, chunks: list[Chunk]) -> None:
        self.name = name
        self.data = data
        self.chunks = chunks
        self._newlines: list[int] | None = None
        self._characters: list[int] | None = None
        self._elements: dict[tuple[int, tuple[Step, ...]], list[tuple[int, int]]] = {}
        self._nodes: dict[int, Any] = {}

    def locate(self, origin: Origin) -> Location:
        """Line and column of ``origin``, from 1."""
        if origin.path[:1] == (LINE_STEP,) and isinstance(origin.path[1], int):
            return Location(self.name, origin.path[1], 1)
        if origin.document >= len(self.chunks):
            return Location(self.name)
        chunk = self.chunks[origin.document]
        if chunk.json:
            return self.at(self._json_offset(chunk, origin))
        return self._yaml_location(chunk, origin)

    def at(self, offset: int) -> Location:
        """Line and column of a byte offset."""
        line = self.line_of(offset)
        start = self.newlines[line - 1] + 1 if line else 0
        return Location(self.name, line + 1, self._characters_before(offset) - self._characters_before(start) + 1)

    def line_of(self, offset: int) -> int:
        """The line of a byte offset, from 0."""
        return bisect.bisect_left(self.newlines, offset)

    @property
    def newlines(self) -> list[int]:
        """The offsets of all line ends, found once."""
        if self._newlines is None:
            ends = accumulate(self.data.split(b"\n")[:-1], lambda end, line: end + len(line) + 1, initial=-1)
            self._newlines = list(ends)[1:]
        return self._newlines

    def _characters_before(self, offset: int) -> int:
        """Number of characters before a byte offset, from checkpoints, so that a file of one long line stays cheap."""
        if self._characters is None:
            if self.data.isascii():
                self._characters = []
            else:
                blocks = (self.data[at : at + _BLOCK] for at in range(0, len(self.data), _BLOCK))
                self._characters = list(accumulate((_characters(block) for block in blocks), initial=0))
        if not self._characters:
            return offset
        block = offset // _BLOCK
        return self._characters[block] + _characters(self.data[block * _BLOCK : offset])

    def _json_offset(self, chunk: Chunk, origin: Origin) -> int:
        path = origin.path
        if path and isinstance(path[-1], int):
            known = self._elements.get((origin.document, path[:-1]), ())
            if path[-1] < len(known):
                return known[path[-1]][0]
        offset = scanner.skip_space(chunk.data, 0)
        text = chunk.data
        if offset:
            text = text[offset:]
        offset += chunk.start
        at = 0
        while at < len(path):
            step = path[at + 1] if at + 1 < len(path) else None
            items = self._items(offset, text, origin.document, path[: at + 1]) if isinstance(step, int) else []
            if isinstance(step, int) and step < len(items):
                offset, length = items[step]
                text, at = chunk.data[offset - chunk.start : offset - chunk.start + length], at + 2
                continue
            found, at = scanner.child(text, path[at]), at + 1
            if found is None:
                break
            offset, text = offset + found[0], found[1]
        return offset

    def _items(self, offset: int, text: bytes, document: int, path: tuple[Step, ...]) -> list[tuple[int, int]]:
        """Offsets and lengths of the items of the list at ``path``, which is in the object ``text``; found in one pass and kept, as
        people look at many of them."""
        found = self._elements.get((document, path))
        if found is None:
            array = scanner.child(text, path[-1])
            try:
                items = scanner.elements(array[1]) if array else []
            except (msgspec.DecodeError, RecursionError):
                items = []
            start = offset + array[0] if array else 0
            found = self._elements[document, path] = [(start + inner, len(item)) for inner, item in items]
        return found

    def _yaml_location(self, chunk: Chunk, origin: Origin) -> Location:
        first_line = self.line_of(chunk.start)
        node = self._node(chunk, origin.document, first_line)
        if node is None:
            return Location(self.name, first_line + 1, 1)
        for step in origin.path:
            found = _yaml_child(node, step)
            if found is None:
                break
            node = found
        return Location(self.name, first_line + node.start_mark.line + 1, node.start_mark.column + 1)

    def _node(self, chunk: Chunk, document: int, first_line: int) -> Any:
        if document not in self._nodes:
            from rbaclens.sources.yaml_text import compose

            try:
                self._nodes[document] = compose(chunk.data, self.name, document, first_line)
            except PolicyFileError:
                self._nodes[document] = None
        return self._nodes[document]


def _characters(data: bytes) -> int:
    return len(data.translate(None, _CONTINUATION))


def _yaml_child(node: Any, step: Step) -> Any:
    from rbaclens.sources.yaml_values import key_name, merged_mappings

    if isinstance(step, int):
        return node.value[step] if node.id == "sequence" and step < len(node.value) else None
    if node.id != "mapping":
        return None
    for key, value in node.value:
        if key.value == step or (key.id == "scalar" and key_name(key) == step):
            return value
    for mapping in merged_mappings(node):
        merged = _yaml_child(mapping, step)
        if merged is not None:
            return merged
    return None
