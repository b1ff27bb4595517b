"""RL3313: rules about pod security policies, which are no more."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule

_GROUPS = frozenset({"policy", "extensions"})
_RESOURCE = "podsecuritypolicies"


def _check(context: Context) -> Iterator[Flaw]:
    for role in context.roles:
        if role.gathered:
            continue
        for number, rule in enumerate(role.rules):
            if _RESOURCE in rule.resources and _GROUPS & set(rule.api_groups):
                yield Flaw(
                    on=role,
                    steps=("rules", number),
                    key=(*sorted(rule.verbs), "names", *sorted(rule.resource_names)),
                    message=f"{', '.join(rule.verbs)} on {_RESOURCE} means nothing since Kubernetes 1.25, which has no such resource.",
                )


RULE = CheckRule(
    id="RL3313",
    title="Rule about pod security policies",
    condition="A rule names podsecuritypolicies, on a server from 1.25 on.",
    gives="Nothing; but whoever reads the role believes that pods are limited by it, and nothing limits them.",
    fix="Delete the rule and enforce a pod security standard by a label of the namespace.",
    level="note",
    check=_check,
    since=(1, 25),
    owasp=("K04",),
)
