"""RL3211: subresources that do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.rules import PolicyRule

# Not in discovery, but asked about by name: owner references, the kubelet's own paths, approval and binding checks.
_EVERYWHERE = {"finalizers"}
_UNLISTED = {
    "nodes": {"log", "metrics", "stats", "configz", "healthz", "pods", "spec", "checkpoint", "statusz", "flagz"},
    "endpoints": {"restricted"},
    "certificatesigningrequests": {"nodeclient", "selfnodeclient"},
    "resourceclaims": {"binding", "driver"},
}


def _check(context: Context) -> Iterator[Flaw]:
    known: dict[str, dict[str, set[str]]] = {}
    for one in (*api_resources(), *context.policy.resources):
        found = known.setdefault(one.resource, {}).setdefault(one.group, {*_EVERYWHERE, *_UNLISTED.get(one.resource, ())})
        found.update(subresource.name for subresource in one.subresources)
    served = {group for groups in known.values() for group in groups}

    def unknown(rule: PolicyRule) -> Iterator[tuple[int, str, str]]:
        """The entries, by position, whose subresource is not there, and what to say about each."""
        if "*" not in rule.api_groups and not served.issuperset(rule.api_groups):
            return
        for position, entry in enumerate(rule.resources):
            main, slash, subresource = entry.partition("/")
            homes = [names for group, names in known.get(main, {}).items() if group in rule.api_groups or "*" in rule.api_groups]
            if not slash or not homes or "*" in subresource or any(subresource in names for names in homes):
                continue
            near = get_close_matches(subresource.lower(), sorted(set().union(*homes)), n=1)
            hint = f"; {main}/{near[0]} is probably meant" if near else ""
            yield position, entry, f'{main} have no subresource "{subresource}"{hint}.'

    def is_doubtful(entry: str) -> bool:
        main, slash, subresource = entry.partition("/")
        return slash != "" and any(subresource not in names for names in known.get(main, {}).values())

    for role, number, rule in context.rules_naming("resources", is_doubtful):
        for position, entry, message in () if context.is_shipped_rule(role, rule) else unknown(rule):
            yield Flaw(on=role, steps=("rules", number, "resources", position), key=(entry,), message=message)


RULE = CheckRule(
    id="RL3211",
    title="Unknown subresource",
    condition="A rule names a subresource that a resource of Kubernetes, or of a definition in the input, does not have.",
    gives="The entry grants nothing, while its readers believe that it does.",
    fix="Write the subresource as the API server calls it, or remove the entry.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
