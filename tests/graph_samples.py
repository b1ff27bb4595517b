"""Graphs for tests: one of a real policy, and one with names that formats could trip over."""

from __future__ import annotations

from rbaclens.graph.model import Edge, Graph, Node

NASTY = [
    "quotes \" and ' and `",
    "back\\slash at the end\\",
    "two\nlines\tand a tab",
    "</script><script>window.broken = true</script>",
    "]]> <!-- -- > &amp; & --",
    "%%{init: {'theme': 'dark'}}%% end subgraph",
    "=HYPERLINK(1)",
    "@sum",
    "naïve ✓ 漢字 🚀 \u202egnp",
    "nul \x00 bell \x07 escape \x1b[31m",
    "#quot; | ; , {a} [b] (c) <d> $e",
    "* _under_ **bold** 1. list",
    "",
    " spaces ",
    "x" * 20000,
]


def nasty() -> Graph:
    """A node for each nasty name, in id, label and attributes, joined in a circle by edges that say the same."""
    nodes = sorted((Node(f"user:{text}", "user", text, {"name": text, "count": 2}) for text in NASTY), key=lambda node: node.id)
    ids = [node.id for node in nodes]
    edges = [
        Edge(one, two, "may", text, {"verbs": text, "permissions": 3}) for one, two, text in zip(ids, ids[1:] + ids[:1], NASTY, strict=True)
    ]
    edges.append(Edge(ids[0], ids[1], "member-of"))
    return Graph(
        'nasty "name" -- </title>',
        nodes,
        sorted(edges, key=lambda edge: (edge.source, edge.target)),
        ("a note --> with\nlines */ } </script>",),
    )


def plain() -> Graph:
    """A small ordinary graph with several kinds, and every type of attribute."""
    nodes = [
        Node("group:devs", "group", "devs", {"name": "devs"}),
        Node("may:shop::pods", "permission", "pods in shop", {"api_group": "", "resource": "pods", "scope": "shop"}),
        Node("sa:shop/web", "service-account", "shop/web", {"namespace": "shop", "name": "web"}),
        Node("sink:admin", "sink", "cluster admin", {"weight": 0.5}),
        Node("node:worker", "node", "worker", {"control_plane": True}),
    ]
    edges = [
        Edge("group:devs", "may:shop::pods", "may", "get, list", {"verbs": "get, list", "by": "RoleBinding shop/devs"}),
        Edge("sa:shop/web", "group:devs", "member-of"),
        Edge("sa:shop/web", "may:shop::pods", "may", "get", {"verbs": "get", "permissions": 1}),
        Edge("sa:shop/web", "sink:admin", "attack", "steal a token", {"technique": "T1", "cost": 2}),
    ]
    return Graph("plain", sorted(nodes, key=lambda node: node.id), edges, ("one note",))
