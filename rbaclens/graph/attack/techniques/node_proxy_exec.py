"""NODE_PROXY_EXEC: the API server passes requests on to the kubelet's own API, which runs commands in any pod of its node.

A websocket begins with a GET, so that get is enough at the kubelet itself, past the audit log of the API server.
"""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import may
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.graph.attack.footholds import pod, pods
from rbaclens.graph.attack.technique import Case, Technique


def _leads_to(case: Case) -> Iterator[str]:
    if not case.name:
        yield pods(EVERYWHERE)
    for runner in case.world.on_node.get(case.name, ()):
        yield pod(runner.namespace, runner.name)


TECHNIQUE = Technique(
    id="NODE_PROXY_EXEC",
    title="run commands through the kubelet's API",
    needs=may("get create", "nodes/proxy", cluster=True),
    leads_to=_leads_to,
    effect="code in every pod of the nodes",
    cost=2,
    request='curl -k -H "Authorization: Bearer $TOKEN" -X POST "https://NODE:10250/run/NAMESPACE/POD/CONTAINER" -d "cmd=id"',
    reference="https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes",
    named=("nodes",),
)
