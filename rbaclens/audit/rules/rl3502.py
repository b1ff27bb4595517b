"""RL3502: an ABAC line that writes a sensitive resource."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import RBAC
from rbaclens.analysis.holder import principal_of
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant

_CERTIFICATES = "certificates.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_NAMESPACED = (
    ("secrets", ""),
    ("pods", ""),
    ("serviceaccounts", ""),
    ("replicationcontrollers", ""),
    ("deployments", "apps"),
    ("daemonsets", "apps"),
    ("statefulsets", "apps"),
    ("replicasets", "apps"),
    ("jobs", "batch"),
    ("cronjobs", "batch"),
    ("roles", RBAC),
    ("rolebindings", RBAC),
)
_CLUSTER = (
    ("nodes", ""),
    ("persistentvolumes", ""),
    ("users", ""),
    ("groups", ""),
    ("clusterroles", RBAC),
    ("clusterrolebindings", RBAC),
    ("certificatesigningrequests", _CERTIFICATES),
    ("signers", _CERTIFICATES),
    ("mutatingwebhookconfigurations", _ADMISSION),
    ("validatingwebhookconfigurations", _ADMISSION),
)


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    everything = line.namespace == line.resource == line.api_group == "*"
    touched = [] if line.readonly or everything or not (line.user or line.group) else _touched(line)
    if touched:
        grant = AbacGrant(line)
        who = principal_of(grant)
        shown = ", ".join(touched[:4]) + (f" and {len(touched) - 4} more" if len(touched) > 4 else "")
        wide = line.namespace in ("", "*") or line.namespace in context.privileged
        yield Flaw(
            on=line,
            message=f"{who} may use every verb on {shown}, subresources included.",
            score=9.0 if wide else None,
            principal=who,
            evidence=(grant,),
        )


def _touched(line: AbacPolicy) -> list[str]:
    found = []
    if line.namespace:
        found += [name for name, group in _NAMESPACED if _covers(line, name, group)]
    if line.namespace in ("", "*"):
        found += [name for name, group in _CLUSTER if _covers(line, name, group)]
    # Without a namespace a line still lists all namespaces at once (ABAC-20), contents included.
    if not line.namespace and _covers(line, "secrets", ""):
        found.append("secrets (listed across all namespaces)")
    return found


def _covers(line: AbacPolicy, resource: str, group: str) -> bool:
    return line.resource in (resource, "*") and line.api_group in (group, "*")


RULE = LineRule(
    id="RL3502",
    title="ABAC line that writes a sensitive resource",
    condition=(
        "A line that is not read-only covers secrets, pods, workloads, service accounts, nodes, RBAC objects, certificates, "
        "admission webhooks or impersonated identities."
    ),
    gives=(
        "ABAC knows neither verbs nor subresources: pods brings exec, serviceaccounts brings tokens and impersonation, nodes "
        "brings the kubelet's API, and roles brings escalate and bind."
    ),
    fix="Replace the line by RBAC roles that name the verbs and subresources, or make it read-only where that is enough.",
    level="error",
    check=_check,
    cis=("5.1.3",),
    attack=("T1078",),
    owasp=("K02",),
)
