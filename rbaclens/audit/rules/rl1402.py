"""RL1402: exec, attach and port-forward by GET."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import C, CapabilityRule, N

_STREAMS = ("pods/exec", "pods/attach", "pods/portforward")
_CREATE_ASKED_TOO = (1, 35)
_LOW = 3.5


def _score(match: Match, score: float) -> float | None:
    """Who may create as well does not need the way around; since 1.35 the server asks for create too."""

    if not any(
        match.may(may("get", stream, name=name)) and not match.may(may("create", stream, name=name))
        for stream in _STREAMS
        for name in match.names or (None,)
    ):
        return None
    return _LOW if match.context.version >= _CREATE_ASKED_TOO else score


RULE = CapabilityRule(
    id="RL1402",
    title="Exec, attach or port-forward by GET only",
    gives="Before Kubernetes 1.35 a websocket handshake needs get alone, so that a role that looks read-only runs commands in pods.",
    fix="Remove get on pods/exec, pods/attach and pods/portforward.",
    trigger=may("get", "pods/exec pods/attach pods/portforward"),
    scores={C: 7.5, N: 7.5},
    named=True,
    score=_score,
    attack=("T1609",),
    owasp=("K02",),
)
