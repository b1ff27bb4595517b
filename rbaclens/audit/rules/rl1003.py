"""RL1003: everything in one namespace."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, may
from rbaclens.audit.rule import NP, CapabilityRule, N

RULE = CapabilityRule(
    id="RL1003",
    title="Everything in one namespace",
    gives="All secrets of the namespace, the token of every service account there, exec into every pod, and its RBAC.",
    fix="Use a role without secrets, serviceaccounts/token and RBAC objects; move powerful service accounts to a namespace of their own.",
    trigger=may(FRESH, FRESH, FRESH),
    scores={N: 8.2, NP: 9.3},
    admin=(NP,),
    whole="rule",
    cis=("5.1.1", "5.1.3"),
    attack=("T1078",),
    owasp=("K02",),
)
