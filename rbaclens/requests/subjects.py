"""Who asks, as people write it: ``bob``, ``group:devs``, ``sa:ns/name``, ``node:n1``, ``anonymous``."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rbaclens.errors import UsageError
from rbaclens.model.identity import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    NODE_PREFIX,
    NODES,
    SERVICE_ACCOUNT_PREFIX,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    implied_groups,
    is_dns_label,
    is_dns_subdomain,
    parse_service_account,
    service_account_user,
)
from rbaclens.requests.nearest import close_matches

_FORMS = "write bob, user:bob, group:devs, sa:NAMESPACE/NAME, node:NAME or anonymous"
_WORDS = ("user", "group", "serviceaccount", "sa", "node")
_MISSPELT = {"usr": "user", "u": "user", "grp": "group", "g": "group", "svc": "sa", "svcacct": "sa", "service-account": "sa"}
_GROUPS = (MASTERS, AUTHENTICATED, UNAUTHENTICATED, NODES, SERVICE_ACCOUNTS, "system:monitoring")
_BOTH = "write {0} for that, or user:{1} for a user who is really named so"


class Identity(msgspec.Struct, frozen=True):
    """Who asks. ``user`` is empty for "somebody in this group". ``why`` says for each of ``groups`` why it is there."""

    user: str
    groups: tuple[str, ...] = ()
    why: dict[str, str] = {}
    how: str = "user"
    notes: tuple[str, ...] = ()


def parse_subject(text: str, *, extra_groups: Iterable[str] = (), exact_groups: bool = False) -> Identity:
    """The identity that ``text`` names, with ``extra_groups`` and the groups that authentication adds (ATTR-14 to ATTR-16).

    With ``exact_groups`` nothing is added to what was given. A name with colons is a user name (``oidc:alice``) unless
    its first word is one of ours or nearly one. Raises UsageError.
    """
    extra = tuple(extra_groups)
    if not all(extra):
        raise UsageError("a group name is empty", "leave the option out, or give it a group")
    how, user, groups, notes = _parse(text)
    given = tuple(dict.fromkeys((*groups, *extra)))
    if exact_groups:
        return Identity(user, given, dict.fromkeys(given, "given"), how, notes)
    found = implied_groups(user, given)
    why = {group: "given" if group in given else f"implied: {_reason(group)}" for group in found}
    return Identity(user, found, why, how, notes)


def _reason(group: str) -> str:
    if group == AUTHENTICATED:
        return "every authenticated user (ATTR-15)"
    if group == UNAUTHENTICATED:
        return "the anonymous user (ATTR-14)"
    if group == NODES:
        return "a node's certificate carries it (ATTR-13)"
    return "every service account" + (" of the namespace" if group != SERVICE_ACCOUNTS else "") + " (ATTR-16)"


def _parse(text: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    if not text:
        raise UsageError("the subject is empty", _FORMS)
    if text in ("anonymous", ANONYMOUS):
        return "anonymous", ANONYMOUS, (), ()
    word, colon, rest = text.partition(":")
    if colon and word in _WORDS:
        if not rest:
            raise UsageError(f'"{text}" names nobody', _FORMS)
        if word == "group":
            return "group", "", (rest,), ()
        if word == "user":
            return _user(rest)
        return _node(rest) if word == "node" else _service_account(text, rest)
    _refuse_near_misses(text, word if colon else "", rest)
    return _user(text)


def _user(name: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    if parse_service_account(name):
        return "service account", name, (), ()
    if name.startswith(SERVICE_ACCOUNT_PREFIX):
        return "user", name, (), (f'"{name}" is no valid service account: the API server takes it for an ordinary user (ATTR-18)',)
    if name.startswith(NODE_PREFIX):
        return "node", name, (), ()
    return ("anonymous" if name == ANONYMOUS else "user"), name, (), ()


def _node(name: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    if not is_dns_subdomain(name):
        raise UsageError(f'"{name}" is no valid node name', "a node name is lower-case letters, digits, - and .")
    return "node", NODE_PREFIX + name, (), ()


def _service_account(text: str, rest: str) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    namespace, slash, name = rest.partition("/")
    if not slash:
        namespace, _, name = rest.partition(":")
        guess = f"sa:{namespace}/{name}" if name else f"sa:default/{rest}"
        raise UsageError(f'"{text}" does not say namespace and name of a service account', f"write sa:NAMESPACE/NAME, such as {guess}")
    if not is_dns_label(namespace) or not is_dns_subdomain(name):
        what = f'namespace "{namespace}"' if not is_dns_label(namespace) else f'name "{name}"'
        raise UsageError(f'"{text}": the {what} is not valid', "write sa:NAMESPACE/NAME in lower case")
    return "service account", service_account_user(namespace, name), (), ()


def _refuse_near_misses(text: str, word: str, rest: str) -> None:
    """Raise for what is surely a slip; any other text is a legal user name."""
    if text in _GROUPS or text.startswith(f"{SERVICE_ACCOUNTS}:"):
        raise UsageError(f'"{text}" is a group', _BOTH.format(f"group:{text}", text))
    if not word:
        return
    lower = word.lower()
    guess = lower if lower in _WORDS else _MISSPELT.get(lower) or next(iter(close_matches(lower, _WORDS, n=1, cutoff=0.8)), "")
    if guess:
        raise UsageError(f'unknown kind of subject "{word}:"', _BOTH.format(f"{guess}:{rest or 'NAME'}", text))
    if word == "system":
        second, _, last = rest.partition(":")
        near = close_matches(second, ("serviceaccount", "node"), n=1, cutoff=0.8)
        if near and near[0] != second:
            raise UsageError(f'"system:{second}:" begins no well-known user name', _BOTH.format(f"system:{near[0]}:{last}", text))
