"""What YAML nodes mean, as go-yaml v2 reads them for Kubernetes: YAML 1.1 without dates and without sexagesimal numbers."""

from __future__ import annotations

import base64
import re

from rbaclens.errors import PolicyFileError
from rbaclens.sources.yaml_text import STRING_TAG, Node

Value = object
_MERGE = "<<"
_TAG = "tag:yaml.org,2002:"
_WORDS: dict[str, Value] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"]),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], float("nan")),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], float("inf")),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], float("-inf")),
}
_NUMBER_START = frozenset("0123456789+-.")
_INTEGER = re.compile(r"([-+]?)(?:0[bB]([01]+)|0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INTEGERS = range(-(2**63), 2**64)


def plain_value(text: str) -> Value:
    """The value of a plain scalar: a boolean, ``None``, a number, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    number = text.replace("_", "") if text[0] != "." else text
    match = _INTEGER.fullmatch(number)
    if match:
        value = _integer(match)
        if value in _INTEGERS:
            return value
    return float(number) if _FLOAT.fullmatch(number) else text


def _integer(match: re.Match[str]) -> int:
    sign, binary, hexadecimal, octal, decimal = match.groups()
    # More digits than any integer has: the value is a float in any case, and Python refuses thousands of digits.
    if decimal and len(decimal) > 20:
        return _INTEGERS.stop
    digits, base = next((digits, base) for digits, base in ((binary, 2), (hexadecimal, 16), (octal, 8), (decimal, 10)) if digits)
    return -int(digits, base) if sign == "-" else int(digits, base)


class Constructor:
    """Makes the values of one document's nodes. Aliased nodes are made once for each use."""

    def __init__(self, file: str, document: int, first_line: int) -> None:
        self.file, self.document, self.first_line = file, document, first_line
        self._plain: dict[str, Value] = {}
        self._keys: dict[str, str] = {}

    def value(self, node: Node) -> Value:
        """The value of ``node``: text, number, boolean, ``None``, list, or dict with text keys.

        Raises ``PolicyFileError`` with line and column for duplicate keys, keys that are no text, and unknown tags.
        """
        content = node.value
        if type(content) is str:
            if node.tag is not None:
                return content if node.tag == STRING_TAG else self._tagged(node)
            try:
                return self._plain[content]
            except KeyError:
                made = self._plain[content] = plain_value(content)
                return made
        if node.id == "sequence":
            if node.tag is not None and node.tag != _TAG + "seq":
                raise self._unknown_tag(node)
            value = self.value
            return [value(item) for item in content]
        return self._mapping(node)

    def _mapping(self, node: Node) -> dict[str, Value]:
        if node.tag is not None and node.tag != _TAG + "map":
            raise self._unknown_tag(node)
        made: dict[str, Value] = {}
        keys, value = self._keys, self.value
        merges = 0
        for key, item in node.value:
            name = keys.get(key.value) if key.tag is None and type(key.value) is str else None
            if name is None:
                if is_merge(key):
                    merges += 1
                    continue
                name = self._key(key)
            made[name] = value(item)
        if len(made) + merges != len(node.value):
            raise self._duplicate(node)
        return {**self._merged(node), **made} if merges else made

    def _key(self, node: Node) -> str:
        value = self.value(node) if node.id == "scalar" else None
        if value is None:
            raise self._error("expected a text as key of a mapping", node)
        name = str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0" if isinstance(value, float) else "")
        if node.tag is None:
            self._keys[node.value] = name
        return name

    def _merged(self, node: Node) -> dict[str, Value]:
        made: dict[str, Value] = {}
        for mapping in merged_mappings(node):
            if mapping.id != "mapping":
                raise self._error("expected a mapping, or a list of mappings, to merge", mapping)
            made = {**self._mapping(mapping), **made}
        return made

    def _tagged(self, node: Node) -> Value:
        kind = node.tag.removeprefix(_TAG)
        text = node.value
        if kind == "binary":
            try:
                return base64.b64decode("".join(text.split()), validate=True).decode()
            except ValueError:
                raise self._error("!!binary is not base64 of UTF-8 text", node) from None
        value = plain_value(text)
        if kind == "timestamp":
            return text
        if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        expected = {"int": int, "float": float, "bool": bool, "null": type(None)}.get(kind)
        if expected is None:
            raise self._unknown_tag(node)
        if type(value) is not expected:
            raise self._error(f"{text!r} is no !!{kind}", node)
        return value

    def _duplicate(self, node: Node) -> PolicyFileError:
        seen = set()
        for key, _ in node.value:
            if not is_merge(key):
                name = self._key(key)
                if name in seen:
                    return self._error(f"key {name!r} stands twice in this mapping", key)
                seen.add(name)
        return self._error("a key stands twice in this mapping", node)

    def _unknown_tag(self, node: Node) -> PolicyFileError:
        return self._error(f"unknown tag {node.tag}", node)

    def _error(self, message: str, node: Node) -> PolicyFileError:
        mark = node.start_mark
        line = self.first_line + mark.line + 1
        return PolicyFileError(message, file=self.file, document=self.document, line=line, column=mark.column + 1)


def is_merge(key: Node) -> bool:
    """Whether a key is the merge key ``<<``."""
    return bool(key.tag is None and key.value == _MERGE) or bool(key.id == "scalar" and key.tag == _TAG + "merge")


def merged_mappings(node: Node) -> list[Node]:
    """What ``node`` merges, the first winning; mappings, unless the YAML is wrong."""
    found: list[Node] = []
    for key, value in node.value:
        if is_merge(key):
            found += value.value if value.id == "sequence" else [value]
    return found


def key_name(node: Node) -> str | None:
    """The text of a mapping's key as ``Constructor`` reads it; ``None`` for what is no key."""
    try:
        return Constructor("", 0, 0)._key(node)
    except PolicyFileError:
        return None
