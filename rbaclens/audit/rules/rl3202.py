"""RL3202: HTTP methods on resources, API verbs on URLs."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule

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
    for role in context.roles:
        for number, rule in enumerate(() if role.gathered else role.rules):
            for position, verb in enumerate(rule.verbs):
                if rule.non_resource_urls and verb != "*" and verb not in _METHODS:
                    meant = verb.lower() if verb.lower() in _METHODS else _URL_VERBS.get(verb.lower(), "")
                    what, kind = "is no HTTP method in lower case, and this rule is about URLs", "url"
                elif rule.resources and verb.lower() in _API_VERBS:
                    meant = _API_VERBS[verb.lower()]
                    what, kind = "is an HTTP method, and this rule is about resources", "resource"
                else:
                    continue
                hint = f"; {meant} is probably meant" if meant else ""
                yield Flaw(
                    on=role,
                    steps=("rules", number, "verbs", position),
                    key=(kind, verb),
                    message=f'"{verb}" {what}: it grants nothing{hint}.',
                )


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
