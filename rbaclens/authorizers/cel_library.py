"""Functions of Kubernetes' CEL libraries that the engine lacks, in plain Python (WH-20).

What is missing here too (regular expression find, IP addresses, URLs, quantities, versions, named formats, most of the list
extensions, comprehensions with two variables) is refused when an expression is compiled, and never guessed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

_ELEMENTS = ("string", "int", "uint", "double", "bool", "bytes")
_NUMBERS = ("int", "uint", "double")


class LibraryFunction(msgspec.Struct, frozen=True):
    """A function over lists: ``lists`` are its list arguments, ``elements`` the element types for which it is declared.

    ``result`` is ``bool`` or ``element``. ``member`` functions are written behind their first argument.
    """

    name: str
    lists: int
    member: bool
    elements: tuple[str, ...]
    result: str
    run: Callable[..., Any]


def _contains(whole: Sequence[Any], part: Sequence[Any]) -> bool:
    return all(item in whole for item in part)


def _sorted(items: Sequence[Any]) -> bool:
    return all(not after < before for before, after in itertools.pairwise(items))


def _extreme(name: str, choose: Callable[[Sequence[Any]], Any]) -> Callable[[Sequence[Any]], Any]:
    def run(items: Sequence[Any]) -> Any:
        if not items:
            raise ValueError(f"{name} called on empty list")
        return choose(items)

    return run


FUNCTIONS = (
    LibraryFunction("sets.contains", 2, False, _ELEMENTS, "bool", _contains),
    LibraryFunction("sets.equivalent", 2, False, _ELEMENTS, "bool", lambda a, b: _contains(a, b) and _contains(b, a)),
    LibraryFunction("sets.intersects", 2, False, _ELEMENTS, "bool", lambda a, b: any(item in b for item in a)),
    LibraryFunction("isSorted", 1, True, _ELEMENTS, "bool", _sorted),
    LibraryFunction("min", 1, True, _ELEMENTS, "element", _extreme("min", min)),
    LibraryFunction("max", 1, True, _ELEMENTS, "element", _extreme("max", max)),
    LibraryFunction("sum", 1, True, _NUMBERS, "element", sum),
)

# Names that Kubernetes declares and nothing here does. The quantifiers are macros: as undeclared names they only show up when
# they were written with two variables.
_MISSING_NAMES = frozenset(
    {
        "find",
        "findAll",
        "ip",
        "isIP",
        "cidr",
        "isCIDR",
        "url",
        "isURL",
        "quantity",
        "isQuantity",
        "semver",
        "isSemver",
        "format",
        "flatten",
        "slice",
        "sort",
        "sortBy",
        "distinct",
        "reverse",
        "lists",
        "first",
        "last",
        "includes",
        "unwrap",
        "unwrapOpt",
        "all",
        "exists",
        "existsOne",
        "exists_one",
        "transformList",
        "transformMap",
        "transformMapEntry",
    }
)
_UNDECLARED = re.compile(r"undeclared reference to '(\w+)")
_MISSING_OVERLOADS = re.compile(
    r"no matching overload for '(?:"
    r"(?:lastI|i)ndexOf' applied to '\(list"
    r"|_[<>]=?_' applied to '\((?:int|uint|double), (?:int|uint|double)\)"
    r"|(?:sets\.\w+|isSorted|sum|min|max)' applied to '\([^']*(?:google\.protobuf|list\(list|list\(map))"
)


def missing_function(problem: str) -> str:
    """What Kubernetes knows and rbaclens does not in the compiler's message ``problem``; empty when that is not the problem."""
    for name in _UNDECLARED.findall(problem):
        if name in _MISSING_NAMES:
            return f"function {name}"
    found = _MISSING_OVERLOADS.search(problem)
    return found[0].removeprefix("no matching overload for ").partition(" applied")[0] if found else ""
