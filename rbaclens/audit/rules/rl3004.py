"""RL3004: a binding to a service account that is not there, and that somebody may create."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rbaclens.analysis.capability import RBAC, WORKLOADS, WRITE, atoms, may
from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.holder import Grant, principal_of
from rbaclens.analysis.holdings import member_groups
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related, name_of
from rbaclens.audit.patch import delete, without_subject
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.authorizers.rbac import subject_account
from rbaclens.index.who_can import Holder, who_can
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.identity import implied_groups, service_account_user
from rbaclens.model.objects import Binding, Role
from rbaclens.model.pattern import Pattern
from rbaclens.model.rules import PolicyRule

_OWN_NAMESPACES = {"default", "kube-system", "kube-public", "kube-node-lease"}
_OWN_ACCOUNT = "default"
_NAMED = 3
"""As many claimers are named; in a large cluster there may be thousands."""
_STRONG = tuple(
    atoms(
        may("get list watch create", "secrets")
        | may("create", "pods pods/exec serviceaccounts/token")
        | WORKLOADS
        | may("bind escalate", "roles clusterroles", RBAC)
        | may("impersonate", "serviceaccounts")
        | may("impersonate", "users groups", cluster=True)
        | may("get create", "nodes/proxy", cluster=True)
        | may(WRITE, "mutatingwebhookconfigurations validatingwebhookconfigurations", "admissionregistration.k8s.io", cluster=True)
    )
)
"""What makes a grant an error: the core of what other rules call high."""


def _check(context: Context) -> Iterator[Flaw]:
    claims = _Claims(context)
    for binding, role in context.bound:
        if not role.rules:
            continue
        for position, subject in enumerate(binding.subjects):
            account = subject_account(subject, binding.namespace)
            wanted = claims.wanted(account) if account else None
            if account is None or wanted is None or context.is_shipped_pair(binding, position):
                continue
            grants = tuple(islice(claims.gaining(wanted, account, binding, role), _NAMED + 1))
            if grants:
                yield _flaw(binding, position, account, role, wanted, grants)


class _Claims:
    """Who may create what is missing; asked once for each namespace."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._accounts = context.service_accounts
        self._with_accounts = {namespace for namespace, _ in self._accounts}
        self._holders: dict[Pattern, tuple[Holder, ...]] = {}
        self._covered: dict[tuple[str, str, str], Coverage] = {}

    def wanted(self, account: tuple[str, str]) -> Pattern | None:
        """What would bring the account to life; ``None``: it is there, or the input does not tell."""
        namespace, name = account
        if namespace in self._with_accounts or namespace in _OWN_NAMESPACES or namespace in self._context.namespaces:
            missing = self._accounts and account not in self._accounts and name != _OWN_ACCOUNT
            known = namespace in self._with_accounts or namespace in self._context.namespaces
            return Pattern("create", "serviceaccounts", "", "", namespace) if missing and known else None
        return Pattern("create", "namespaces", "") if self._context.namespaces else None

    def gaining(self, wanted: Pattern, account: tuple[str, str], binding: Binding, role: Role) -> Iterator[Grant]:
        """The grants of those who may create it and do not have all of the role by themselves."""
        if wanted not in self._holders:
            self._holders[wanted] = tuple(one for one in who_can(self._context.engine, wanted).holders if self._counts(one))
        for holder in self._holders[wanted]:
            own = holder.kind == "ServiceAccount" and holder.name == "/".join(account)
            if not own and self._coverage(holder, binding.namespace).missing(role.rules):
                assert isinstance(holder.evidence, (RbacGrant, AbacGrant))  # noqa: S101
                yield holder.evidence

    def _counts(self, holder: Holder) -> bool:
        grant = holder.evidence
        if not isinstance(grant, RbacGrant):
            return isinstance(grant, AbacGrant)
        position = grant.binding.subjects.index(grant.subject)
        return not self._context.is_shipped_pair(grant.binding, position)

    def _coverage(self, holder: Holder, namespace: str) -> Coverage:
        key = (holder.kind, holder.name, namespace)
        if key not in self._covered:
            self._covered[key] = Coverage(self._rules(holder, namespace))
        return self._covered[key]

    def _rules(self, holder: Holder, namespace: str) -> tuple[PolicyRule, ...]:
        """What the holder has by RBAC where the binding counts."""
        if holder.kind == "Group":
            user, groups = "", (holder.name, *member_groups(holder.name))
        else:
            user = service_account_user(*holder.name.split("/")) if holder.kind == "ServiceAccount" else holder.name
            groups = implied_groups(user)
        return self._context.engine.rules_for(user, groups, namespace)[0]


def _flaw(binding: Binding, position: int, account: tuple[str, str], role: Role, wanted: Pattern, grants: tuple[Grant, ...]) -> Flaw:
    namespace, name = account
    who = dict.fromkeys(str(principal_of(grant)) for grant in grants[:_NAMED])
    names = ", ".join(who) + (" and others" if len(grants) > _NAMED else "")
    what = "its namespace" if wanted.resource == "namespaces" else "it"
    strong = any(_counts_here(pattern, binding) and rule_touches(rule, pattern) for rule in role.rules for pattern in _STRONG)
    return Flaw(
        on=binding,
        steps=("subjects", position),
        key=(namespace, name),
        score=7.0 if strong else None,
        message=f"ServiceAccount {namespace}/{name} is not there, and {names} may create {what} and so get at {role.kind} {role.name}.",
        evidence=grants[:_NAMED],
        related=(Related(role.origin, f"{name_of(role)} is what there is to get"),),
        patch=delete(binding) if len(binding.subjects) == 1 else without_subject(binding, position),
    )


def _counts_here(pattern: Pattern, binding: Binding) -> bool:
    """A RoleBinding gives nothing that is cluster-scoped."""
    return binding.kind == "ClusterRoleBinding" or pattern.namespace != ""


RULE = CheckRule(
    id="RL3004",
    title="Claimable dangling subject",
    condition="A binding names a service account that is not in the input, and somebody who has less than its role may create the account"
    " (or its namespace, if that is missing); an error where the role gives secrets, pods, tokens, impersonation or RBAC.",
    gives="Somebody creates the account, requests its token or runs a pod as it, and has what the binding gives.",
    fix="Take the subject out of the binding, or create the account; names of uninstalled charts are easily guessed.",
    level="warning",
    tier=2,
    check=_check,
    cis=("5.1.1",),
    attack=("T1098", "T1078"),
    owasp=("K02",),
)
