"""YAML text to a node tree, safely: bounded nesting, bounded expansion of aliases, errors with their line.

Only this module and ``yaml_values`` know PyYAML, and it is imported when the first YAML text is met.
"""

from __future__ import annotations

import contextlib
import functools
import re
from typing import Any

from rbaclens.errors import PolicyFileError

# A node of PyYAML, which is imported late: a scalar, sequence or mapping with id, tag, value and start_mark.
Node = Any
MAX_DEPTH = 200
# An honest file uses an anchor a few times; a bomb of nine levels multiplies its size by a billion.
_FREE_EXPANSION = 100_000
_MAX_EXPANSION_FACTOR = 10
# A level of block nesting takes a column, but for a sequence that stands as far left as its key.
_DEEP_BLOCK = re.compile(rb"^[ \t\-?:]{%d}" % (MAX_DEPTH // 2), re.M)

STRING_TAG = "tag:yaml.org,2002:str"


@functools.cache
def _loader_class() -> type[Any]:
    """A loader that leaves the meaning of plain scalars to ``yaml_values``: much faster, and YAML as Go reads it."""
    import yaml

    class Resolver:
        def resolve(self, kind: type, value: object, implicit: Any) -> str | None:
            return None if kind is not yaml.ScalarNode or implicit[0] else STRING_TAG

        def descend_resolver(self, current: object, index: object) -> None: ...

        def ascend_resolver(self) -> None: ...

    if yaml.__with_libyaml__:
        from yaml._yaml import CParser

        class CLoader(CParser, Resolver):
            def __init__(self, stream: bytes) -> None:
                CParser.__init__(self, stream)

        return CLoader

    class Loader(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer, Resolver):
        def __init__(self, stream: bytes) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)
            yaml.composer.Composer.__init__(self)

    return Loader


def check_nesting(data: bytes, file: str, document: int = 0, first_line: int = 0) -> None:
    """Refuse text that is nested so deeply that PyYAML's C parser would bring down the whole process.

    Whatever else is wrong with the text is left to whoever reads it.
    """
    if _may_be_deep(data):
        import yaml

        with contextlib.suppress(yaml.YAMLError, ValueError):
            _check_depth(data, file, document, first_line)


def compose(data: bytes, file: str, document: int, first_line: int) -> Node:
    """The node tree of the one document in ``data``, which starts on line ``first_line`` (from 0) of the file.

    ``None`` for a document without content. A node's ``tag`` is ``None`` where none was written and the scalar is plain.
    Raises ``PolicyFileError`` for YAML that cannot be read, is nested too deeply, or grows out of bounds.
    """
    import yaml

    try:
        check_nesting(data, file, document, first_line)
        node: Node = _loader_class()(data).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        words = ", ".join(part for part in (error.context, error.problem) if part)
        line, column = (first_line + mark.line + 1, mark.column + 1) if mark else (None, None)
        raise PolicyFileError(f"not valid YAML: {words}", file=file, document=document, line=line, column=column) from None
    except (yaml.YAMLError, ValueError) as error:
        words = getattr(error, "reason", None) or str(error)
        raise PolicyFileError(f"not valid YAML: {words}", file=file, document=document, line=first_line + 1) from None
    if node is not None and b"&" in data:
        _Measure(file, document, first_line).check(node)
    return node


def _may_be_deep(data: bytes) -> bool:
    """Whether the nesting could exceed the limit, judged by what opens a level; false is certain, true is not."""
    openers = data.count(b"[") + data.count(b"{") - data.count(b"[]") - data.count(b"{}")
    return openers > MAX_DEPTH // 2 or _DEEP_BLOCK.search(data) is not None


def _check_depth(data: bytes, file: str, document: int, first_line: int) -> None:
    """Count the nesting exactly, by events: the composer recurses in C and would overflow the stack."""
    from yaml.events import CollectionEndEvent, CollectionStartEvent, StreamEndEvent

    loader, depth = _loader_class()(data), 0
    while True:
        event = loader.get_event()
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark: Any = event.start_mark
                raise _too_deep(file, document, first_line + mark.line + 1)
        elif isinstance(event, CollectionEndEvent):
            depth -= 1
        elif event is None or isinstance(event, StreamEndEvent):
            return


def _too_deep(file: str, document: int, line: int) -> PolicyFileError:
    return PolicyFileError(f"nested deeper than {MAX_DEPTH} levels", file=file, document=document, line=line)


class _Measure:
    """Size and height of a node tree with every alias written out, counted without writing any out."""

    def __init__(self, file: str, document: int, first_line: int) -> None:
        self.file, self.document, self.first_line = file, document, first_line
        self.known: dict[int, tuple[int, int] | None] = {}

    def check(self, root: Node) -> None:
        size, _ = self._measure(root)
        if size > _FREE_EXPANSION + _MAX_EXPANSION_FACTOR * len(self.known):
            raise self._error("aliases expand to an absurd size", root)

    def _measure(self, node: Node) -> tuple[int, int]:
        if id(node) in self.known:
            measured = self.known[id(node)]
            if measured is None:
                raise self._error("an anchor contains itself", node)
            return measured
        size, height = 1, 1
        if not isinstance(node.value, str):
            self.known[id(node)] = None
            for part in node.value:
                for child in part if isinstance(part, tuple) else (part,):
                    inner, below = self._measure(child)
                    size, height = size + inner, max(height, below + 1)
        if height > MAX_DEPTH:
            raise _too_deep(self.file, self.document, self.first_line + node.start_mark.line + 1)
        self.known[id(node)] = size, height
        return size, height

    def _error(self, message: str, node: Node) -> PolicyFileError:
        mark = node.start_mark
        return PolicyFileError(
            message, file=self.file, document=self.document, line=self.first_line + mark.line + 1, column=mark.column + 1
        )
