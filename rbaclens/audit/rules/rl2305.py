"""RL2305: grants to anonymous callers."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.holder import Principal
from rbaclens.audit.broad_groups import beyond, usual_rules
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import take_out
from rbaclens.audit.rule import CheckRule
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import ANONYMOUS, UNAUTHENTICATED
from rbaclens.model.rules import PolicyRule

_ANYBODY = {("Group", UNAUTHENTICATED), ("User", ANONYMOUS)}
_NAMES = {name for _, name in _ANYBODY}
_KUBE_PUBLIC = "kube-public"
# kubeadm publishes how to join; it is signed, and meant for those who have no credentials yet.
_CLUSTER_INFO = PolicyRule(("get",), ("",), ("configmaps",), ("cluster-info",))
_PATHS = ("/healthz", "/healthz/*", "/livez", "/livez/*", "/readyz", "/readyz/*", "/version", "/version/")
_HEALTH = PolicyRule(("get", "head"), non_resource_urls=_PATHS)


def _check(context: Context) -> Iterator[Flaw]:
    usual = tuple(usual_rules(context, (UNAUTHENTICATED,)))
    nothing, harmless, cluster_info = Coverage(()), Coverage((*usual, _HEALTH)), Coverage((_CLUSTER_INFO,))
    for binding in context.policy.bindings:
        public = cluster_info if binding.namespace == _KUBE_PUBLIC else nothing
        for position, subject in enumerate(binding.subjects):
            role = context.role_of(binding) if subject.name in _NAMES and (subject.kind, subject.name) in _ANYBODY else None
            if role is None:
                continue
            shipped = context.is_shipped_pair(binding, position)
            numbers = beyond(binding, role, Coverage(usual) if shipped else nothing)
            if not public.missing(role.rules[number] for number in numbers):
                continue
            yield Flaw(
                on=binding,
                steps=("subjects", position),
                key=(subject.kind, subject.name),
                message=f"{role.kind} {role.name} goes to whoever reaches the API server, without any login.",
                score=None if harmless.missing(role.rules[number] for number in numbers) else 0.0,
                principal=Principal(subject.kind, subject.name),
                evidence=tuple(RbacGrant(binding, subject, role, number) for number in numbers),
                patch=None if shipped else take_out(binding, position),
            )


RULE = CheckRule(
    id="RL2305",
    title="Grant to anonymous",
    condition="A binding gives system:unauthenticated or system:anonymous more than every cluster does; health and version are a note.",
    gives="Anyone who reaches the API server has these rights.",
    fix="Delete it, and turn anonymous requests off or limit them to the health paths (AuthenticationConfiguration).",
    level="error",
    base=9.6,
    check=_check,
    cis=("GKE-4.1.8", "GKE-4.1.9"),
    attack=("T1078.001", "T1190"),
    owasp=("K02", "K06"),
)
