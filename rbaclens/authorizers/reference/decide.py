"""The whole chain, plainly (ATTR-23 to ATTR-28)."""

from __future__ import annotations

from rbaclens.authorizers.reference.abac import decide_abac
from rbaclens.authorizers.reference.node import decide_node
from rbaclens.authorizers.reference.rbac import decide_rbac
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import AlwaysGrant, Answer, Decision, GroupGrant, Opinion, Verdict, aggregate
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request


def decide(policy: PolicySet, config: AuthorizerConfig, request: Request) -> Decision:
    """The decision of ``config``'s chain on ``request``; webhooks are never asked, and unknown."""
    if "system:masters" in request.groups:
        return Decision(request, Answer.YES, Opinion(Verdict.ALLOW, "privileged group", evidence=GroupGrant("system:masters")))
    opinions: list[Opinion] = []
    for entry in config.authorizers:
        opinion = _opinion(policy, entry, request)
        if opinion.verdict is Verdict.ALLOW:
            unknown = any(earlier.verdict is Verdict.UNKNOWN for earlier in opinions)
            return Decision(request, Answer.UNKNOWN if unknown else Answer.YES, opinion)
        opinions.append(opinion)
    unknown = bool(policy.gaps) or any(opinion.verdict is Verdict.UNKNOWN for opinion in opinions)
    silent = [opinion for opinion in opinions if opinion.verdict is Verdict.NO_OPINION]
    reason = "\n".join(opinion.text for opinion in silent if opinion.text)
    error = aggregate([opinion.error for opinion in silent if opinion.error])
    return Decision(request, Answer.UNKNOWN if unknown else Answer.NO, Opinion(Verdict.NO_OPINION, "", reason, error))


def _opinion(policy: PolicySet, entry: AuthorizerEntry, request: Request) -> Opinion:
    match entry.type:
        case "RBAC":
            return decide_rbac(policy, request)
        case "ABAC":
            return decide_abac(policy.abac or (), request)
        case "Node":
            return decide_node(policy.node_graph, request)
        case "AlwaysAllow":
            return Opinion(Verdict.ALLOW, "alwaysallow", evidence=AlwaysGrant())
        case "AlwaysDeny":
            return Opinion(Verdict.NO_OPINION, "alwaysdeny", "Everything is forbidden.")
        case "Webhook":
            return Opinion(Verdict.UNKNOWN, entry.name)
