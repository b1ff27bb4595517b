"""RL3216: resources that the server does not have any more."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.rules import PolicyRule

_EXTENSIONS = ("daemonsets", "deployments", "replicasets", "replicationcontrollers", "networkpolicies", "podsecuritypolicies")
_REMOVED: dict[tuple[str, str], tuple[int, int]] = {
    **{("extensions", name): (1, 16) for name in _EXTENSIONS},
    ("extensions", "ingresses"): (1, 22),
    ("policy", "podsecuritypolicies"): (1, 25),
    ("auditregistration.k8s.io", "auditsinks"): (1, 19),
    ("settings.k8s.io", "podpresets"): (1, 20),
    **{("resource.k8s.io", name): (1, 31) for name in ("resourceclasses", "resourceclaimparameters", "resourceclassparameters")},
    ("resource.k8s.io", "podschedulingcontexts"): (1, 32),
}
"""The first version without the resource in that group. Versions of an API count for nothing: RBAC does not know them."""


_GROUPS = {group for group, _ in _REMOVED}


def _check(context: Context) -> Iterator[Flaw]:
    def removed(rule: PolicyRule) -> Iterator[tuple[int, str, dict[str, tuple[int, int]]]]:
        """The API groups, by position, that have some of the resources no more, and since when."""
        for position, group in enumerate(rule.api_groups):
            mains = dict.fromkeys(entry.partition("/")[0] for entry in rule.resources)
            gone = {main: since for main in mains if (since := _REMOVED.get((group, main))) and since <= context.version}
            if gone:
                yield position, group, gone

    for role, number, rule in context.rules_naming("api_groups", _GROUPS.__contains__):
        for position, group, gone in () if context.is_shipped_rule(role, rule) else removed(rule):
            what = ", ".join(f"{main} (since {since[0]}.{since[1]})" for main, since in gone.items())
            yield Flaw(
                on=role,
                steps=("rules", number, "apiGroups", position),
                key=(group, *sorted(gone)),
                message=f"The API group {group} has these no more: {what}.",
            )


RULE = CheckRule(
    id="RL3216",
    title="Removed API",
    condition="A rule names a resource in an API group that no version of the API has there any more.",
    gives="The entry grants nothing on this server; it is left over from an older one.",
    fix="Name the API group of today, or remove the entry.",
    level="note",
    check=_check,
    owasp=("K07",),
)
