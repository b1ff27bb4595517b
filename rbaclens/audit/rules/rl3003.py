"""RL3003: a binding to a service account in a namespace that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.rbac import subject_account
from rbaclens.model.identity import service_account_user

_ALWAYS_THERE = {"default", "kube-system", "kube-public", "kube-node-lease"}
"""The namespaces that the API server makes by itself."""


def _check(context: Context) -> Iterator[Flaw]:
    if not context.namespaces:
        return
    namespaces = context.namespaces.keys() | {namespace for namespace, _ in context.service_accounts} | _ALWAYS_THERE
    for binding in context.bindings:
        for position, subject in enumerate(binding.subjects):
            account = subject_account(subject, binding.namespace)
            if account is None or account[0] in namespaces:
                continue
            namespace, name = account
            user = service_account_user(namespace, name)
            yield Flaw(
                on=binding,
                steps=("subjects", position),
                key=(user,),
                principal=Principal.of_user(user),
                message=f"Namespace {namespace} of ServiceAccount {name} is not there: whoever creates both gets what the binding gives.",
                patch=delete(binding) if len(binding.subjects) == 1 else without_subject(binding, position),
            )


RULE = CheckRule(
    id="RL3003",
    title="ServiceAccount in a missing namespace",
    condition="A binding names a service account of a namespace that is not in the input; silent without any Namespace.",
    gives="Whoever may create namespaces brings the grant back to life.",
    fix="Take the subject out of the binding, or delete the binding together with the namespace.",
    level="warning",
    check=_check,
    cis=("5.1.1",),
    owasp=("K02",),
)
