"""RL3601: everything is allowed."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule


def _check(context: Context) -> Iterator[Flaw]:
    types = [entry.type for entry in context.engine.config.authorizers]
    if "AlwaysAllow" in types:
        before = types[: types.index("AlwaysAllow")]
        unless = f" that none of {', '.join(before)} denies" if "Webhook" in before else ""
        yield Flaw(on=None, message=f"AlwaysAllow is among the authorizers ({', '.join(types)}): every request{unless} is allowed.")


RULE = CheckRule(
    id="RL3601",
    title="AlwaysAllow among the authorizers",
    condition="AlwaysAllow is among the authorizers, wherever it stands.",
    gives="Everybody who can log in has cluster-admin, whatever roles and bindings say: one authorizer that allows is enough.",
    fix="Remove AlwaysAllow, and let Node and RBAC decide.",
    level="error",
    check=_check,
    base=9.8,
    cis=("1.2.6", "4.2.2"),
    attack=("T1078",),
    owasp=("K02",),
)
