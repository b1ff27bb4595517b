"""RL3605: anonymous requests everywhere."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule
from rbaclens.model.identity import UNAUTHENTICATED
from rbaclens.model.location import Origin


def _check(context: Context) -> Iterator[Flaw]:
    anonymous = context.surroundings.anonymous
    if anonymous is not None and anonymous.enabled and not anonymous.paths:
        yield Flaw(
            on=None,
            message="The API server takes requests without credentials on every path, and judges them as system:anonymous.",
            principal=Principal.of_group(UNAUTHENTICATED),
            related=(Related(Origin(anonymous.file), "the configuration"),) if anonymous.file else (),
        )


RULE = CheckRule(
    id="RL3605",
    title="Anonymous requests on every path",
    condition="--anonymous-auth is true, or the AuthenticationConfiguration enables anonymous requests without conditions.",
    gives="One binding to system:unauthenticated is enough to open the cluster to whoever reaches the API server (RL2305).",
    fix="Limit anonymous requests to /livez, /readyz and /healthz by the conditions of an AuthenticationConfiguration, or turn them off.",
    level="warning",
    check=_check,
    cis=("1.2.1",),
    attack=("T1190",),
    owasp=("K06", "K09"),
)
