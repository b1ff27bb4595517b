"""RL1501: the kubelet's API by GET."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule

RULE = CapabilityRule(
    id="RL1501",
    title="Kubelet API by GET",
    gives="Commands in any pod of any node: the kubelet takes a websocket handshake for a get, past the audit log of the API server.",
    fix="Replace it by nodes/metrics, nodes/stats, nodes/pods and the other fine-grained subresources (Kubernetes 1.33 and later).",
    trigger=may("get", "nodes/proxy", cluster=True),
    scores={C: 9.3},
    named=True,
    admin=(C,),
    cis=("5.1.10",),
    attack=("T1609",),
    microsoft=("TA9030",),
    owasp=("K02",),
)
