"""What other tools draw is covered, or it is said why not."""

from __future__ import annotations

import pytest

from rbaclens.graph.attack.peers import PEERS
from rbaclens.graph.attack.registry import TECHNIQUES


@pytest.mark.parametrize(("peer", "edge"), [(peer, edge) for peer, edges in PEERS.items() for edge in edges])
def test_every_edge_is_covered(peer: str, edge: str):
    """Each edge of another tool is one or more of our techniques, or has a reason."""
    covered = PEERS[peer][edge]
    if isinstance(covered, str):
        assert len(covered.split()) > 4
    else:
        assert covered
        assert set(covered) <= set(TECHNIQUES)
