"""RL3002: a binding to a service account that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.rbac import subject_account
from rbaclens.model.identity import service_account_user

_ALWAYS_THERE = "default"
"""The service account that a controller makes in every namespace."""


def _check(context: Context) -> Iterator[Flaw]:
    accounts = context.service_accounts
    if not accounts:
        return
    namespaces = {namespace for namespace, _ in accounts} | context.namespaces.keys()
    for binding in context.bindings:
        for position, subject in enumerate(binding.subjects):
            account = subject_account(subject, binding.namespace)
            if account is None or account in accounts or context.is_shipped_pair(binding, position):
                continue
            namespace, name = account
            user = service_account_user(namespace, name)
            if namespace in namespaces and name != _ALWAYS_THERE:
                yield Flaw(
                    on=binding,
                    steps=("subjects", position),
                    key=(user,),
                    principal=Principal.of_user(user),
                    message=f"ServiceAccount {namespace}/{name} is not there: whoever creates it gets what the binding gives.",
                    patch=delete(binding) if len(binding.subjects) == 1 else without_subject(binding, position),
                )


RULE = CheckRule(
    id="RL3002",
    title="Missing ServiceAccount subject",
    condition="A binding names a service account that is not in the input, in a namespace that is; silent without any ServiceAccount.",
    gives="Whoever may create service accounts in that namespace takes over what the binding gives.",
    fix="Create the service account together with the binding, or take the subject out of the binding.",
    level="warning",
    check=_check,
    cis=("5.1.1",),
    owasp=("K02",),
)
