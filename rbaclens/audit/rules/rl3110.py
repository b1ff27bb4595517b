"""RL3110: a binding that keeps an outdated role alive."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.rule import CheckRule
from rbaclens.model.objects import Role

_REMOVED = "Kubernetes ships no such role any more"
_OUTDATED = {
    "system:aws-cloud-provider": f"{_REMOVED}; the cloud controller manager brings its own",
    "system:csi-external-attacher": f"{_REMOVED}; each CSI driver brings its own",
    "system:csi-external-provisioner": f"{_REMOVED}; each CSI driver brings its own",
    "system:heapster": "Heapster is retired; metrics-server brings its own",
    "eks:podsecuritypolicy:privileged": "there are no pod security policies since Kubernetes 1.25",
}
_KUBELET_CONFIG = re.compile(r"kubeadm:kubelet-config-1\.\d+")
"""One for each version, until kubeadm 1.24."""


def _check(context: Context) -> Iterator[Flaw]:
    for binding, role in context.bound:
        why = _why(role) if binding.subjects else ""
        if why:
            yield Flaw(
                on=binding,
                steps=("roleRef",),
                message=f"{name_of(role)} is outdated: {why}.",
                related=(Related(role.origin, f"{name_of(role)} lives on by the binding"),),
            )


def _why(role: Role) -> str:
    if role.kind == "ClusterRole":
        return _OUTDATED.get(role.name, "")
    old = role.namespace == "kube-system" and _KUBELET_CONFIG.fullmatch(role.name)
    return "kubeadm 1.24 and later use kubeadm:kubelet-config" if old else ""


RULE = CheckRule(
    id="RL3110",
    title="Binding keeps an outdated role alive",
    condition="A binding refers to a role that Kubernetes, kubeadm or a provider made once and that has had a successor since.",
    gives="Rights from another version of the cluster stay with whoever got them then.",
    fix="Delete the binding and the role after the component has moved to the successor.",
    level="note",
    check=_check,
    owasp=("K02", "K07"),
)
