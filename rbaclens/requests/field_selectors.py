"""Field selector text to requirements, as the API server parses it (SEL-01 to SEL-05)."""

from __future__ import annotations

import re

from rbaclens.model.request import FieldRequirement
from rbaclens.requests.selector_syntax import SelectorError

_OPERATOR = re.compile(r"!=|==|=")
_TERM = re.compile(r"((?:\\.|[^\\,])*\\?)(?:,|\Z)", re.DOTALL)
_VALUE_CHAR = re.compile(r"\\([\\,=])|([^\\,=])", re.DOTALL)


def parse_field_selector(text: str) -> tuple[FieldRequirement, ...]:
    """The requirements of a field selector, sorted by the text of their terms (SEL-02); ``SelectorError`` if it cannot be parsed."""
    requirements = []
    for term in sorted(_terms(text)):
        if not term:
            continue
        operator = _OPERATOR.search(term)  # the leftmost; at one place != before == before = (SEL-01)
        if operator is None:
            raise SelectorError(f"invalid selector: '{text}'; can't understand '{term}'")
        key, value = term[: operator.start()], _unescape(term[operator.end() :])
        requirements.append(FieldRequirement(key, "!=" if operator[0] == "!=" else "=", value))  # SEL-05
    return tuple(requirements)


def _terms(text: str) -> list[str]:
    """``text`` split at its unescaped commas; escapes stay as they are."""
    return _TERM.findall(text) if "\\" in text else text.split(",")


def _unescape(value: str) -> str:
    """A term's value without its escapes (SEL-04)."""
    if not any(char in value for char in "\\,="):
        return value
    plain, at = [], 0
    while at < len(value):
        found = _VALUE_CHAR.match(value, at)
        if found is None:
            if value[at] == "\\":
                raise SelectorError(f"invalid field selector: invalid escape sequence: {value[at : at + 2]}")
            raise SelectorError(f"invalid field selector: unescaped character in value: {value[at]}")
        plain.append(found[1] or found[2])
        at = found.end()
    return "".join(plain)
