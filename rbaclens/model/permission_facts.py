"""Permission facts: statements about who may do what that shall hold of a policy."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

from rbaclens.model.location import Location
from rbaclens.model.request import LabelRequirement

FactKind = Literal["allow", "deny", "only", "nobody", "everyone"]


class Party(msgspec.Struct, frozen=True):
    """Somebody whom a fact names: one user (service accounts and nodes included), or everybody in ``group``."""

    text: str
    user: str = ""
    group: str = ""

    def includes(self, user: str, groups: tuple[str, ...]) -> bool:
        """Whether an identity is the one named, or in the group named."""
        return self.group in groups if self.group else self.user == user


class Clause(msgspec.Struct, frozen=True):
    """One verb on one thing; ``None`` leaves a place open (any value at all).

    With ``path`` it is a non-resource request, a final ``*`` standing for any rest. ``only_subresources`` (``pods/*``)
    leaves out the resource itself. ``names`` are object names and globs; none: any name, and no name. ``namespaced`` is
    false for a resource of which no request stands in a namespace.
    """

    verb: str | None
    resource: str | None = None
    api_group: str | None = None
    subresource: str | None = ""
    names: tuple[str, ...] = ()
    namespaced: bool = True
    only_subresources: bool = False
    path: str = ""

    @property
    def is_namespace_object(self) -> bool:
        """Whether the objects are Namespaces: a request on one stands inside it (RI-20)."""
        return self.resource == "namespaces" and self.api_group == ""


class Places(msgspec.Struct, frozen=True):
    """The namespaces that a fact speaks of.

    ``everywhere`` is every namespace and the requests that stand in none. Otherwise those that one of ``patterns`` names
    (names and globs; the empty one is "in no namespace"), and those whose labels meet ``labels``; ``label_text`` is the
    selector as written. ``excluded`` (names and globs) are left out of either.
    """

    everywhere: bool = True
    patterns: tuple[str, ...] = ()
    labels: tuple[LabelRequirement, ...] | None = None
    label_text: str = ""
    excluded: tuple[str, ...] = ()


class PermissionFact(msgspec.Struct, frozen=True):
    """One statement, its words resolved.

    ``parties`` are those whom the statement is about, ``exempt`` those whom it is not about. ``count_components`` makes
    it speak of the cluster's own components too. ``id`` may be empty; ``name`` is what reports call the fact.
    """

    kind: FactKind
    text: str
    clauses: tuple[Clause, ...]
    parties: tuple[Party, ...] = ()
    exempt: tuple[Party, ...] = ()
    places: Places = Places()
    count_components: bool = False
    id: str = ""
    why: str = ""
    at: Location = Location("")
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The id, or the text where there is none."""
        return self.id or self.text

    @property
    def demands(self) -> bool:
        """Whether the fact says that something is allowed, and not that it is refused."""
        return self.kind in ("allow", "everyone")


def is_glob(pattern: str) -> bool:
    """Whether ``pattern`` stands for more than the name that it is."""
    return "*" in pattern or "?" in pattern


def glob_matches(pattern: str, name: str) -> bool:
    """Whether ``name`` is one of those that ``pattern`` stands for: ``*`` is any text, ``?`` one character.

    A name must be there: no glob matches the empty one.
    """
    if not is_glob(pattern):
        return pattern == name
    return bool(name) and _expression(pattern).fullmatch(name) is not None


@lru_cache(maxsize=1000)
def _expression(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(char) or re.escape(char) for char in pattern), re.DOTALL)
