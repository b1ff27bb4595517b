"""RL3008: a service account that is written as a user, or service accounts as a group."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import Edit, edit
from rbaclens.audit.rule import CheckRule
from rbaclens.model.identity import SERVICE_ACCOUNTS, is_dns_label, parse_service_account
from rbaclens.model.objects import Binding


def _check(context: Context) -> Iterator[Flaw]:
    for binding in context.bindings:
        for position, subject in enumerate(binding.subjects):
            account = parse_service_account(subject.name) if subject.kind == "User" else None
            whose = _whose(subject.name) if subject.kind == "Group" else ""
            if not (account or whose) or context.is_shipped_pair(binding, position):
                continue
            if account:
                yield _as_user(binding, position, account)
            else:
                yield Flaw(
                    on=binding,
                    steps=("subjects", position),
                    key=("Group", subject.name),
                    message=f"Group {subject.name} stands for {whose}: a search for subjects of kind ServiceAccount misses the grant.",
                )


def _as_user(binding: Binding, position: int, account: tuple[str, str]) -> Flaw:
    namespace, name = account
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    text = f"write the subject as ServiceAccount {namespace}/{name}"
    return Flaw(
        on=binding,
        steps=("subjects", position),
        key=("User", namespace, name),
        message=f"User {binding.subjects[position].name} is ServiceAccount {namespace}/{name}: a search for its kind misses the grant.",
        patch=edit(binding, text, Edit("replace", f"/subjects/{position}", subject)),
    )


def _whose(group: str) -> str:
    if group == SERVICE_ACCOUNTS:
        return "every service account"
    start, _, namespace = group.rpartition(":")
    return f"every service account of namespace {namespace}" if start == SERVICE_ACCOUNTS and is_dns_label(namespace) else ""


RULE = CheckRule(
    id="RL3008",
    title="Service account written as user or group",
    condition="A subject is a User named system:serviceaccount:NAMESPACE:NAME, or a Group system:serviceaccounts or one of its namespaces.",
    gives="The grant counts, but reviews and tools that go by the kind of the subject do not see it.",
    fix="Name each service account by a subject of kind ServiceAccount.",
    level="note",
    check=_check,
    cis=("5.1.5",),
    owasp=("K02",),
)
