"""RL3107: a service account with rights that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.patch import take_out
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.rbac import subject_account
from rbaclens.model.identity import service_account_user
from rbaclens.model.objects import Binding

_DEFAULT = "default"
"""Made in every namespace, and used by whatever comes; what it holds is RL2308's business."""


def _check(context: Context) -> Iterator[Flaw]:
    used = _used(context)
    if used is None:
        return
    for (namespace, name), bound in _bound(context).items():
        account = context.service_accounts.get((namespace, name))
        if account is None or name == _DEFAULT or (namespace, name) in used:
            continue
        given = ", ".join(dict.fromkeys(f"{one.role_ref.kind} {one.role_ref.name}" for one, _ in bound))
        yield Flaw(
            on=account,
            message=f"No pod, workload or token secret of the input uses ServiceAccount {namespace}/{name}, which has {given}.",
            principal=Principal.of_user(service_account_user(namespace, name)),
            related=tuple(Related(one.origin.child("subjects", position), name_of(one)) for one, position in bound),
            patch=take_out(*bound[0]) if len(bound) == 1 else None,
        )


def _used(context: Context) -> set[tuple[str, str]] | None:
    """The accounts that something uses; ``None`` where the input has no pods or workloads at all."""
    policy = context.policy
    runs = [(placed.obj.metadata.namespace, placed.obj.spec) for placed in policy.node_graph.pods]
    runs += [(placed.obj.metadata.namespace, placed.obj.pods) for placed in policy.controllers]
    if not runs:
        return None
    used = {(namespace, spec.service_account_name or _DEFAULT) for namespace, spec in runs}
    return used | {(secret.namespace, secret.account) for secret in policy.secrets if secret.account}


def _bound(context: Context) -> dict[tuple[str, str], list[tuple[Binding, int]]]:
    """The bindings that give a service account something, with the number of the subject."""
    found: dict[tuple[str, str], list[tuple[Binding, int]]] = {}
    for binding, role in context.bound:
        for position, subject in enumerate(binding.subjects if role.rules else ()):
            account = subject_account(subject, binding.namespace)
            if account and not context.is_shipped_pair(binding, position):
                found.setdefault(account, []).append((binding, position))
    return found


RULE = CheckRule(
    id="RL3107",
    title="Service account with rights and without a workload",
    condition="A service account is bound, and no pod, workload or token secret names it; silent without pods and workloads.",
    gives="Rights that nobody misses wait for whoever makes a token of the account, or a pod under it.",
    fix="Take it out of its bindings, unless something outside of the input (a pipeline, a workload that is off now) asks for its tokens.",
    level="note",
    confidence="medium",
    check=_check,
    cis=("5.1.5",),
    owasp=("K02",),
)
