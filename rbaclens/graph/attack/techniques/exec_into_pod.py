"""EXEC_INTO_POD: the API server connects the caller with a new process in a container that runs."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.reach import pods_of
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="EXEC_INTO_POD",
    title="run a command in a pod",
    needs=may("create", "pods/exec"),
    leads_to=pods_of,
    effect="code in the pods",
    cost=1,
    request="kubectl exec -it {name} -n {namespace} -- sh",
    reference="https://kubernetes.io/docs/tasks/debug/debug-application/get-shell-running-container/",
    named=("pods",),
)
