"""One YAML or JSON document with everything that strict decoding complains about: the keys that stand twice (WH-21)."""

from __future__ import annotations

import json
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from rbaclens.errors import LoadError
from rbaclens.sources.yaml_text import check_nesting

if TYPE_CHECKING:
    import yaml


class JsonObject(dict[str, Any]):
    """An object of a JSON text that remembers the keys that stood in it more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.repeated = [key for number, key in enumerate(keys) if key in keys[:number]] if len(self) < len(keys) else []


def parse_document(text: str) -> tuple[Any, list[str]]:
    """The first document of ``text`` as plain data, and its repeated YAML keys in the server's words.

    Repeated keys of a JSON text are left in its :class:`JsonObject` objects: their message needs the path. Raises
    ``ValueError`` on text that is neither.
    """
    try:
        if text.lstrip().startswith("{"):
            return json.loads(text, object_pairs_hook=JsonObject), []
        return _parse_yaml(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"couldn't get version/kind; json parse error: {error}") from None
    except RecursionError:
        raise ValueError("the document is nested too deeply") from None


def _parse_yaml(text: str) -> tuple[Any, list[str]]:
    import yaml

    loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        check_nesting(text.encode("utf-8", "surrogatepass"), "")
    except LoadError as error:
        raise ValueError(error.message) from None
    try:
        loader = loader_class(text)
        try:
            # Like the server, the first document only.
            node = loader.get_node() if loader.check_node() else None
            reader = _YamlReader(loader)
            return (reader.value(node) if node is not None else None), reader.repeated
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"error converting YAML to JSON: yaml: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    problem = getattr(error, "problem", None) or str(error)
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {problem}" if mark is not None else " ".join(problem.split())


class _YamlReader:
    """Nodes to data; an aliased node is read once, so that no bomb of aliases unfolds here."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self.loader = loader
        self.repeated: list[str] = []
        self._known: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        if id(node) in self._known:
            return self._known[id(node)]
        if id(node) in self._open:
            raise ValueError("an anchor contains itself")
        self._open.add(id(node))
        self._known[id(node)] = found = self._read(node)
        self._open.discard(id(node))
        return found

    def _read(self, node: Any) -> Any:
        kind = node.id
        if kind == "sequence":
            return [self.value(item) for item in node.value]
        if kind == "mapping":
            return self._mapping(node)
        if node.tag == "tag:yaml.org,2002:timestamp":
            return node.value  # the server's parser hands a date on as text
        return self.loader.construct_object(node)

    def _mapping(self, node: Any) -> dict[str, Any]:
        written = [(self.value(key), key.start_mark.line + 1) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        seen: set[Hashable] = set()
        for key, line in written:
            if not isinstance(key, str | int | float | bool | None):
                raise ValueError(f"line {line}: a key must be a plain value")
            if key in seen:
                self.repeated.append(f'line {line}: key "{key}" already set in map')
            seen.add(key)
        self.loader.flatten_mapping(node)
        return {str(self.value(key)): self.value(item) for key, item in node.value}
