"""How policy was written, where what became of it no longer shows that: nothing is decided by it, the audit speaks of it."""

from __future__ import annotations

import msgspec

from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.metadata_validation import FieldError
from rbaclens.model.objects import Binding, Role
from rbaclens.model.rules import PolicyRule


class RefusedObject(msgspec.Struct, frozen=True):
    """An object that the API server would not store, and why (VAL-01 to VAL-22). It grants nothing."""

    obj: Role | Binding
    faults: tuple[FieldError, ...]


class RefusedLine(msgspec.Struct, frozen=True):
    """A line of an ABAC file with which the API server would not start, and its words for that (ABAC-02).

    ``line`` has no fields but its place and its text.
    """

    line: AbacPolicy
    message: str


class Written(msgspec.Struct, frozen=True):
    """What was written otherwise than it is stored, by the place of the object.

    ``replaced`` are objects behind which another one of their name came. ``versions`` are the API versions that are older than
    v1, without the group. ``unplaced`` objects named no namespace and were taken to be in ``default``; ``misplaced``
    named one that the API server drops. ``own_rules`` are those of aggregated roles, in whose place the gathered ones stand.
    """

    refused: tuple[RefusedObject, ...] = ()
    replaced: tuple[Role | Binding, ...] = ()
    versions: dict[Origin, str] = {}
    unplaced: frozenset[Origin] = frozenset()
    misplaced: dict[Origin, str] = {}
    own_rules: dict[Origin, tuple[PolicyRule, ...]] = {}
    refused_lines: tuple[RefusedLine, ...] = ()
