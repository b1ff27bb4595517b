"""RL3205: API groups that cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources

_VERSION = re.compile(r"v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?")
_GROUPS = {one.group for one in api_resources()} | {"extensions"}
_FIRST_LABELS = {one.partition(".")[0]: one for one in sorted(_GROUPS) if "." in one}


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, rule in context.rules_naming("api_groups", _wrong):
        for position, group in enumerate(rule.api_groups):
            wrong = _wrong(group)
            if wrong:
                message = f'"{group}" is no API group: {wrong}.'
                yield Flaw(on=role, steps=("rules", number, "apiGroups", position), key=(group,), message=message)


def _wrong(group: str) -> str:
    lower = group.lower()
    if group in _GROUPS or group == "*":
        return ""
    if "*" in group:
        return "a star stands for all groups when it is alone, and for itself otherwise"
    if lower in ("core", "v1") or lower.startswith("core/"):
        return 'the core group is the empty string, ""'
    name, slash, version = group.partition("/")
    if slash:
        what = "a version" if _VERSION.fullmatch(version) else "a resource"
        return f"{what} is no part of it; write {name}" if name else "it has no slash"
    if _VERSION.fullmatch(group):
        return "it is a version"
    if lower != group:
        return f"groups are in lower case; write {lower}"
    return f"write {_FIRST_LABELS[group]}" if group in _FIRST_LABELS else ""


RULE = CheckRule(
    id="RL3205",
    title="Bad API group",
    condition='A rule names an API group that cannot exist: "core", a version, a group with its version, a partial wildcard.',
    gives="The entry grants nothing: groups are compared as they stand, without versions, and the core group is the empty string.",
    fix="Write the group without version, and the core group as the empty string.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
