"""RL3201: verbs that no request has."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.rule import CheckRule
from rbaclens.facts.resources import api_resources

_STANDARD = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_VIRTUAL = (
    *("bind", "escalate", "impersonate", "approve", "sign", "attest", "use"),
    *("request-serviceaccounts-token-audience", "unsafe-delete-ignore-read-errors"),
)
_PREFIXES = ("impersonate:", "impersonate-on:", "associated-node:", "arbitrary-node:")
_HTTP = {"post", "put", "head", "options", "connect", "trace"}
_MISTAKEN = {
    "read": "get, list and watch",
    "view": "get, list and watch",
    "write": "create, update and patch",
    "edit": "update and patch",
    "modify": "update and patch",
    "remove": "delete",
    "exec": "create on pods/exec",
    "all": "*",
}


def _check(context: Context) -> Iterator[Flaw]:
    served = {one.group for one in api_resources()} | {"*"}
    for role, number, rule in context.rules_naming("verbs", lambda verb: not _is_known(verb)):
        if not rule.resources or context.is_shipped_rule(role, rule):
            continue
        # An operator may ask about verbs of its own, but hardly about misspelt ones.
        foreign = not served.issuperset(rule.api_groups)
        for position, verb in enumerate(rule.verbs):
            if _is_known(verb):
                continue
            meant = _meant(verb, foreign)
            if meant or not foreign:
                hint = f"; {meant} is probably meant" if meant else ""
                message = f'No request has the verb "{verb}"{hint}.'
                yield Flaw(on=role, steps=("rules", number, "verbs", position), key=(verb,), message=message)


@lru_cache(maxsize=4096)
def _is_known(verb: str) -> bool:
    # HTTP methods, lists in one string and blanks have rules of their own.
    other = verb.lower() in _HTTP or "," in verb or verb != "".join(verb.split()) or not verb
    return other or verb == "*" or verb in _STANDARD or verb in _VIRTUAL or _is_prefixed(verb)


def _is_prefixed(verb: str) -> bool:
    # The star is a wildcard only alone: impersonate-on:user-info:* is a verb of that name (ESC-47k).
    return verb.startswith(_PREFIXES) and "*" not in verb


def _meant(verb: str, foreign: bool) -> str:
    """What the author probably wanted, empty if there is no telling."""
    lower = verb.lower()
    if lower in _STANDARD or lower in _VIRTUAL:
        return lower
    if lower in _MISTAKEN:
        return "" if foreign else _MISTAKEN[lower]
    return next(iter(get_close_matches(lower, _STANDARD, n=1, cutoff=0.85 if foreign else 0.7)), "")


RULE = CheckRule(
    id="RL3201",
    title="Unknown verb",
    condition="A rule about resources names a verb that neither the API server nor a known authorization check uses.",
    gives="The verb grants nothing, and readers of the role take it for something that it is not.",
    fix="Write the verb as the API server does, in lower case, or remove it.",
    level="warning",
    check=_check,
    owasp=("K02",),
)
