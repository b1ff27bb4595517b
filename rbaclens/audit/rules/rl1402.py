"""RL1402: exec, attach and port-forward by GET."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Here
from rbaclens.audit.rule import C, CapabilityRule, N

_STREAMS = ("pods/exec", "pods/attach", "pods/portforward")
_CREATE = may("create", " ".join(_STREAMS))
_CREATE_ASKED_TOO = (1, 35)
_LOW = 3.5


def _here(here: Here, score: float) -> float | None:
    """Who may create as well does not need the way around; since 1.35 the server asks for create too."""

    if not any(
        here.may(may("get", stream, name=name)) and not here.may(may("create", stream, name=name))
        for stream in _STREAMS
        for name in here.names or (None,)
    ):
        return None
    return _LOW if here.version >= _CREATE_ASKED_TOO else score


RULE = CapabilityRule(
    id="RL1402",
    title="Exec, attach or port-forward by GET only",
    gives="Before Kubernetes 1.35 a websocket handshake needs get alone, so that a role that looks read-only runs commands in pods.",
    fix="Remove get on pods/exec, pods/attach and pods/portforward.",
    trigger=may("get", "pods/exec pods/attach pods/portforward"),
    scores={C: 7.5, N: 7.5},
    named=True,
    here=_here,
    asks=_CREATE,
    attack=("T1609",),
    owasp=("K02",),
)
