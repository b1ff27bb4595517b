"""Which verbs mean something, and what a person who wrote another word probably meant (SSRR-11, ESC-75)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rbaclens.errors import UnknownNameError
from rbaclens.requests.nearest import close_matches

STANDARD_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
PATH_VERBS = ("get", "head", "post", "put", "patch", "delete", "options", "connect", "trace")
SPECIAL_VERBS = {
    "bind": ("roles", "clusterroles"),
    "escalate": ("roles", "clusterroles"),
    "impersonate": ("users", "groups", "serviceaccounts", "uids", "userextras"),
    "approve": ("signers",),
    "sign": ("signers",),
    "attest": ("signers",),
    "use": (),
    "proxy": (),
    "request-serviceaccounts-token-audience": (),
    "unsafe-delete-ignore-read-errors": (),
}
"""Verbs beyond the standard ones, and the only resources that the server ever checks them on (empty: any)."""

_MODES = ("associated-node", "arbitrary-node", "serviceaccount", "user-info")
_NODE_MODES = ("associated-node", "arbitrary-node")
_MEANINGS = {
    "read": "get, list, watch",
    "view": "get, list, watch (view is the name of a ClusterRole)",
    "show": "get, list",
    "describe": "get (kubectl describe also lists events)",
    "write": "create, update, patch, delete, deletecollection",
    "edit": "get, update, patch (edit is the name of a ClusterRole)",
    "modify": "update, patch",
    "change": "update, patch",
    "replace": "update",
    "apply": "patch (and create, when the object does not exist yet)",
    "add": "create",
    "remove": "delete",
    "admin": "* (admin is the name of a ClusterRole)",
    "all": "*",
    "any": "*",
    "scale": "update or patch on the subresource scale",
    "exec": "create (and get) on pods/exec",
    "attach": "create (and get) on pods/attach",
    "port-forward": "create (and get) on pods/portforward",
    "log": "get on pods/log",
    "logs": "get on pods/log",
    "evict": "create on pods/eviction",
}
_METHODS = {"post": "create", "put": "update", "head": "get or list"}


def is_known_verb(verb: str) -> bool:
    """Whether a resource request's ``verb`` is one that the API server itself can ask about, or ``*``."""
    if verb == "*" or verb in STANDARD_VERBS or verb in SPECIAL_VERBS:
        return True
    head, colon, rest = verb.partition(":")
    if not colon:
        return False
    if head == "impersonate":
        return rest in _MODES
    if head == "impersonate-on":
        mode, _, inner = rest.partition(":")
        # the inner verb is that of any request, also of a non-resource one (ESC-47c)
        return mode in _MODES and (inner in PATH_VERBS or is_known_verb(inner)) and inner != "*"
    return head in _NODE_MODES and rest in ("update", "patch")


def check_resource_verb(verb: str, resource: str, served: tuple[str, ...], mentioned: AbstractSet[str]) -> tuple[str, ...]:
    """Notes on ``verb`` asked on a resource (``pods/exec``), which serves the verbs ``served`` (empty: not known).

    ``mentioned`` are the verbs that the policy's rules use: those are as good as known.
    Raises UnknownNameError for a verb that nothing knows.
    """
    if not is_known_verb(verb) and verb not in mentioned:
        raise unknown_verb(verb, mentioned)
    if verb in STANDARD_VERBS and served and verb not in served:
        return (f"the API server does not serve {verb} on {resource} (it serves {', '.join(served)})",)
    if verb == "use":
        return ("nothing in the API server checks the verb use any more",)
    checked_on = SPECIAL_VERBS.get(verb, ())
    if checked_on and resource != "*" and resource.partition("/")[0] not in checked_on:
        return (f"the API server checks {verb} only on {', '.join(checked_on)}",)
    return ()


def check_path_verb(verb: str, mentioned: AbstractSet[str]) -> tuple[str, ...]:
    """Notes on ``verb`` asked on a non-resource path, where a verb is an HTTP method in lower case (RI-13)."""
    if verb == "*" or verb in PATH_VERBS:
        return ()
    inner = verb.rpartition(":")[2]
    if is_known_verb(verb) and not (verb.startswith("impersonate-on:") and inner in PATH_VERBS):
        return (f"no request for a path has the verb {verb}: there it is the HTTP method in lower case ({', '.join(PATH_VERBS[:6])} ...)",)
    if is_known_verb(verb) or verb in mentioned:
        return ()
    raise unknown_verb(verb, mentioned, PATH_VERBS)


def unknown_verb(verb: str, mentioned: AbstractSet[str], known: tuple[str, ...] = STANDARD_VERBS) -> UnknownNameError:
    """The error for ``verb``, with what was probably meant."""
    lower = verb.lower()
    if known is STANDARD_VERBS and lower in _METHODS:
        return UnknownNameError(f'unknown verb "{verb}"', f"{lower} is an HTTP method; the verb of such a request is {_METHODS[lower]}")
    if lower in _MEANINGS:
        return UnknownNameError(f'unknown verb "{verb}"', f"{lower} is not a verb of the API; ask for {_MEANINGS[lower]}")
    choices = sorted({*known, *SPECIAL_VERBS, *(f"impersonate:{mode}" for mode in _MODES), *mentioned})
    nearest = (lower,) if lower in choices else tuple(close_matches(lower, choices, n=3))
    hint = f"did you mean {' or '.join(nearest)}? " if nearest else f"the usual verbs are {', '.join(known)}. "
    return UnknownNameError(f'unknown verb "{verb}"', hint + "--force takes it as written", nearest)
