"""RL3221: get without create on exec, attach and portforward."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.matching import rule_touches
from rbaclens.model.pattern import Pattern

_STREAMS = ("exec", "attach", "portforward")


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, rule in context.rules_naming("resources", lambda entry: entry.partition("/")[2] in _STREAMS):
        for position, entry in enumerate(rule.resources):
            subresource = entry.partition("/")[2]
            if entry not in (f"pods/{subresource}", f"*/{subresource}") or subresource not in _STREAMS:
                continue
            get, create = (Pattern(verb, "pods", "", subresource, None, None) for verb in ("get", "create"))
            if rule_touches(rule, get) and not any(rule_touches(other, create) for other in role.rules):
                yield Flaw(
                    on=role,
                    steps=("rules", number, "resources", position),
                    key=(subresource,),
                    message=f"get on pods/{subresource} opens nothing without create, which this role does not grant.",
                )


RULE = CheckRule(
    id="RL3221",
    title="Streaming with get alone",
    condition="A role grants get on pods/exec, pods/attach or pods/portforward, and create nowhere.",
    gives="Since 1.35 a websocket needs create too, so that get is enough on older servers only, and where the check is turned off.",
    fix="Remove it, or grant create to those who shall open a session.",
    level="note",
    check=_check,
    since=(1, 35),
    attack=("T1609",),
    owasp=("K02",),
)
