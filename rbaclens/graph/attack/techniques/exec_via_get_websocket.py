"""EXEC_VIA_GET_WEBSOCKET: a websocket begins with a GET, so that up to Kubernetes 1.34 the verb get was enough to run commands.

From 1.35 on the server asks for create as well.
"""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.reach import pods_of
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="EXEC_VIA_GET_WEBSOCKET",
    title="run a command in a pod through a websocket",
    needs=may("get", "pods/exec pods/attach"),
    leads_to=pods_of,
    effect="code in the pods",
    cost=1,
    request='websocat "wss://SERVER/api/v1/namespaces/{namespace}/pods/{name}/exec?command=sh&stdin=1&stdout=1"',
    reference="https://github.com/kubernetes/kubernetes/issues/78741",
    named=("pods",),
    until=(1, 34),
)
