"""Who asks: names, well-known groups, and the groups that authentication adds (ATTR-13 to ATTR-19)."""

from __future__ import annotations

import re
from functools import lru_cache

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
ANONYMOUS = "system:anonymous"
NODES = "system:nodes"
NODE_PREFIX = "system:node:"
SERVICE_ACCOUNTS = "system:serviceaccounts"
SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def is_dns_label(text: str) -> bool:
    """Whether ``text`` is an RFC 1123 label, as namespace names are."""
    return _DNS_LABEL.fullmatch(text) is not None


def is_dns_subdomain(text: str) -> bool:
    """Whether ``text`` is an RFC 1123 subdomain of at most 253 characters, as most object names are."""
    return len(text) <= 253 and _DNS_SUBDOMAIN.fullmatch(text) is not None


def service_account_user(namespace: str, name: str) -> str:
    """The user name of a service account."""
    return f"{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}"


@lru_cache(maxsize=1 << 16)
def parse_service_account(user: str) -> tuple[str, str] | None:
    """Namespace and name when ``user`` is a service account's user name (ATTR-18), else ``None``."""
    if not user.startswith(SERVICE_ACCOUNT_PREFIX):
        return None
    parts = user[len(SERVICE_ACCOUNT_PREFIX) :].split(":")
    if len(parts) != 2 or not is_dns_label(parts[0]) or not is_dns_subdomain(parts[1]):
        return None
    return parts[0], parts[1]


def implied_groups(user: str, groups: tuple[str, ...] = ()) -> tuple[str, ...]:
    """``groups`` completed as a successful authentication of ``user`` completes them (ATTR-14 to ATTR-16).

    A service account gets its two groups, a node user the nodes' group (a kubelet's certificate carries it), anonymous
    the unauthenticated group, everybody else ``system:authenticated`` at the end.
    """
    found = list(groups)

    def add(group: str) -> None:
        if group not in found:
            found.append(group)

    account = parse_service_account(user)
    if account:
        add(SERVICE_ACCOUNTS)
        add(f"{SERVICE_ACCOUNTS}:{account[0]}")
    elif user.startswith(NODE_PREFIX):
        add(NODES)
    if user == ANONYMOUS:
        add(UNAUTHENTICATED)
    elif UNAUTHENTICATED not in found:
        add(AUTHENTICATED)
    return tuple(found)
