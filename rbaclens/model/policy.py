"""Everything that is known of a cluster's authorization policy, wherever it came from."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rbaclens.model.abac import AbacPolicy
from rbaclens.model.controllers import Controller, CronJob, SecretObject
from rbaclens.model.location import Location, Origin
from rbaclens.model.objects import Binding, PlainObject, Role
from rbaclens.model.resources import ApiResource
from rbaclens.model.workloads import NodeGraphObjects, Placed
from rbaclens.model.written import Written


class Notice(msgspec.Struct, frozen=True):
    """Something that a person should know about the input; it changes no answer by itself."""

    message: str
    origin: Origin | None = None


def _locate_nothing(origin: Origin) -> Location:
    return Location(origin.file)


class PolicySet(msgspec.Struct, frozen=True):
    """The one policy type. Immutable; files, stdin, snapshots and clusters all give it.

    ``abac`` is ``None`` when there is no ABAC policy file at all (an empty file is an empty tuple). ``gaps`` name what could
    not be read: with any, a "no" is an "unknown". ``controllers`` and ``secrets`` are those of files; no decision needs them.
    ``written`` is what no answer needs, but advice on the text does. ``locate`` turns an origin into file, line and column; it may
    read the source again and is meant for what is shown.
    """

    roles: tuple[Role, ...] = ()
    bindings: tuple[Binding, ...] = ()
    abac: tuple[AbacPolicy, ...] | None = None
    namespaces: tuple[PlainObject, ...] = ()
    service_accounts: tuple[PlainObject, ...] = ()
    nodes: tuple[PlainObject, ...] = ()
    node_graph: NodeGraphObjects = NodeGraphObjects()
    controllers: tuple[Placed[Controller | CronJob], ...] = ()
    secrets: tuple[SecretObject, ...] = ()
    resources: tuple[ApiResource, ...] = ()
    gaps: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    written: Written = Written()
    locate: Callable[[Origin], Location] = _locate_nothing
