"""MEMBER_OF: what a group may do, its members may do."""

from __future__ import annotations

from rbaclens.graph.attack.technique import Fact

TECHNIQUE = Fact(
    id="MEMBER_OF",
    title="is in the group",
    needs="a group that authentication adds, or that the identities given say",
    # Who is in which group is known where everybody's holdings are: the builder adds these edges.
    edges=lambda world: (),
    effect="what the group holds",
    cost=0,
    request="",
    reference="https://kubernetes.io/docs/reference/access-authn-authz/authentication/",
)
