"""RL1112: reading secrets through write verbs."""

from __future__ import annotations

from rbaclens.analysis.capability import may
from rbaclens.audit.match import Match
from rbaclens.audit.rule import NP, C, CapabilityRule, N

_READ = "get list watch"
_WRITE = "patch delete deletecollection"
_READ_ALL = may(_READ, "secrets")
_WRITE_ALL = may(_WRITE, "secrets")


def _score(match: Match, score: float) -> float | None:
    """Nothing new where every secret that may be written may be read as well."""
    if match.may(_WRITE_ALL):
        return score
    names = match.names or (tuple(name for rule in match.role.rules for name in rule.resource_names) if match.role else ())
    written = (name for name in names if match.may(may("patch delete", "secrets", name=name)))
    return None if all(match.may(may(_READ, "secrets", name=name)) for name in written) else score


# The answer to an empty patch, to deletecollection?dryRun=All and to delete?dryRun=All&propagationPolicy=Foreground is the object
# itself; an update and a plain delete answer with what the client sent, or with a status.
RULE = CapabilityRule(
    id="RL1112",
    title="Read secrets through write verbs",
    gives="The content of secrets without get, list or watch: an empty patch and dry-run deletions show the object and change nothing.",
    fix="Treat patch, delete and deletecollection on secrets as reading: take them away, or limit patch and delete by resourceNames.",
    trigger=_WRITE_ALL,
    unless=_READ_ALL,
    scores={C: 9.1, N: 8.4, NP: 9.1},
    named=True,
    score=_score,
    cis=("5.1.2",),
    attack=("T1552.007",),
    owasp=("K03", "K02"),
)
