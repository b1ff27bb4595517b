"""RL3219: wildcards in object names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.rules import PolicyRule

_REGEX = re.compile(r"[\[\](){}^$|\\?+]")
_IDENTITIES = {"users", "groups", "uids", "userextras", "nodes"}


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, rule in context.rules_naming("resource_names", lambda name: "*" in name or _REGEX.search(name)):
        for position, name in enumerate(rule.resource_names):
            if _is_pattern(name, rule):
                yield Flaw(
                    on=role,
                    steps=("rules", number, "resourceNames", position),
                    key=(name, *sorted(rule.resources)),
                    message=f'The name "{name}" is compared as it stands: it is no pattern, and no object is called so.',
                )


def _is_pattern(name: str, rule: PolicyRule) -> bool:
    mains = {entry.partition("/")[0] for entry in rule.resources}
    if "*" in name:
        # The API server itself asks about all signers of a domain by such a name, and in constrained impersonation about "*" (ESC-47f).
        by_domain = "signers" in mains and name.endswith("/*") and "*" not in name[:-1]
        return not by_domain and not (name == "*" and any(verb.startswith("impersonate:") for verb in rule.verbs))
    # Users and groups may be called anything.
    return mains.isdisjoint(_IDENTITIES) and _REGEX.search(name) is not None


RULE = CheckRule(
    id="RL3219",
    title="Wildcard in resourceNames",
    condition="A resourceNames entry has a star, or is written as a regular expression.",
    gives="The entry grants nothing: names are compared letter by letter.",
    fix="List the names; where all objects are meant, remove resourceNames and see what that grants.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
