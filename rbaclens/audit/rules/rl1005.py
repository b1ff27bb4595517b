"""RL1005: writing all resources of an API group."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH, RBAC, WRITE, AnyOf, Atom, may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import NP, C, CapabilityRule, N
from rbaclens.model.pattern import Pattern

_VERBS = f"{WRITE} delete deletecollection"
_OTHER_GROUP = 6.0
# Groups whose objects make pods, rights, certificates or API endpoints; any other holds what its own controller makes of it.
_STRONG = AnyOf(
    tuple(
        may(_VERBS, FRESH, group)
        for group in (
            "",
            "apps",
            "batch",
            RBAC,
            "certificates.k8s.io",
            "admissionregistration.k8s.io",
            "apiregistration.k8s.io",
            "apiextensions.k8s.io",
        )
    )
)


def _here(here: Here, score: float) -> float | None:
    return score if here.may(_STRONG) else _OTHER_GROUP


RULE = CapabilityRule(
    id="RL1005",
    title="Resource wildcard with write verbs",
    gives="Every subresource as well (pods/exec, serviceaccounts/token, nodes/proxy in the core group), and every resource added later.",
    fix="List the resources; let resources that do not exist yet be denied.",
    trigger=AnyOf(tuple(Atom(Pattern(verb, FRESH, None, "", None, None)) for verb in _VERBS.split())),
    unless=may(FRESH, FRESH, FRESH),
    scores={C: 9.3, N: 8.0, NP: 9.0},
    whole="rule",
    here=_here,
    asks=_STRONG,
    cis=("5.1.3",),
    attack=("T1098.006",),
    owasp=("K02",),
)
