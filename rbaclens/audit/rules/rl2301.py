"""RL2301: all non-resource URLs."""

from __future__ import annotations

from rbaclens.analysis.capability import FRESH_PATH, may_reach
from rbaclens.audit.match import Here
from rbaclens.audit.rule import C, CapabilityRule

_WRITING = 7.5

_PUT = may_reach("put", FRESH_PATH)


def _here(here: Here, score: float) -> float:
    """Who may put changes the flags of the server."""
    return _WRITING if here.may(_PUT) else score


RULE = CapabilityRule(
    id="RL2301",
    title="All non-resource URLs",
    gives="Profiles, log files, metrics and configuration of the API server; with put also a change of its flags.",
    fix="Name the paths that are needed.",
    trigger=may_reach("get head post put patch delete options", FRESH_PATH),
    scores={C: 5.5},
    here=_here,
    asks=_PUT,
    cis=("5.1.3",),
    owasp=("K02",),
)
