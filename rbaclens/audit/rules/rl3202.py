"""RL3202: HTTP methods on resources, API verbs on URLs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.model.rules import PolicyRule

_METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "connect", "trace"}
_API_VERBS = {
    "post": "create",
    "put": "update",
    "head": "get",
    "options": "",
    "connect": "create or get on the subresource",
    "trace": "",
}
_URL_VERBS = {"create": "post", "update": "put", "list": "get", "watch": "get", "deletecollection": "delete"}


def _check(context: Context) -> Iterator[Flaw]:
    for role, number, (position, verb, kind, what, meant) in context.each_rule(_foreign):
        hint = f"; {meant} is probably meant" if meant else ""
        yield Flaw(
            on=role,
            steps=("rules", number, "verbs", position),
            key=(kind, verb),
            message=f'"{verb}" {what}: it grants nothing{hint}.',
        )


def _foreign(rule: PolicyRule) -> Iterator[tuple[int, str, str, str, str]]:
    """The verbs, by position, of the other kind of request, which kind that is, what is wrong and what is probably meant."""
    if not rule.non_resource_urls and not _names_method(rule.verbs):
        return
    for position, verb in enumerate(rule.verbs):
        lower = verb.lower()
        if rule.non_resource_urls and verb != "*" and verb not in _METHODS:
            what = "is no HTTP method in lower case, and this rule is about URLs"
            yield position, verb, "url", what, lower if lower in _METHODS else _URL_VERBS.get(lower, "")
        elif rule.resources and lower in _API_VERBS:
            yield position, verb, "resource", "is an HTTP method, and this rule is about resources", _API_VERBS[lower]


@lru_cache(maxsize=4096)
def _names_method(verbs: tuple[str, ...]) -> bool:
    return any(verb.lower() in _API_VERBS for verb in verbs)


RULE = CheckRule(
    id="RL3202",
    title="HTTP verb on a resource, or API verb on a URL",
    condition="A rule about resources names an HTTP method such as post, or a rule about URLs anything but a lower-case one.",
    gives="The verb grants nothing: requests for resources have API verbs, requests for other paths the HTTP method in lower case.",
    fix="Use get, list, watch, create, update, patch, delete on resources, and get, post, put, patch, delete, head, options on URLs.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
