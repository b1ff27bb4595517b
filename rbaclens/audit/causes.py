"""Which grants make a trigger true for a principal in one place: each that is enough by itself, or several together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from rbaclens.analysis.holder import Grant
from rbaclens.analysis.holdings import Held, fewest
from rbaclens.audit.universe import Alone, Universe, Variant
from rbaclens.model.decision import AbacGrant, RbacGrant

Cause = tuple[str, ...]
"""The roles (kind, namespace and name) and ABAC lines (as written) that a finding rests on, each in one text."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """One scope of a principal: its own grants that count there, those of its groups, and all their atoms (``held``).

    ``within`` are the atoms that a grant of the namespace can give (-1: all); ``alone`` says of each of its own grants what it gives
    there by itself.
    """

    scope: str
    within: int
    held: int
    own: Sequence[Held]
    alone: Sequence[Alone]
    shared: Sequence[Held]


def causes_of(variant: Variant, universe: Universe, place: Place) -> Iterator[tuple[Cause, tuple[Grant, ...]]]:
    """The grants that a trigger rests on, cause by cause."""
    enough = [(held, alone) for held, alone in zip(place.own, place.alone, strict=True) if alone.enough & variant.bit]
    if not enough:
        # Which grants are named must not depend on the order of the input.
        every = [
            (held, universe.alone(held, place.within)) for held in chain(sorted(place.own, key=_order), sorted(place.shared, key=_order))
        ]
        grants = tuple(_needed(variant, universe, every))
        yield tuple(map("/".join, sorted({_cause(grant) for grant in grants}))), grants
        return
    by_cause: dict[Cause, tuple[Grant, ...]] = {}
    for held, alone in enough if len(enough) == 1 else sorted(enough, key=lambda one: _order(one[0])):
        by_cause[alone.cause] = by_cause.get(alone.cause, ()) + _needed_of(variant, universe, held, alone)
    yield from by_cause.items()


def united(several: Sequence[tuple[Grant, ...]]) -> tuple[Grant, ...]:
    """The grants of several places, each once."""
    return several[0] if len(several) == 1 else tuple({_identity(grant): grant for grants in several for grant in grants}.values())


def _needed_of(variant: Variant, universe: Universe, held: Held, alone: Alone) -> tuple[Grant, ...]:
    """The first part of a grant that is enough by itself, or as many as it takes."""
    number = alone.first(variant)
    return (held.grant(number),) if number is not None else tuple(_needed(variant, universe, [(held, alone)]))


def _needed(variant: Variant, universe: Universe, grants: Sequence[tuple[Held, Alone]]) -> list[Grant]:
    """Grants that together are enough, and none of which could be left out."""
    wanted = variant.relevant
    parts = [(held, number, mask) for held, alone in grants for mask, number in held.parts(universe, wanted & alone.reach)]
    return [held.grant(number) for held, number, _ in fewest(parts, variant.test)]


def _order(held: Held) -> tuple[str, ...]:
    binding = held.bound.binding if held.bound is not None else None
    return (binding.namespace, binding.name, *held.cause) if binding is not None else ("", "", *held.cause)


def _cause(grant: Grant) -> tuple[str, ...]:
    if isinstance(grant, AbacGrant):
        return "ABAC", "", grant.policy.written
    return grant.role.kind, grant.role.namespace, grant.role.name


def _identity(grant: Grant) -> tuple[int, ...]:
    if isinstance(grant, RbacGrant):
        return id(grant.binding), id(grant.subject), grant.rule_index
    return (id(grant.policy),)
