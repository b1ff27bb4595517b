"""Values that occur many times, kept once: the tables that the rest of the document points into by number."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from rbaclens.model.location import Origin
from rbaclens.model.rules import PolicyRule
from rbaclens.reports.evidence import Locate

T = TypeVar("T", bound=Hashable)


class Table(Generic[T]):
    """Distinct values and the number of each, in the order in which they came."""

    def __init__(self) -> None:
        self.numbers: dict[T, int] = {}

    def __call__(self, value: T) -> int:
        """The number of ``value``; a new one gets the next."""
        return self.numbers.setdefault(value, len(self.numbers))


class Tables:
    """The tables of one document: strings, lists of strings, rules, and places."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self.strings: Table[str] = Table()
        self.lists: Table[tuple[int, ...]] = Table()
        self.rules: Table[tuple[int, ...]] = Table()

    def list(self, values: Iterable[str]) -> int:
        """The number of a list of strings, whose order counts."""
        return self.lists(tuple(self.strings(value) for value in values))

    def rule(self, rule: PolicyRule) -> int:
        """The number of a rule."""
        parts = (rule.verbs, rule.api_groups, rule.resources, rule.resource_names, rule.non_resource_urls)
        return self.rules(tuple(self.list(part) for part in parts))

    def place(self, origin: Origin | None) -> tuple[int, int, int]:
        """File, line and column; 0 where they are not known."""
        if origin is None:
            return self.strings(""), 0, 0
        found = self._locate(origin)
        return self.strings(found.file), found.line, found.column

    def data(self) -> dict[str, object]:
        """The tables as data."""
        return {"strings": list(self.strings.numbers), "lists": list(self.lists.numbers), "rules": list(self.rules.numbers)}
