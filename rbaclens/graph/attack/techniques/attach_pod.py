"""ATTACH_POD: whoever is attached to a container's main process types into it, which is a shell where that is interactive."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.graph.attack.reach import pods_of
from rbaclens.graph.attack.technique import Technique

TECHNIQUE = Technique(
    id="ATTACH_POD",
    title="type into a pod's main process",
    needs=may("create", "pods/attach"),
    leads_to=pods_of,
    effect="code in the pods",
    cost=2,
    request="kubectl attach -it {name} -n {namespace}",
    reference="https://kubernetes.io/docs/reference/kubectl/generated/kubectl_attach/",
    named=("pods",),
)
