"""RL1602: approving certificate requests, with a part missing."""

from __future__ import annotations

from rbaclens.analysis.capability import atoms, form, may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule

_GROUP = "certificates.k8s.io"
_CREATE = may("create", "certificatesigningrequests", _GROUP, cluster=True)
_APPROVE = may("approve", "signers", _GROUP, cluster=True)


def _score(match: Match, score: float) -> float | None:
    """With both other parts it is complete: for the signer of client certificates RL1601, for one's own signer as it is meant."""
    complete = match.may(_CREATE) and any(match.ask(form(one, True)) for one in atoms(_APPROVE))
    return None if complete else score


RULE = CapabilityRule(
    id="RL1602",
    title="CSR approval, incomplete",
    gives="With the missing grant, certificates in almost any name; with approve on a signer already the pending requests of others.",
    fix="Remove it; an approver has update on the approval and approve on the one signer that it serves.",
    tier=2,
    trigger=may("update patch", "certificatesigningrequests/approval", _GROUP, cluster=True),
    scores={C: 5.5},
    named=True,
    score=_score,
    cis=("5.1.11",),
    attack=("T1649",),
    owasp=("K09",),
)
