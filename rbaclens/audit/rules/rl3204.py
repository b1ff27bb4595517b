"""RL3204: resources that the rule's API groups do not have."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources
from rbaclens.model.rules import PolicyRule

# Only these groups are known in full: others may serve what they like.
_CLOSED = {one.group for one in api_resources()}
_UNLISTED = {
    *(("", name) for name in ("users", "groups")),
    *(("authentication.k8s.io", name) for name in ("users", "groups", "uids", "userextras", "serviceaccounts", "nodes")),
    *(("certificates.k8s.io", name) for name in ("signers", "clustertrustbundles", "podcertificaterequests")),
    *(("policy", "podsecuritypolicies"), ("scheduling.k8s.io", "workloads"), ("scheduling.k8s.io", "podgroups")),
    *(("resource.k8s.io", name) for name in ("podschedulingcontexts", "resourceclasses")),
    *(("resource.k8s.io", name) for name in ("resourceclaimparameters", "resourceclassparameters")),
    ("networking.k8s.io", "clustercidrs"),
}
"""Authorization's own names, resources that are off unless asked for, and those of other versions (RL3216 tells what is gone)."""
_AUDIENCE = "request-serviceaccounts-token-audience"
"""The verb whose resource is an audience, any text."""


def _check(context: Context) -> Iterator[Flaw]:
    resources = (*api_resources(), *context.policy.resources)
    homes: dict[str, list[str]] = {}
    for one in resources:
        homes.setdefault(one.resource, []).append(one.group)
    misnamed = {name for one in resources for name in (one.singular, *one.short_names)}

    def misplaced(rule: PolicyRule) -> Iterator[tuple[int, str, list[str]]]:
        """The resources, by position, that none of the API groups has, and those that have it."""
        if not _CLOSED.issuperset(rule.api_groups) or _AUDIENCE in rule.verbs:
            return
        for position, entry in enumerate(rule.resources):
            main = entry.partition("/")[0]
            there = homes.get(main) or sorted(group for group, name in _UNLISTED if name == main)
            if any(group in there or (group, main) in _UNLISTED for group in rule.api_groups):
                continue
            # Other spellings, stars, blanks and lists are found by rules of their own.
            if main in misnamed or not main.islower() or "*" in main or "," in main or main.split() != [main]:
                continue
            yield position, main, there

    for role, number, (position, main, there) in context.each_rule(misplaced):
        api_groups = role.rules[number].api_groups
        right = [_quoted(group) for group in dict.fromkeys(there)]
        where = f"it is in {' and '.join(right)}" if right else "no group that is known here has it"
        yield Flaw(
            on=role,
            steps=("rules", number, "resources", position),
            key=(main, *sorted(api_groups)),
            message=f"{main} is no resource of the API group {', '.join(map(_quoted, api_groups))}: {where}.",
            score=None if right else 0.0,
        )


def _quoted(group: str) -> str:
    return group or '"" (core)'


RULE = CheckRule(
    id="RL3204",
    title="Resource not in that API group",
    condition="A rule names a resource with API groups of Kubernetes none of which has it; a note where nobody is known to have it.",
    gives="The entry grants nothing: API group and resource are compared together.",
    fix="Name the API group that serves the resource (kubectl api-resources lists them).",
    level="warning",
    check=_check,
    owasp=("K02",),
)
