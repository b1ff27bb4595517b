"""RL3212: verbs that a subresource does not know."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.rules import PolicyRule

_STANDARD = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}


def _check(context: Context) -> Iterator[Flaw]:
    served: dict[str, dict[str, set[str]]] = {}
    for one in (*api_resources(), *context.policy.resources):
        for subresource in one.subresources:
            for entry in (f"{one.resource}/{subresource.name}", f"*/{subresource.name}"):
                served.setdefault(entry, {}).setdefault(one.group, set()).update(subresource.verbs)

    def unknown(rule: PolicyRule) -> Iterator[tuple[int, list[str], set[str]]]:
        """The entries, by position, that know none of the standard verbs of the rule, with those verbs and the ones they know."""
        standard = _STANDARD.intersection(rule.verbs)
        # Verbs with a meaning of their own are RL3213's business.
        if not standard or "*" in rule.verbs or any(":" in verb for verb in rule.verbs):
            return
        for position, entry in enumerate(rule.resources):
            homes = [verbs for group, verbs in served.get(entry, {}).items() if group in rule.api_groups or "*" in rule.api_groups]
            if homes and standard.isdisjoint(verbs := set().union(*homes)):
                yield position, sorted(standard), verbs

    for role, number, rule in context.rules_naming("resources", served.__contains__):
        for position, standard, verbs in unknown(rule):
            entry = rule.resources[position]
            yield Flaw(
                on=role,
                steps=("rules", number, "resources", position),
                key=(entry, *standard),
                message=f"{entry} knows {', '.join(sorted(verbs))} alone, not {', '.join(standard)}.",
            )


RULE = CheckRule(
    id="RL3212",
    title="Verb that the subresource does not know",
    condition="A rule names a subresource together with verbs none of which it serves.",
    gives="The entry grants nothing: there is no such operation.",
    fix="Name the verb that the operation has (kubectl logs is get on pods/log, an eviction create on pods/eviction), or remove the entry.",
    level="note",
    check=_check,
    owasp=("K02",),
)
