"""RL3505: a key in an ABAC line that the API server ignores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy

_TOP = frozenset({"apiVersion", "kind"})
_V0 = frozenset({"user", "group", "readonly", "resource", "namespace"})
_SPEC = _V0 | {"apiGroup", "nonResourcePath"}
# What somebody who writes it wants to narrow the line by, in small letters and without a plural s.
_NARROWING = frozenset(
    {"user", "group", "readonly", "resource", "namespace", "apigroup", "apiversion", "kind", "spec", "verb", "name", "resourcename"}
    | {"subresource", "nonresourcepath", "nonresourceurl", "path", "scope", "subject", "role", "effect", "deny", "selector"}
)


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    data = _data(line)
    spec = data.get("spec")
    if line.version == "v0":
        ignored = list(data.keys() - _TOP - _V0)
    else:
        ignored = list(data.keys() - _TOP - {"spec"}) + list(spec.keys() - _SPEC if isinstance(spec, dict) else ())
    for key in sorted(set(ignored)):
        narrows = key.casefold().removesuffix("s") in _NARROWING
        yield Flaw(
            on=line,
            key=(key,),
            message=f'The API server ignores "{key}" without a word'
            + ("; the line grants as much as without it." if narrows else "; the key has no meaning here."),
            score=None if narrows else 0.0,
        )


def _data(line: AbacPolicy) -> dict[Any, Any]:
    """The line as it is written: JSON, or else YAML (ABAC-09)."""
    if line.written.startswith("{"):
        found = json.loads(line.written)
    else:
        import yaml

        found = yaml.load(line.written, Loader=yaml.BaseLoader)  # noqa: S506 - plain strings, no objects
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


RULE = LineRule(
    id="RL3505",
    title="Ignored key in an ABAC line",
    condition="A line has a key that its format does not know, such as verb, name or subresource, or a known one in another case.",
    gives="The restriction that the key was meant to be does not exist: the line grants every verb, name and subresource.",
    fix="Write the key as the format has it; where ABAC cannot say it, replace the line by an RBAC role.",
    level="error",
    check=_check,
    attack=("T1078",),
    owasp=("K02",),
)
