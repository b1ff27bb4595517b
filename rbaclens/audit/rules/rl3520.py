"""RL3520: an ABAC line that the legacy decoder reads as a blank policy."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.identity import AUTHENTICATED


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    blank = not line.readonly and line.group == AUTHENTICATED and line.namespace == line.resource == line.non_resource_path == "*"
    if line.version == "v0" and blank and not line.user:
        yield Flaw(
            on=line,
            message="The line is read as a blank legacy policy: every authenticated user may do everything; what it says is ignored.",
            principal=Principal.of_group(AUTHENTICATED),
        )


RULE = LineRule(
    id="RL3520",
    title="ABAC line that silently grants everything",
    condition="A line without apiVersion or kind is read as the legacy format, which ignores spec; nothing is left that restricts it.",
    gives="Every authenticated user and service account may do everything, without any error at the start of the API server.",
    fix='Write apiVersion "abac.authorization.kubernetes.io/v1beta1" and kind "Policy", or delete the line.',
    level="error",
    base=9.8,
    check=_check,
    attack=("T1078",),
    owasp=("K02",),
)
