"""Which authorizers stand in the chain, in order: what the API server's flags or configuration file say (WH-21 to WH-36)."""

from __future__ import annotations

from typing import Literal

import msgspec

from rbaclens.errors import ClusterError

AuthorizerType = Literal["AlwaysAllow", "AlwaysDeny", "ABAC", "Webhook", "RBAC", "Node"]
AUTHORIZER_TYPES: tuple[AuthorizerType, ...] = ("ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook")


class WebhookSettings(msgspec.Struct, frozen=True):
    """A webhook authorizer's settings (WH-23). Times are in seconds; ``kubeconfig`` is a path, resolved against the
    configuration file's folder."""

    kubeconfig: str = ""
    review_version: Literal["v1", "v1beta1"] = "v1"
    failure_policy: Literal["NoOpinion", "Deny"] = "NoOpinion"
    timeout: float = 30.0
    match_conditions: tuple[str, ...] = ()


class AuthorizerEntry(msgspec.Struct, frozen=True):
    """One authorizer of the chain."""

    type: AuthorizerType
    name: str
    webhook: WebhookSettings | None = None


class AuthorizerConfig(msgspec.Struct, frozen=True):
    """The chain in evaluation order. The privileged group ``system:masters`` always stands before it (ATTR-25)."""

    authorizers: tuple[AuthorizerEntry, ...]
    file: str = ""


class WebhookFailure(ClusterError):  # noqa: N818 - what happened to the webhook, not to rbaclens
    """A webhook that was called and gave no answer; ``message`` is what the API server would report (WH-12)."""
