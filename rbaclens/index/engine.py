"""The engine: a PolicySet and an authorizer configuration in, decisions out."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rbaclens.authorizers import chain
from rbaclens.authorizers.abac import AbacAuthorizer
from rbaclens.authorizers.always import AlwaysAllow, AlwaysDeny
from rbaclens.authorizers.interface import Authorizer
from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.privileged import PrivilegedGroup
from rbaclens.index.compile import SubjectIndex
from rbaclens.index.rbac import RbacAuthorizer
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.decision import Decision, Opinion, RbacGrant, Verdict
from rbaclens.model.identity import MASTERS, NODES
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

WebhookFactory = Callable[[AuthorizerEntry], Authorizer]

_SPECIAL = frozenset({MASTERS, NODES})
"""The privileged group and the Node authorizer have nothing to say of anybody else (ATTR-25, NODE-01)."""


class Step(msgspec.Struct, frozen=True):
    """One authorizer on a request's way; ``asked`` is false behind the one that decided."""

    authorizer: str
    opinion: Opinion
    asked: bool


def default_config(policy: PolicySet) -> AuthorizerConfig:
    """The chain when nothing is configured: Node, ABAC where there is an ABAC policy, RBAC."""
    entries = [AuthorizerEntry("Node", "node"), AuthorizerEntry("RBAC", "rbac")]
    if policy.abac is not None:
        entries.insert(1, AuthorizerEntry("ABAC", "abac"))
    return AuthorizerConfig(tuple(entries))


class Engine:
    """Decides requests on one policy, as the API server with this authorizer configuration would.

    ``webhook`` makes the authorizer for a webhook entry; without it a webhook is never called, and what depends on it is
    unknown. The index by subject is made at once, so that the first decision is as quick as the others; ``prepare=False``
    puts that off for questions that may not need it. ``index`` is the policy's index where there is one already.
    """

    def __init__(
        self,
        policy: PolicySet,
        config: AuthorizerConfig | None = None,
        *,
        webhook: WebhookFactory | None = None,
        prepare: bool = True,
        index: SubjectIndex | None = None,
    ) -> None:
        self.policy = policy
        self.config = config or default_config(policy)
        self.index = index or SubjectIndex(policy.roles, policy.bindings)
        if prepare:
            self.index.prepare()
        self.rbac = RbacAuthorizer(self.index)
        self._webhook = webhook or _never_called
        self._gaps = policy.gaps
        self.authorizers = (PrivilegedGroup(), *(self._authorizer(entry) for entry in self.config.authorizers))

    @property
    def authorizers(self) -> tuple[Authorizer, ...]:
        """The chain in order, the privileged group first."""
        return self._authorizers

    @authorizers.setter
    def authorizers(self, authorizers: tuple[Authorizer, ...]) -> None:
        self._authorizers = authorizers
        self._asks = tuple(authorizer.authorize for authorizer in authorizers)
        # Two authorizers speak of few identities only; a question that need not be asked is the quickest.
        self._asks_of_most = tuple(one.authorize for one in authorizers if not isinstance(one, (PrivilegedGroup, NodeAuthorizer)))

    def decide(self, request: Request) -> Decision:
        """The chain's decision on ``request``, with the evidence for it."""
        asks = self._asks_of_most if _SPECIAL.isdisjoint(request.groups) else self._asks
        return chain.decide_by(asks, request, self._gaps)

    def explain(self, request: Request) -> tuple[Step, ...]:
        """Every authorizer in order with its opinion; those behind the deciding one are asked too, and marked."""
        steps: list[Step] = []
        decided = False
        for authorizer in self.authorizers:
            opinion = authorizer.authorize(request)
            steps.append(Step(authorizer.name, opinion, not decided))
            decided = decided or opinion.verdict in {Verdict.ALLOW, Verdict.DENY}
        return tuple(steps)

    def all_grants(self, request: Request) -> list[Opinion]:
        """Every opinion with which the API server could have allowed: all grants of the first authorizer that allows.

        Empty when the decision is not yes. The server names one of them, and which one is its own choice (RBAC-27).
        """
        decision = self.decide(request)
        if not decision.allowed:
            return []
        if isinstance(decision.opinion.evidence, RbacGrant):
            return [Opinion(Verdict.ALLOW, self.rbac.name, evidence=grant) for grant in self.rbac.grants(request)]
        return [decision.opinion]

    def rules_for(self, user: str, groups: tuple[str, ...], namespace: str) -> tuple[tuple[PolicyRule, ...], tuple[str, ...]]:
        """The RBAC rules in force for a user in ``namespace`` (empty: cluster scope), and what could not be resolved."""
        rules = [rule for _, _, role in self.rbac.visit(user, groups, namespace) if role is not None for rule in role.rules]
        return tuple(rules), self.rbac.problems(user, groups, namespace)

    def problems(self, request: Request) -> tuple[str, ...]:
        """What could not be resolved on the way and would not show in an allow: dangling role references (RBAC-33)."""
        if self.rbac not in self.authorizers:
            return ()
        return self.rbac.problems(request.user, request.groups, request.namespace if request.is_resource else "")

    def _authorizer(self, entry: AuthorizerEntry) -> Authorizer:
        match entry.type:
            case "RBAC":
                return self.rbac
            case "ABAC":
                return AbacAuthorizer(self.policy.abac or ())
            case "Node":
                return NodeAuthorizer(self.policy.node_graph)
            case "AlwaysAllow":
                return AlwaysAllow()
            case "AlwaysDeny":
                return AlwaysDeny()
            case "Webhook":
                return self._webhook(entry)


def _never_called(entry: AuthorizerEntry) -> Authorizer:
    from rbaclens.authorizers.webhook import WebhookAuthorizer

    return WebhookAuthorizer(entry)
