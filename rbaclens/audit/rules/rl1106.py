"""RL1106: changing secrets."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.rule import C, CapabilityRule, N

# The type of a secret never changes, so that no other secret becomes a token; a patch shows the content too (RL1112).
RULE = CapabilityRule(
    id="RL1106",
    title="Modify secrets",
    gives="Credentials of the attacker's choice where controllers and pods trust them: TLS keys, registry and deployment credentials.",
    fix="Limit update and patch by resourceNames to the secrets that the component writes.",
    tier=2,
    trigger=may("update patch", "secrets"),
    scores={C: 7.5, N: 7.5},
    named=True,
    attack=("T1552.007", "T1557"),
    owasp=("K03",),
)
