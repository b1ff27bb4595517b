"""RL2307: grants to all service accounts."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.audit.broad_groups import ACCOUNT_GROUPS, group_flaws, usual_rules
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.identity import SERVICE_ACCOUNTS

_IN_NAMESPACE = f"{SERVICE_ACCOUNTS}:"


def _check(context: Context) -> Iterator[Flaw]:
    return group_flaws(context, Coverage(usual_rules(context, ACCOUNT_GROUPS)), _pods)


def _pods(group: str) -> str:
    return f"every pod that belongs to {group}" if f"{group}:".startswith(_IN_NAMESPACE) else ""


RULE = CheckRule(
    id="RL2307",
    title="Grant to all service accounts",
    condition="A binding gives system:serviceaccounts, or that group of one namespace, more than the API server itself does.",
    gives="One compromised pod is enough to have it, whatever that pod is for.",
    fix="Bind the service account that needs it, by name.",
    level="error",
    base=7.8,
    check=_check,
    cis=("5.1.5",),
    attack=("T1528",),
    owasp=("K02",),
)
