"""A trigger that holds: what a capability rule's own hooks get to see."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rbaclens.analysis.capability import Expression
from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.audit.context import KUBE_SYSTEM, Context
from rbaclens.model.objects import Role
from rbaclens.model.pattern import Pattern


class Here:
    """A place and what somebody may do there: all that a hook gets to see whose answer is remembered for others.

    ``everywhere``: the whole cluster; ``privileged``: a namespace whose accounts amount to cluster-admin; ``pod_security``: the
    standard that it enforces (privileged where it says nothing, empty where it is not in the input); ``names``: the object names
    that the grants are limited to (empty: any object); ``version``: of the API server, as (major, minor).
    """

    __slots__ = ("_ask", "everywhere", "kube_system", "names", "pod_security", "privileged", "version")

    def __init__(self, context: Context, scope: str, names: tuple[str, ...], ask: Callable[[Expression | Pattern], bool]) -> None:
        self.everywhere = scope == EVERYWHERE
        self.kube_system = scope == KUBE_SYSTEM
        self.privileged = scope in context.privileged
        self.pod_security = context.pod_security(scope)
        self.names = names
        self.version = context.version
        self._ask = ask

    def may(self, wanted: Expression | Pattern) -> bool:
        """Whether the principal holds this too, in the same place; of an expression, for any object."""
        return self._ask(wanted)


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """One principal, one place, and the grants that make the trigger true.

    ``scope`` is EVERYWHERE or a namespace; ``principal`` is ``None`` for a role that is bound to nobody. ``names`` are the object
    names that all of it is limited to (empty: any object). ``role`` is the one role that is enough by itself, ``None`` where it
    takes several grants, or an ABAC line. ``ask`` answers what the principal may do in the same place: all that an expression or
    a pattern says.
    """

    context: Context
    principal: Principal | None
    scope: str
    grants: tuple[Grant, ...]
    names: tuple[str, ...] = ()
    role: Role | None = None
    ask: Callable[[Expression | Pattern], bool]

    def may(self, wanted: Expression | Pattern) -> bool:
        """Whether the principal holds this too, in the same place; of an expression, for any object."""
        return self.ask(wanted)

    @property
    def here(self) -> Here:
        """The place alone."""
        return Here(self.context, self.scope, self.names, self.ask)

    @property
    def everywhere(self) -> bool:
        """Whether it holds in the whole cluster."""
        return self.scope == EVERYWHERE

    @property
    def privileged(self) -> bool:
        """Whether the place is a namespace whose accounts amount to cluster-admin."""
        return self.scope in self.context.privileged
