"""RL2308: grants to a default service account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbaclens.analysis.capability import RBAC, WORKLOADS, WRITE, holds, may
from rbaclens.analysis.coverage import Coverage
from rbaclens.analysis.holder import Principal
from rbaclens.audit.broad_groups import ACCOUNT_GROUPS, beyond, usual_rules
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.patch import take_out
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.authorizers.rbac import subject_account
from rbaclens.model.decision import RbacGrant
from rbaclens.model.identity import service_account_user
from rbaclens.model.objects import Binding
from rbaclens.model.pattern import Pattern
from rbaclens.model.rules import PolicyRule

_DEFAULT = "default"
_SECRETS = may("get list watch create patch delete", "secrets")
_IDENTITIES = may("create", "serviceaccounts/token") | may("impersonate", "serviceaccounts")
_SHELLS = may("create", "pods/exec") | may("update patch", "pods/ephemeralcontainers")
_ROLES = may("bind escalate", "roles clusterroles", RBAC) | may("impersonate", "users groups", cluster=True)
_STRONG = _SECRETS | _IDENTITIES | _SHELLS | _ROLES
_PODS = may("create", "pods") | WORKLOADS | may("get " + WRITE, "nodes/proxy", cluster=True)
_ADMIN, _HIGH = 9.1, 7.5


def _check(context: Context) -> Iterator[Flaw]:
    usual = Coverage(usual_rules(context, ACCOUNT_GROUPS))
    for binding in context.policy.bindings:
        for position, subject in enumerate(binding.subjects):
            account = subject_account(subject, binding.namespace) if subject.name.endswith(_DEFAULT) else None
            role = context.role_of(binding) if account is not None and account[1] == _DEFAULT else None
            if role is None or account is None:
                continue
            numbers = beyond(binding, role, usual)
            user = service_account_user(*account)
            if numbers:
                yield Flaw(
                    on=binding,
                    steps=("subjects", position),
                    key=(user,),
                    message=f"{role.kind} {role.name} goes to every pod of namespace {account[0]} that names no service account.",
                    score=_score(context, binding, [role.rules[number] for number in numbers]),
                    principal=Principal.of_user(user),
                    evidence=tuple(RbacGrant(binding, subject, role, number) for number in numbers),
                    patch=take_out(binding, position),
                )


def _score(context: Context, binding: Binding, rules: Sequence[PolicyRule]) -> float | None:
    """Never lower than what the role itself is worth: secrets, identities and shells are high, everywhere they are critical."""

    def given(pattern: Pattern) -> bool:
        # What is cluster-scoped, a RoleBinding never gives (RBAC-29).
        return (not binding.namespace or pattern.namespace is None) and any(rule_touches(rule, pattern) for rule in rules)

    if not binding.namespace or binding.namespace in context.privileged:
        return _ADMIN if holds(_STRONG | _PODS, given) else None
    return _HIGH if holds(_STRONG, given) else None


RULE = CheckRule(
    id="RL2308",
    title="Grant to a default service account",
    condition="A binding gives the service account default of some namespace more than every service account has.",
    gives="Every pod of the namespace that names no service account has these rights, also those that came later.",
    fix="Make a service account for the workload, bind that, and turn automountServiceAccountToken off for default.",
    level="warning",
    base=6.5,
    check=_check,
    cis=("5.1.5",),
    attack=("T1528",),
    owasp=("K02",),
)
