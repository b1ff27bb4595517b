"""What happened to one object of a cluster."""

from __future__ import annotations

from typing import Any

import msgspec

from rbaclens.model.objects import Binding, PlainObject, Role
from rbaclens.model.workloads import Placed

ObjectKey = tuple[str, str, str]
"""Kind, namespace and name of an object."""


class ObjectChange(msgspec.Struct, frozen=True):
    """An object as it is now, or (``obj`` is ``None``) the news that it is not there any more.

    Whether it was there before is not said: whoever follows the changes knows. ``applied_by`` is who wrote the object last,
    as far as it says so itself; empty where it does not.
    """

    kind: str
    namespace: str
    name: str
    obj: Role | Binding | PlainObject | Placed[Any] | None = None
    applied_by: str = ""

    @property
    def key(self) -> ObjectKey:
        """Kind, namespace and name."""
        return self.kind, self.namespace, self.name
