"""How the command line lets webhooks answer: called, assumed, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from rbaclens.authorizers.webhook import AssumedAnswer, WebhookAuthorizer

if TYPE_CHECKING:
    from rbaclens.index.engine import WebhookFactory
    from rbaclens.model.authorizer_config import AuthorizerEntry


def factory(answers: Mapping[str, str], *, call: bool) -> WebhookFactory:
    """Makes each webhook's authorizer: its assumed answer comes first, then, with ``call``, the webhook itself."""

    def make(entry: AuthorizerEntry) -> WebhookAuthorizer:
        assumed = cast(AssumedAnswer | None, answers.get(entry.name))
        if assumed is None and call and entry.webhook:
            from rbaclens.live.webhook import WebhookClient

            return WebhookAuthorizer(entry, caller=WebhookClient(entry.webhook.kubeconfig, entry.webhook.timeout))
        return WebhookAuthorizer(entry, assumed=assumed)

    return make
