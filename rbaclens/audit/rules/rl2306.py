"""RL2306: grants to all authenticated users."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.coverage import Coverage
from rbaclens.audit.broad_groups import group_flaws, usual_rules
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.identity import AUTHENTICATED

_EVERYBODY = {AUTHENTICATED: "every user and every service account that can log in"}


def _check(context: Context) -> Iterator[Flaw]:
    usual = Coverage(usual_rules(context, (AUTHENTICATED,)))
    return group_flaws(context, usual, lambda group: _EVERYBODY.get(group, ""))


RULE = CheckRule(
    id="RL2306",
    title="Grant to all authenticated users",
    condition="A binding gives the group system:authenticated more than the API server itself does.",
    gives="Every service account and every user of the login has it; on some platforms that is anybody with an account of the provider.",
    fix="Bind a named group instead.",
    level="error",
    base=8.5,
    check=_check,
    cis=("GKE-4.1.10",),
    attack=("T1078",),
    owasp=("K02",),
)
