"""Reading what somebody wrote, key by key; what is wrong is an error at its line and column, which says what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import TypeVar

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Location
from rbaclens.model.placed import Placed

Chosen = TypeVar("Chosen", bound=str)


def wrong(message: str, at: Location, help: str = "") -> PolicyFileError:
    """An error at a place."""
    return PolicyFileError(message, help, file=at.file, line=at.line, column=at.column)


class Fields:
    """A mapping of which every key is known. ``what`` is what it is called in errors."""

    def __init__(self, node: Placed, what: str, known: Sequence[str]) -> None:
        if not isinstance(node.value, dict):
            raise wrong(f"expected {what} (a mapping), not {node.kind}", node.at, f"it has {', '.join(known)}")
        self.node, self.what, self.members = node, what, node.value
        for key in self.members:
            if key not in known:
                near = get_close_matches(key, known, n=1, cutoff=0.6)
                hint = f"perhaps {near[0]} was meant; " if near else ""
                raise wrong(f'{what} has no "{key}"', node.keys[key], f"{hint}it has {', '.join(known)}")

    def __contains__(self, key: str) -> bool:
        return key in self.members

    def __getitem__(self, key: str) -> Placed:
        if key not in self.members:
            raise wrong(f'{self.what} needs "{key}"', self.node.at)
        return self.members[key]

    def get(self, key: str) -> Placed | None:
        """What stands there, if anything does."""
        return self.members.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that says something; required without a default."""
        if default is not None and key not in self:
            return default
        return " ".join(text_of(self[key], key).split())

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one alone; nothing where the key is not there."""
        return tuple(text_of(one, key) for one in items(self[key], key)) if key in self else ()

    def flag(self, key: str) -> bool:
        """A boolean; false where the key is not there."""
        value = self[key].value if key in self else False
        if not isinstance(value, bool):
            raise wrong(f"{key}: expected true or false, not {self[key].kind}", self[key].at)
        return value

    def choice(self, key: str, choices: Iterable[Chosen], default: Chosen) -> Chosen:
        """One of some words."""
        return chosen(self[key], key, choices) if key in self else default


def chosen(node: Placed, key: str, choices: Iterable[Chosen]) -> Chosen:
    """The one of ``choices`` that a text is."""
    known = tuple(choices)
    found = next((one for one in known if one == node.value), None)
    if found is None:
        shown = f'"{node.value}"' if isinstance(node.value, str) else node.kind
        raise wrong(f"{key}: expected one of {', '.join(known)}, not {shown}", node.at)
    return found


def text_of(node: Placed, key: str) -> str:
    """The text of a node, which may not be blank."""
    if not isinstance(node.value, str):
        hint = "write it in quotes" if isinstance(node.value, (bool, int, float)) else ""
        raise wrong(f"{key}: expected a text, not {node.kind}", node.at, hint)
    if not node.value.strip():
        raise wrong(f"{key}: expected a text, not an empty one", node.at)
    return node.value


def items(node: Placed, key: str) -> Iterator[Placed]:
    """The items of a list that holds something; or what stands there in place of a list."""
    if not isinstance(node.value, list):
        yield node
        return
    if not node.value:
        raise wrong(f"{key}: expected at least one, not an empty list", node.at)
    yield from node.value
