"""The plug point: what a technique is. One file in ``techniques/`` holds one of these, under the name ``TECHNIQUE``."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from rbaclens.analysis.capability import Expression
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.world import World
from rbaclens.model.objects import RoleKind
from rbaclens.model.pattern import Pattern

COSTS = {
    0: "a fact",
    1: "one reliable call",
    2: "a few calls, known names or a pod to start",
    3: "needs reachability, timing or another component",
    4: "needs a race, a restart or something outside the cluster",
    5: "needs an exploit",
}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who holds what a technique needs.

    ``actor`` is the id of their node, ``scope`` EVERYWHERE or a namespace, ``name`` the one object that their grant is limited to
    (empty: any). ``may`` answers what they may do there besides.
    """

    world: World
    actor: str
    scope: str
    name: str = ""
    may: Callable[[Pattern], bool]

    @property
    def everywhere(self) -> bool:
        """Whether it holds in every namespace."""
        return self.scope == EVERYWHERE

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces where it holds."""
        return tuple(sorted(self.world.namespaces)) if self.everywhere else (self.scope,)


class WithRole(msgspec.Struct, frozen=True):
    """What the attacker becomes by binding a role to themselves in a scope; they keep what they have."""

    kind: RoleKind
    namespace: str
    name: str
    scope: str


class Technique(msgspec.Struct, frozen=True, kw_only=True):
    """One way to get from what somebody holds to something that they do not.

    ``needs`` is tested against the union of what they hold in one scope. ``leads_to`` gives the ids of the nodes that it reaches.
    ``named`` are the resources whose grants may be limited to names: then the technique reaches what those names are, one case each;
    ``any_name`` those for which a grant limited to some name is as good as one without limit. ``closed`` says what is seen to prevent
    it (empty: nothing). ``request`` is a command that does it, with {namespace} and {name} to fill in; ``since`` and ``until`` bound
    the API server's version, as (major, minor), both included.
    """

    id: str
    title: str
    needs: Expression
    leads_to: Callable[[Case], Iterable[str | WithRole]]
    cost: int
    request: str
    reference: str
    named: tuple[str, ...] = ()
    any_name: tuple[str, ...] = ()
    closed: Callable[[Case], str] | None = None
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 99)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A technique that needs no grant: what follows from standing somewhere. ``edges`` gives source, target and what prevents it."""

    id: str
    title: str
    edges: Callable[[World], Iterable[tuple[str, str, str]]]
    cost: int
    request: str
    reference: str
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 99)
