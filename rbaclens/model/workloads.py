"""The objects that the node authorizer's graph is built from (NODE-05 to NODE-14), in the shape of the API."""

from __future__ import annotations

import msgspec


class NodeGraphObjects(msgspec.Struct, frozen=True):
    """What names a node, and what those things refer to."""
