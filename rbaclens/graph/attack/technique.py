"""The plug point: what a technique is. One file in ``techniques/`` holds one of these, under the name ``TECHNIQUE``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from rbaclens.analysis.capability import Expression, asked
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.actors import Actor
from rbaclens.graph.attack.world import RoleKey, World
from rbaclens.model.pattern import Pattern

COSTS = {
    0: "a fact",
    1: "one reliable call",
    2: "a few calls, known names or a pod to start",
    3: "needs reachability, timing or another component",
    4: "needs a race, a restart or something outside the cluster",
    5: "needs an exploit",
}


class May(Protocol):
    """Answers what somebody may do in a scope."""

    def __call__(self, pattern: Pattern) -> bool:
        """Whether they may do something of a pattern."""

    def holds(self, wanted: Expression, *, restricted: bool = False) -> bool:
        """Whether they hold an expression, for any object (``restricted``: or for certain names only)."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who holds what a technique needs.

    ``scope`` is EVERYWHERE or a namespace, ``name`` the one object that their grant is limited to (empty: any). ``may`` answers what
    the actor may do there besides.
    """

    world: World
    actor: Actor
    scope: str
    name: str = ""
    may: May

    @property
    def everywhere(self) -> bool:
        """Whether it holds in every namespace."""
        return self.scope == EVERYWHERE

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces where it holds."""
        return self.world.sorted_namespaces if self.everywhere else (self.scope,)

    def about(self, wanted: Expression) -> bool:
        """Whether the actor holds this too in the scope, about the object that the case is about."""
        return asked(wanted, lambda pattern: self.may(msgspec.structs.replace(pattern, name=self.name)))

    def holds(self, wanted: Expression) -> bool:
        """Whether the actor holds this too in the scope, for any object."""
        return self.may.holds(wanted)

    def holds_some(self, wanted: Expression) -> bool:
        """Whether the actor holds this too in the scope, for any object or for certain names."""
        return self.may.holds(wanted, restricted=True)


class WithRole(msgspec.Struct, frozen=True):
    """What the attacker becomes by binding roles to themselves in a scope; they keep what they have."""

    roles: tuple[RoleKey, ...]
    scope: str


class Through(msgspec.Struct, frozen=True):
    """Somebody else, for those requests only that the attacker may make in their name: constrained impersonation.

    ``mode`` is the one for which ``impersonate-on:<mode>:<verb>`` is asked.
    """

    user: str
    mode: str


Target = str | WithRole | Through


class Technique(msgspec.Struct, frozen=True, kw_only=True):
    """One way to get from what somebody holds to something that they do not.

    ``needs`` is tested against the union of what they hold in one scope. ``leads_to`` gives the ids of the nodes that it
    reaches, ``effect`` says so in words. ``named`` are the resources whose grants may be limited to names: then the technique
    reaches what those names are, one case each; ``any_name`` those for which a grant limited to some name is as good as one
    without limit. ``personal``: where it leads hangs on who does it, so that members of a group that holds the needs are asked
    for themselves. ``closed`` says what is seen to prevent it (empty: nothing), ``mitigations`` what can be. ``request`` is a
    command that does it, with {namespace} and {name} to fill in, ``example`` the name where any will do; ``since`` and
    ``until`` bound the API server's version, (major, minor), both included.
    """

    id: str
    title: str
    needs: Expression
    leads_to: Callable[[Case], Iterable[Target]]
    effect: str
    cost: int
    request: str
    reference: str
    named: tuple[str, ...] = ()
    any_name: tuple[str, ...] = ()
    personal: bool = False
    closed: Callable[[Case], str] | None = None
    mitigations: str = ""
    example: str = "NAME"
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 99)


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A technique that needs no grant: what follows from standing somewhere. ``edges`` gives source, target and what prevents it.

    ``needs`` says in words what it follows from, ``effect`` what it gives. ``when`` names nodes: the edges begin there, and are made
    only if somebody gets there.
    """

    id: str
    title: str
    needs: str
    edges: Callable[[World], Iterable[tuple[str, str, str]]]
    when: tuple[str, ...] = ()
    effect: str
    cost: int
    request: str
    reference: str
    mitigations: str = ""
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 99)
