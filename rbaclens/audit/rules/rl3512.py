"""RL3512: an ABAC line for every path."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import principal_of
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import LineRule
from rbaclens.authorizers.matching import path_pattern_matches
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant

_ANY = "/rbaclens.dev-unheard-of"


def _check(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
    if (line.user or line.group) and path_pattern_matches(line.non_resource_path, _ANY):
        grant = AbacGrant(line)
        who = principal_of(grant)
        verbs = "read" if line.readonly else "use every HTTP method on"
        yield Flaw(on=line, message=f"{who} may {verbs} every path that is no resource.", principal=who, evidence=(grant,))


RULE = LineRule(
    id="RL3512",
    title="ABAC line for every path",
    condition="The nonResourcePath of a line is a star, or a star after the first slash.",
    gives="Logs, profiles and metrics of the API server, and whatever path a later version or an extension adds.",
    fix="Name the paths that are needed, such as /healthz or /metrics.",
    level="warning",
    check=_check,
    attack=("T1613",),
    owasp=("K02",),
)
