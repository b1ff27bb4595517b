"""NODE_LOG_READ: the kubelet serves the files of its log folder as root and follows links, also those that a pod put there.

It takes a pod that writes to the folder and whose own account may read node logs.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.footholds import machine
from rbaclens.graph.attack.reach import node_of
from rbaclens.graph.attack.runners import writes_logs
from rbaclens.graph.attack.technique import Case, Technique
from rbaclens.model.identity import parse_service_account


def _leads_to(case: Case) -> Iterator[str]:
    account = parse_service_account(case.actor.user)
    for runner in case.world.runners:
        if runner.account == account and writes_logs(runner, case.world.claims):
            if not case.name:
                yield node_of(runner)
            elif runner in case.world.on_node.get(case.name, ()):
                yield machine(case.name)


TECHNIQUE = Technique(
    id="NODE_LOG_READ",
    title="read files of the node through a link in its log folder",
    needs=may("get", "nodes/log nodes/proxy", cluster=True),
    leads_to=_leads_to,
    effect="the files of the node, keys and tokens among them",
    cost=3,
    request="ln -s / /var/log/x; kubectl get --raw /api/v1/nodes/{name}/proxy/logs/x/etc/kubernetes/pki/ca.key",
    reference="https://www.aquasec.com/blog/kubernetes-security-pod-escape-log-mounts/",
    named=("nodes",),
    personal=True,
)
