"""The score of a match: the rule's for the scope, then the adjustments that hold for every rule."""

from __future__ import annotations

from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.audit.context import Context
from rbaclens.audit.match import Match
from rbaclens.audit.rule import NP, C, CapabilityRule, N, Scope
from rbaclens.audit.severity import shifted
from rbaclens.model.identity import ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED, service_account_user

_BROAD = frozenset({
    Principal.of_user(ANONYMOUS),
    Principal.of_group(UNAUTHENTICATED),
    Principal.of_group(AUTHENTICATED),
    Principal.of_group(SERVICE_ACCOUNTS),
})  # fmt: skip
_BROAD_NAMES = frozenset(one.name for one in _BROAD)
RESTRICTED = "restricted"
LATENT_LEVELS = -2


def score_of(rule: CapabilityRule, match: Match) -> float | None:
    """The score, or ``None`` where the rule has nothing to say in this scope.

    A level more where everybody or a DaemonSet's account holds it; a level less for harmless names only, or for pods in a
    namespace that enforces the restricted standard; two less for a role that is bound to nobody.
    """
    score = base_score(rule, match.context, match.scope)
    if score is None:
        return None
    principal = match.principal
    return adjusted(rule, match, score, LATENT_LEVELS if principal is None else raised(principal, match.context))


def adjusted(rule: CapabilityRule, match: Match, score: float, levels: int) -> float | None:
    """As :func:`score_of`, where the rule's score for the scope and the levels that come of the principal are known."""
    found = rule.here(match.here, score) if rule.here is not None else score
    if found is not None and rule.score is not None:
        found = rule.score(match, found)
    if found is None:
        return None
    return shifted(found, levels + levels_of_place(rule, match.context, match.scope) + levels_of_names(rule, match.names))


def levels_of_names(rule: CapabilityRule, names: tuple[str, ...]) -> int:
    """A level less where a grant is limited to names, none of which is as bad as all."""
    return -1 if names and not (rule.sensitive is not None and any(map(rule.sensitive, names))) else 0


def levels_of_place(rule: CapabilityRule, context: Context, scope: str) -> int:
    """A level less for pods in a namespace that enforces the restricted standard."""
    return -1 if rule.pods and scope != EVERYWHERE and context.pod_security(scope) == RESTRICTED else 0


def base_score(rule: CapabilityRule, context: Context, scope: str) -> float | None:
    """What a rule gives for a scope before anything else is looked at."""
    if scope == EVERYWHERE:
        return rule.scores.get(C)
    local = rule.scores.get(N)
    return rule.scores.get(NP, local) if scope in context.privileged else local


def raised(principal: Principal, context: Context) -> int:
    """The levels by which what this principal holds is worse: 1 if everybody has it, or it lies on every node."""
    if principal.name in _BROAD_NAMES and principal in _BROAD:
        return 1
    accounts = context.daemon_accounts
    return int(bool(accounts) and principal.kind == "ServiceAccount" and service_account_user(*principal.name.split("/")) in accounts)


def in_full(rule: CapabilityRule, match: Match, level: Scope) -> bool:
    """Whether a match that is limited to names counts like one without: one of them is as bad as all, by the rule's own hook too."""
    full = rule.scores.get(level)
    if full is None or rule.sensitive is None or not any(map(rule.sensitive, match.names)):
        return False
    score = rule.here(match.here, full) if rule.here is not None else full
    if score is not None and rule.score is not None:
        score = rule.score(match, score)
    return score is not None and score >= full
