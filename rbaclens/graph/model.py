"""The one graph: nodes and edges with documented attributes, in a stable order; the same policy gives the same graph."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from rbaclens.analysis.holder import Principal
from rbaclens.graph.adjacency import Adjacency
from rbaclens.graph.kinds import Value

if TYPE_CHECKING:
    import networkx

Attributes = dict[str, Value]
PRINCIPAL_KINDS = {"User": "user", "Group": "group", "ServiceAccount": "service-account", "Node": "node-user"}


class Node(msgspec.Struct, frozen=True, gc=False):
    """A node. ``id`` says kind and name (``sa:shop/web``), ``label`` is for people, ``kind`` is one of NODE_KINDS."""

    id: str
    kind: str
    label: str
    attributes: Attributes = {}


class Edge(msgspec.Struct, frozen=True, gc=False):
    """An edge between the nodes of two ids; ``kind`` is one of EDGE_KINDS. Two nodes may have several edges."""

    source: str
    target: str
    kind: str
    label: str = ""
    attributes: Attributes = {}


class Graph:
    """Nodes, edges, and notes on what is not shown. ``name`` says what the graph is about."""

    def __init__(self, name: str, nodes: Iterable[Node], edges: Iterable[Edge], notes: tuple[str, ...] = ()) -> None:
        self.name = name
        self.nodes = tuple(nodes)
        self.edges = tuple(edges)
        self.notes = notes

    @cached_property
    def position(self) -> dict[str, int]:
        """The number of each node, by its id."""
        return {node.id: number for number, node in enumerate(self.nodes)}

    @cached_property
    def adjacency(self) -> Adjacency:
        """The edges as arrays of numbers, for searching."""
        position = self.position
        sources = array("i", [position[edge.source] for edge in self.edges])
        return Adjacency(len(self.nodes), sources, array("i", [position[edge.target] for edge in self.edges]))

    def node(self, node_id: str) -> Node:
        """The node of an id."""
        return self.nodes[self.position[node_id]]

    def only(self, kept: set[str], *notes: str) -> Graph:
        """The graph of these nodes and the edges between them."""
        nodes = [node for node in self.nodes if node.id in kept]
        edges = [edge for edge in self.edges if edge.source in kept and edge.target in kept]
        return Graph(self.name, nodes, edges, (*self.notes, *notes))

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """The graph for networkx: ids are the nodes, ``kind``, ``label`` and the attributes are its attributes."""
        import networkx

        found: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=self.name, notes="\n".join(self.notes))
        found.add_nodes_from((node.id, node_data(node)) for node in self.nodes)
        found.add_edges_from((edge.source, edge.target, edge_data(edge)) for edge in self.edges)
        return found


def node_data(node: Node) -> dict[str, Value]:
    """Kind, label and attributes of a node in one dictionary."""
    return _data(node.kind, node.label, node.attributes)


def edge_data(edge: Edge) -> dict[str, Value]:
    """Kind, label and attributes of an edge in one dictionary."""
    return _data(edge.kind, edge.label, edge.attributes)


def _data(kind: str, label: str, attributes: Attributes) -> dict[str, Value]:
    """The attribute ``kind`` (of a role or binding) stands beside the kind of the node under another name."""
    if "kind" not in attributes:
        return {"kind": kind, "label": label, **attributes}
    return {"kind": kind, "label": label, **{"object_kind" if key == "kind" else key: value for key, value in attributes.items()}}


def principal_node(principal: Principal) -> Node:
    """The node of somebody."""
    if principal.kind == "ServiceAccount":
        namespace, _, name = principal.name.partition("/")
        return Node(str(principal), "service-account", principal.name, {"namespace": namespace, "name": name})
    return Node(str(principal), PRINCIPAL_KINDS[principal.kind], principal.name, {"name": principal.name})


class Drawing:
    """A graph while it is made: nodes and edges are added in any order, each node once; what comes out is sorted."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []

    def node(self, node: Node) -> str:
        """Add a node that may be there already; its id."""
        self.nodes.setdefault(node.id, node)
        return node.id

    def done(self, name: str, notes: tuple[str, ...] = ()) -> Graph:
        """The graph, in order."""
        self.edges.sort(key=_edge_order)
        return Graph(name, (self.nodes[one] for one in sorted(self.nodes)), self.edges, notes)


def _edge_order(edge: Edge) -> tuple[str, str, str, str]:
    return edge.source, edge.target, edge.kind, edge.label


def joined(values: Iterable[str]) -> str:
    """Several values as one attribute: distinct, sorted, with ", " between them."""
    return ", ".join(sorted(set(values)))


def neighbours(graph: Graph, start: Iterable[str], hops: int) -> Iterator[str]:
    """The ids of the nodes that are at most ``hops`` edges away from any of ``start``, in either direction."""
    position = graph.position
    for number in graph.adjacency.around([position[one] for one in start], hops):
        yield graph.nodes[number].id
