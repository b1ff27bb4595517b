"""RL3306: a dangerous role that view, edit or admin gathers."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.capability import FRESH, RBAC, WORKLOADS, WRITE, Expression, atoms, may
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.patch import Edit, edit
from rbaclens.audit.rule import LEVEL_SCORES, CheckRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.objects import Role

Dangers = tuple[tuple[str, Expression], ...]
_LABEL = "rbac.authorization.k8s.io/aggregate-to-"
_EXEC = "pods/exec pods/attach pods/portforward pods/proxy services/proxy"
_ADMIN: Dangers = (
    ("may everything that somebody adds later", may(FRESH, FRESH) | may(FRESH, FRESH, FRESH) | may(WRITE, FRESH)),
    ("grants roles beyond its own", may("bind escalate", "roles clusterroles", RBAC)),
    ("changes cluster roles", may(WRITE, "clusterroles clusterrolebindings", RBAC)),
    ("impersonates users or groups", may("impersonate", "users groups")),
    ("reaches the kubelet", may("get create", "nodes/proxy")),
    ("approves certificates", may("update patch", "certificatesigningrequests/approval", "certificates.k8s.io")),
    (
        "changes admission",
        may(WRITE, "mutatingwebhookconfigurations validatingwebhookconfigurations", "admissionregistration.k8s.io"),
    ),
)
_EDIT: Dangers = (*_ADMIN, ("changes roles or bindings", may(WRITE, "roles rolebindings", RBAC)))
_VIEW: Dangers = (
    *_EDIT,
    ("reads secrets", may("get list watch patch delete deletecollection", "secrets")),
    ("creates secrets", may("create update", "secrets")),
    ("gets into pods", may("get create", _EXEC) | may("update patch", "pods/ephemeralcontainers")),
    ("runs pods", may(WRITE, "pods") | WORKLOADS),
    ("makes tokens", may("create", "serviceaccounts/token")),
    ("impersonates service accounts", may("impersonate", "serviceaccounts")),
)
_TARGETS = {"view": _VIEW, "edit": _EDIT, "admin": _ADMIN}
"""What each role must not gather; what view gathers comes to edit, and what edit gathers to admin."""


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.roles:
        if role.kind != "ClusterRole" or context.shipped_role(role) is not None:
            continue
        target = next((one for one in _TARGETS if role.labels.get(_LABEL + one) == "true"), None)
        if target is None:
            continue
        found = {text: number for text, trigger in _TARGETS[target] if (number := _rule_with(role, trigger)) is not None}
        if found:
            label = _LABEL + target
            yield Flaw(
                on=role,
                steps=("metadata", "labels", label),
                key=(target,),
                message=f"Whoever has {target}, in any namespace, has this role too, which {', '.join(found)}.",
                score=None if target == "view" else LEVEL_SCORES["warning"],
                related=tuple(Related(role.rule_origin(number), "a rule that does it") for number in sorted(set(found.values()))),
                patch=edit(role, f"take the label off that makes {target} gather it", Edit("remove", _pointer(label))),
            )


def _rule_with(role: Role, trigger: Expression) -> int | None:
    patterns = list(atoms(trigger))
    return next((at for at, rule in enumerate(role.rules) if any(rule_touches(rule, pattern) for pattern in patterns)), None)


def _pointer(label: str) -> str:
    return f"/metadata/labels/{label.replace('/', '~1')}"


RULE = CheckRule(
    id="RL3306",
    title="Dangerous role that view, edit or admin gathers",
    condition="A ClusterRole with a label aggregate-to-view, -edit or -admin has a rule that is dangerous to whoever has that role.",
    gives="Every binding of the built-in role, present and future, is widened without being touched: a viewer reads secrets.",
    fix="Take the label off and bind the role to those who need it, or take the dangerous rules out.",
    level="error",
    check=_check,
    cis=("5.1.1",),
    attack=("T1098.006",),
    owasp=("K02",),
)
