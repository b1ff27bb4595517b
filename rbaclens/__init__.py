"""Who may do what in Kubernetes: the API server's answer, with the evidence.

::

    import rbaclens

    engine = rbaclens.load("policies")
    decision = engine.decide(rbaclens.Request("get", "pods", namespace="shop", user="alice", groups=("devs",)))
    decision.allowed, decision.answer, decision.reason, decision.opinion.evidence

Nothing here prints, exits, reads the environment or touches the network. Errors are ``RbaclensError`` and its leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from rbaclens.analysis.compact import compact
    from rbaclens.analysis.escalation import EscalationChecker
    from rbaclens.analysis.near_misses import near_misses
    from rbaclens.analysis.suggest import suggest
    from rbaclens.errors import RbaclensError
    from rbaclens.index.engine import Engine, Step
    from rbaclens.index.permissions import permissions
    from rbaclens.index.who_can import who_can
    from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry, WebhookSettings
    from rbaclens.model.decision import Answer, Decision, Opinion, Verdict
    from rbaclens.model.identity import implied_groups
    from rbaclens.model.pattern import Pattern
    from rbaclens.model.policy import PolicySet
    from rbaclens.model.request import Request
    from rbaclens.sources.strict import check_object

__all__ = [
    "Answer",
    "AuthorizerConfig",
    "AuthorizerEntry",
    "Decision",
    "Engine",
    "EscalationChecker",
    "Opinion",
    "Pattern",
    "PolicySet",
    "RbaclensError",
    "Request",
    "Step",
    "Verdict",
    "WebhookSettings",
    "check_object",
    "compact",
    "implied_groups",
    "load",
    "near_misses",
    "permissions",
    "suggest",
    "who_can",
]

# Where each public name lives.
_HOMES = {
    "Answer": "model.decision",
    "AuthorizerConfig": "model.authorizer_config",
    "AuthorizerEntry": "model.authorizer_config",
    "Decision": "model.decision",
    "Engine": "index.engine",
    "EscalationChecker": "analysis.escalation",
    "Opinion": "model.decision",
    "Pattern": "model.pattern",
    "PolicySet": "model.policy",
    "RbaclensError": "errors",
    "Request": "model.request",
    "Step": "index.engine",
    "Verdict": "model.decision",
    "WebhookSettings": "model.authorizer_config",
    "check_object": "sources.strict",
    "compact": "analysis.compact",
    "implied_groups": "model.identity",
    "near_misses": "analysis.near_misses",
    "permissions": "index.permissions",
    "suggest": "analysis.suggest",
    "who_can": "index.who_can",
}


def load(*paths: str, config: AuthorizerConfig | None = None, bootstrap: bool = True, skip_bad_files: bool = False) -> Engine:
    """An engine for the policy in ``paths`` (files or folders), with the chain of ``config`` or the default one.

    ``bootstrap`` adds the default roles and bindings of Kubernetes 1.36 below the given policy, unless that brings its own
    ``cluster-admin``. With ``skip_bad_files`` unreadable files are left out, and a "no" becomes "unknown". Raises
    ``LoadError``.
    """
    from rbaclens.index.engine import Engine
    from rbaclens.sources import load as load_policy

    return Engine(load_policy(paths, bootstrap=bootstrap, skip_bad_files=skip_bad_files), config)


def __getattr__(name: str) -> object:
    # Public names are imported when they are first used: `rbaclens --help` needs none of them.
    if name in _HOMES:
        from importlib import import_module

        value: object = getattr(import_module(f"rbaclens.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
