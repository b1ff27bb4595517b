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
    return adjusted(rule, match, score, principal is not None and raised(principal, match.context))


def adjusted(rule: CapabilityRule, match: Match, score: float, more: bool) -> float | None:
    """As :func:`score_of`, where the rule's score for the scope and whether the principal's are a level worse are known."""
    if rule.score is not None:
        found = rule.score(match, score)
        if found is None:
            return None
        score = found
    return shifted_by(rule, match, score, more)


def shifted_by(rule: CapabilityRule, match: Match, score: float, more: bool = False) -> float:
    """A score after the adjustments that hold for every rule; ``more``: what the principal holds is a level worse."""
    levels = 1 if more else 0
    if match.names and not (rule.sensitive is not None and any(map(rule.sensitive, match.names))):
        levels -= 1
    if rule.pods and match.scope != EVERYWHERE and match.context.pod_security(match.scope) == RESTRICTED:
        levels -= 1
    if match.principal is None:
        levels += LATENT_LEVELS
    return shifted(score, levels) if levels else score


def base_score(rule: CapabilityRule, context: Context, scope: str) -> float | None:
    """What a rule gives for a scope before anything else is looked at."""
    if scope == EVERYWHERE:
        return rule.scores.get(C)
    local = rule.scores.get(N)
    return rule.scores.get(NP, local) if scope in context.privileged else local


def raised(principal: Principal, context: Context) -> bool:
    """Whether what this principal holds is a level worse: everybody has it, or it lies on every node."""
    if principal.name in _BROAD_NAMES and principal in _BROAD:
        return True
    accounts = context.daemon_accounts
    return bool(accounts) and principal.kind == "ServiceAccount" and service_account_user(*principal.name.split("/")) in accounts


def in_full(rule: CapabilityRule, match: Match, level: Scope) -> bool:
    """Whether a match that is limited to names counts like one without: one of them is as bad as all, by the rule's own hook too."""
    full = rule.scores.get(level)
    if full is None or rule.sensitive is None or not any(map(rule.sensitive, match.names)):
        return False
    score = full if rule.score is None else rule.score(match, full)
    return score is not None and score >= full
