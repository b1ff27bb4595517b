"""Where things stand: from an origin to line and column, worked out only when somebody asks."""

from __future__ import annotations

import bisect
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Location, Origin, Step
from rbaclens.sources import scanner
from rbaclens.sources.text import Chunk
from rbaclens.sources.wire import Items

if TYPE_CHECKING:
    from yaml.nodes import Node

LINE_STEP = "line"
_BLOCK = 1 << 16
_CONTINUATION = bytes(range(0x80, 0xC0))
_decode_items = msgspec.json.Decoder(Items).decode


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
        self._elements: dict[tuple[int, tuple[Step, ...]], list[int]] = {}
        self._nodes: dict[int, Node | None] = {}

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
        start = scanner.skip_space(chunk.data, 0)
        path, position = origin.path, start
        for number, step in enumerate(path):
            found: int | None
            if isinstance(step, str):
                found = scanner.member(chunk.data, position, step)
            elif number and path[number - 1] == "items":
                offsets = self._items(chunk, origin.document, path[:number], position)
                found = offsets[step] if step < len(offsets) else None
            else:
                found = scanner.element(chunk.data, position, step)
            if found is None:
                break
            position = found
        return chunk.start + position

    def _items(self, chunk: Chunk, document: int, path: tuple[Step, ...], position: int) -> list[int]:
        """The offsets of the items of the list whose array is at ``position``, found in one pass and kept."""
        if (document, path) not in self._elements:
            text = chunk.data[position : scanner.value_end(chunk.data, position)] if len(path) > 1 else None
            try:
                # The decoder knows every item's length; for the document's own list it need not even be told the list's end.
                raws = _decode_items(chunk.data).items if text is None else _decode_items(b'{"items":' + text + b"}").items
                self._elements[document, path] = scanner.elements(chunk.data, position, raws or [])
            except (msgspec.DecodeError, RecursionError):
                self._elements[document, path] = []
        return self._elements[document, path]

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

    def _node(self, chunk: Chunk, document: int, first_line: int) -> Node | None:
        if document not in self._nodes:
            from rbaclens.sources.yaml_text import compose

            try:
                self._nodes[document] = compose(chunk.data, self.name, document, first_line)
            except PolicyFileError:
                self._nodes[document] = None
        return self._nodes[document]


def _characters(data: bytes) -> int:
    return len(data.translate(None, _CONTINUATION))


def _yaml_child(node: Node, step: Step) -> Node | None:
    from rbaclens.sources.yaml_values import key_name, merged_mappings

    if isinstance(step, int):
        return node.value[step] if node.id == "sequence" and step < len(node.value) else None
    if node.id != "mapping":
        return None
    for key, value in node.value:
        if key.value == step or (key.id == "scalar" and key_name(key) == step):
            found: Node = value
            return found
    for mapping in merged_mappings(node):
        merged = _yaml_child(mapping, step)
        if merged is not None:
            return merged
    return None
