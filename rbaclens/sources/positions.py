"""Where things stand: from an origin to line and column, worked out only when somebody asks."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from functools import cached_property
from itertools import accumulate
from typing import Any

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Location, Origin, Step
from rbaclens.sources import scanner
from rbaclens.sources.scanner import Span
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
        self._lists: dict[tuple[int, tuple[Step, ...]], list[Span]] = {}
        self._nodes: dict[int, Any] = {}

    def locate(self, origin: Origin) -> Location:
        """Line and column of ``origin``, from 1."""
        path = origin.path
        if path and path[0] == LINE_STEP and isinstance(path[1], int):
            return Location(self.name, path[1], 1)
        if origin.document >= len(self.chunks):
            return Location(self.name)
        chunk = self.chunks[origin.document]
        if chunk.json:
            return self.at(self._json_offset(origin))
        return self._yaml_location(chunk, origin)

    def at(self, offset: int) -> Location:
        """Line and column of a byte offset."""
        newlines = self.newlines
        line = bisect.bisect_left(newlines, offset)
        start = newlines[line - 1] + 1 if line else 0
        before = self._characters
        return Location(self.name, line + 1, (before(offset) - before(start) if before else offset - start) + 1)

    def line_of(self, offset: int) -> int:
        """The line of a byte offset, from 0."""
        return bisect.bisect_left(self.newlines, offset)

    @cached_property
    def newlines(self) -> list[int]:
        """The offsets of all line ends, found once."""
        ends = accumulate(self.data.split(b"\n")[:-1], lambda end, line: end + len(line) + 1, initial=-1)
        return list(ends)[1:]

    @cached_property
    def _characters(self) -> Callable[[int], int] | None:
        """Number of characters before a byte offset, from checkpoints, so that a file of one long line stays cheap; ``None`` where
        each byte is one."""
        if self.data.isascii():
            return None
        blocks = (self.data[at : at + _BLOCK] for at in range(0, len(self.data), _BLOCK))
        checkpoints = list(accumulate((_characters(block) for block in blocks), initial=0))

        def before(offset: int) -> int:
            block = offset // _BLOCK
            return checkpoints[block] + _characters(self.data[block * _BLOCK : offset])

        return before

    def _json_offset(self, origin: Origin) -> int:
        path = origin.path
        # Thousands of places stand in lists that were looked at before.
        items = self._lists.get((origin.document, path[:-1])) if path else None
        if items is not None and isinstance(step := path[-1], int) and step < len(items):
            return items[step][0]
        while (found := self._value(origin.document, path)) is None:
            path = path[:-1]
        return found[0]

    def _value(self, document: int, path: tuple[Step, ...]) -> Span | None:
        """Offset and length of the JSON value at ``path``."""
        if not path:
            chunk = self.chunks[document]
            space = scanner.skip_space(chunk.data, 0)
            return chunk.start + space, len(chunk.data) - space
        step = path[-1]
        if isinstance(step, int):
            items = self._items(document, path[:-1])
            return items[step] if step < len(items) else None
        holder = self._value(document, path[:-1])
        if holder is None:
            return None
        offset, length = holder
        found = scanner.member(self.data[offset : offset + length], step)
        return (offset + found[0], found[1]) if found else None

    def _items(self, document: int, path: tuple[Step, ...]) -> list[Span]:
        """Offsets and lengths of the items of the list at ``path``; found in one pass and kept, as people look at many of them."""
        found = self._lists.get((document, path))
        if found is None:
            offset, length = self._value(document, path) or (0, 0)
            found = self._lists[document, path] = scanner.elements(self.data[offset : offset + length], offset)
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
