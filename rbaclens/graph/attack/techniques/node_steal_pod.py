"""NODE_STEAL_POD: whoever sits on a node and may keep pods from all others waits for the pod that they want.

The victim is removed from where it runs, and every other node turned away from; its controller then makes it again where the attacker
reads its token. It takes a node: only accounts that run on one are asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import pods
from rbaclens.graph.attack.technique import Case, Technique
from rbaclens.model.identity import parse_service_account

_REMOVE = (
    may("delete deletecollection update patch", "pods")
    | may("create", "pods/eviction")
    | may("update patch", "pods/status")
    | may("delete update patch", "nodes", cluster=True)
)


def _leads_to(case: Case) -> Iterator[str]:
    if case.world.runners and (case.actor.is_kubelet or parse_service_account(case.actor.user) in case.world.running_accounts):
        yield pods(case.scope)


TECHNIQUE = Technique(
    id="NODE_STEAL_POD",
    title="draw a pod onto a node that one has taken",
    needs=_REMOVE & may("update patch", "nodes nodes/status", cluster=True),
    leads_to=_leads_to,
    effect="code in the pods that can be moved",
    cost=4,
    request="kubectl taint nodes --all x=y:NoExecute; kubectl delete pod {name} -n {namespace}",
    reference="https://www.paloaltonetworks.com/resources/whitepapers/kubernetes-privilege-escalation-excessive-permissions-in-popular-platforms",
    mitigations="NodeRestriction, for the identities of kubelets",
    personal=True,
)
