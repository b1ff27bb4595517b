"""RL1105: making a service account token by creating a secret."""

from __future__ import annotations

from rbaclens.analysis.capability import WORKLOADS, may
from rbaclens.audit.rule import NP, C, CapabilityRule, N


def _any_name(name: str) -> bool:
    """Whoever creates the secret chooses its name, so that reading one name is enough."""
    return bool(name)


# The token controller fills the secret after it was created: somebody has to read it back, or to mount it. A patch and the
# deletions hand the content out too (RL1112).
RULE = CapabilityRule(
    id="RL1105",
    title="Create secrets and read them back (token minting)",
    gives="A token of any service account of the namespace that never expires: a new secret of the token type is filled by the cluster.",
    fix="Take create on secrets away, or forbid the type kubernetes.io/service-account-token by an admission policy.",
    trigger=may("create", "secrets") & (may("get list watch patch delete deletecollection", "secrets") | may("create", "pods") | WORKLOADS),
    scores={C: 9.2, N: 8.6, NP: 9.2},
    named=True,
    sensitive=_any_name,
    admin=(C, NP),
    cis=("5.1.2", "5.1.13"),
    attack=("T1528", "T1098.006"),
    owasp=("K02",),
)
