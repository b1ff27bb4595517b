"""OPERATOR_RECONCILE: an operator does what its custom resources ask for, with rights of its own and not those of their author.

Only where the input shows that the operator is there; how far it leads is what is known of that operator.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.graph.attack.operators import OPERATORS, reached, rights
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    yield from reached(case, OPERATORS)


TECHNIQUE = Technique(
    id="OPERATOR_RECONCILE",
    title="have an operator act by its custom resources",
    needs=rights(OPERATORS),
    leads_to=_leads_to,
    effect="pods, nodes or what the account of the operator may do",
    cost=3,
    request="kubectl apply -n {namespace} -f -  # a custom resource of the operator",
    reference="https://arxiv.org/abs/2507.03387",
)
