"""RL3603: a webhook that can be passed by."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.audit.rule import CheckRule
from rbaclens.authorizers.conditions import compile_conditions
from rbaclens.model.authorizer_config import AuthorizerEntry, WebhookSettings
from rbaclens.model.identity import AUTHENTICATED
from rbaclens.model.location import Origin
from rbaclens.model.request import Request

_MAY_ALLOW = {"ABAC", "AlwaysAllow", "RBAC", "Webhook"}
_SHOWN = 3


def _check(context: Context) -> Iterator[Flaw]:
    entries = context.engine.config.authorizers
    for number, entry in enumerate(entries):
        behind = [other.name for other in entries[number + 1 :] if other.type in _MAY_ALLOW]
        # What the last one has no opinion on is denied anyway.
        if entry.webhook is not None and behind:
            yield from _flaws(context, entry, entry.webhook, " or ".join(behind))


def _flaws(context: Context, entry: AuthorizerEntry, webhook: WebhookSettings, behind: str) -> Iterator[Flaw]:
    file = context.engine.config.file
    related = (Related(Origin(file), "the configuration"),) if file else ()
    if webhook.failure_policy == "NoOpinion":
        text = f"While the webhook {entry.name} does not answer, {behind} may allow what it would deny (failurePolicy NoOpinion)."
        yield Flaw(on=None, key=(entry.name, "failurePolicy"), message=text, related=related)
    conditions = compile_conditions(webhook.match_conditions)
    left_out = [words for words, request in _SENSITIVE.items() if conditions.match(request).met is False]
    if left_out:
        more = f" and {len(left_out) - _SHOWN} more such requests" if len(left_out) > _SHOWN else ""
        text = (
            f"The webhook {entry.name} is not asked about {', '.join(left_out[:_SHOWN])}{more} (matchConditions): {behind} decides alone."
        )
        yield Flaw(on=None, key=(entry.name, "matchConditions"), message=text, related=related)


def _asks(verb: str, entry: str, group: str = "", namespace: str = "", name: str = "") -> tuple[str, Request]:
    resource, _, subresource = entry.partition("/")
    place = f" in {namespace}" if namespace else ""
    groups = (AUTHENTICATED,)
    return f"{verb} {entry}{place}", Request(
        verb, resource, group, subresource, namespace, name, user="somebody", groups=groups, version="v1"
    )


_SENSITIVE = dict(
    (
        _asks("get", "secrets", namespace="default", name="any"),
        _asks("get", "secrets", namespace="kube-system", name="any"),
        _asks("create", "pods", namespace="kube-system"),
        _asks("create", "pods/exec", namespace="kube-system", name="any"),
        _asks("create", "serviceaccounts/token", namespace="kube-system", name="any"),
        _asks("create", "clusterrolebindings", "rbac.authorization.k8s.io"),
        _asks("escalate", "clusterroles", "rbac.authorization.k8s.io", name="any"),
        _asks("impersonate", "users", name="any"),
        _asks("get", "nodes/proxy", name="any"),
        _asks("create", "mutatingwebhookconfigurations", "admissionregistration.k8s.io"),
    )
)
"""Requests of an ordinary user that a webhook which is there to deny should see."""


RULE = CheckRule(
    id="RL3603",
    title="Webhook that can be passed by",
    condition="A webhook before others that may allow has failurePolicy NoOpinion, or matchConditions that leave out sensitive requests.",
    gives="What the webhook is there to deny is allowed while it does not answer, or because it is never asked.",
    fix="Set failurePolicy Deny, and limit matchConditions to leaving out what nobody has to deny.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
