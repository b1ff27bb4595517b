"""GITOPS_APPLY: a GitOps controller applies what its objects point to, with rights of its own.

Only where the input shows that the operator is there. It leads to the controller's account, or where that is not known to cluster-admin,
which it is by default.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.operators import GITOPS, reached, rights
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    yield from reached(case, GITOPS)


TECHNIQUE = Technique(
    id="GITOPS_APPLY",
    title="have a GitOps controller apply objects",
    needs=rights(GITOPS),
    leads_to=_leads_to,
    effect="the account of the controller, cluster-admin by default",
    cost=2,
    request="kubectl apply -n {namespace} -f -  # an Application or Kustomization that points to a repository of one's own",
    reference="https://fluxcd.io/flux/security/",
)
