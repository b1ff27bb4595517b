"""What nodes and edges of a graph are, and which attributes they have: the catalogue behind ``docs/graph.md``."""

from __future__ import annotations

import msgspec

Value = str | int | float | bool
"""What an attribute may hold; lists are written as text, joined by ", ", since not every format has lists."""


class Kind(msgspec.Struct, frozen=True):
    """One kind of node or edge: what it stands for, and what each of its attributes means."""

    name: str
    meaning: str
    attributes: dict[str, str] = {}


_PLACE = {"file": "where it is written, relative or as given", "line": "the line there, from 1"}
_MEMBERS = {"members": "of a node that stands for several: their labels", "count": "how many that are"}
_BUNDLE = {"count": "of an edge that stands for several: how many"}
_SCOPE = {"scope": "a namespace, `*` for everywhere, empty for the cluster scope alone"}

NODE_KINDS = {
    kind.name: Kind(kind.name, kind.meaning, {**kind.attributes, **_MEMBERS})
    for kind in (
        Kind("user", "a user name", {"name": "the user name"}),
        Kind("group", "any member of a group", {"name": "the group"}),
        Kind("service-account", "a service account", {"namespace": "its namespace", "name": "its name"}),
        Kind("node-user", "the identity of a kubelet", {"name": "the node"}),
        Kind("binding", "a RoleBinding or ClusterRoleBinding", {"kind": "which of both", "namespace": "of a RoleBinding", **_PLACE}),
        Kind("role", "a Role or ClusterRole", {"kind": "which of both", "namespace": "of a Role", "missing": "it is not there", **_PLACE}),
        Kind("abac-line", "a line of an ABAC policy file", {"text": "the line", **_PLACE}),
        Kind("grant", "a role, held in a scope", {"role": "kind and name of the role", **_SCOPE}),
        Kind(
            "permission",
            "a resource or path, as some rule names it; `*` stays `*`; in the view bindings without a scope",
            {
                "api_group": "the API group, `*` for all",
                "resource": "the resource, with its subresource, `*` for all",
                "names": "the only object names that are meant; empty: any",
                "path": "the path, for what is no resource",
                "with_subresources": "an ABAC line: every subresource is meant too",
                **_SCOPE,
            },
        ),
        Kind("scope", "a namespace, or the whole cluster", _SCOPE),
        Kind("pod", "a pod", {"namespace": "its namespace", "name": "its name", **_PLACE}),
        Kind("workload", "a controller that makes pods", {"kind": "such as Deployment", "namespace": "its namespace", **_PLACE}),
        Kind("node", "a machine, with root on it", {"control_plane": "it runs the control plane"}),
        Kind("secret", "a secret", {"namespace": "its namespace", "name": "its name"}),
        Kind("foothold", "something that an attacker has in a namespace or everywhere", {"what": "what it is", **_SCOPE}),
        Kind("sink", "what an attacker is after", {"weight": "how bad that is, from 0 to 1"}),
    )
}

EDGE_KINDS = {
    kind.name: Kind(kind.name, kind.meaning, {**kind.attributes, **_BUNDLE})
    for kind in (
        Kind(
            "may",
            "holds a permission; of a `grant` or `scope` node: holds something there",
            {
                "verbs": "the verbs, `*` for all; at the levels role and namespace: of all entries together",
                "by": "the bindings or ABAC lines that give it, the first five",
                "rules": "of which role which rules, from 1, in the order of `by` (level rule)",
                "permissions": "how many entries of rules that are (levels role and namespace)",
            },
        ),
        Kind("member-of", "is in a group, known or by authentication"),
        Kind("subject-of", "is a subject of a binding, or is named by an ABAC line"),
        Kind("grants", "a binding grants a role", _SCOPE),
        Kind(
            "allows",
            "a rule of a role allows this, wherever the role is bound",
            {"verbs": "the verbs", "rule": "the rule's number, from 1"},
        ),
        Kind("aggregates", "a ClusterRole is gathered into another (RBAC-41)"),
        Kind("runs-as", "code in a pod acts as the service account"),
        Kind("runs-on", "root on the node controls the pod"),
        Kind("makes", "a controller made the pod"),
        Kind("mounts", "code in the pod reads the secret"),
        Kind(
            "attack",
            "an attacker gets from here to there by one technique",
            {
                "technique": "its id",
                "cost": "0 a fact, 1 one reliable call, 2 a few, 3 needs more than calls, 4 needs luck or time",
                "by": "the grants that allow it",
                "request": "a command that does it",
                "closed": "what prevents it, as far as can be seen; empty: nothing",
                **_SCOPE,
            },
        ),
    )
}
