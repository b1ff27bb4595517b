"""Who is in which group, as an identities file says it: what an identity provider knows and a cluster does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import msgspec

from rbaclens.model.location import Location, Origin
from rbaclens.model.policy import Notice

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
_VALUES = {"EC2PrivateDNSName": r"[a-z0-9.-]+", "AccountID": r"[0-9]{12}", "AccessKeyID": r"[A-Z0-9]+"}
_ANY_VALUE = r"[\w+=,.@-]+"


class Membership(msgspec.Struct, frozen=True):
    """One user in one group, and where that is written.

    ``user`` may be a pattern with ``{{...}}`` in it; ``via`` is what the user logs in with (an ARN), where that is known.
    """

    user: str
    group: str
    origin: Origin
    via: str = ""


def _locate_nothing(origin: Origin) -> Location:
    return Location(origin.file)


class Identities(msgspec.Struct, frozen=True):
    """Users and their groups, in the order of the file; a user without any group is known all the same.

    ``groups`` is the reverse of ``users``. ``patterns`` are the memberships whose user name is filled in at login. Groups
    hold users only: Kubernetes knows no group in a group.
    """

    users: dict[str, tuple[Membership, ...]] = {}
    groups: dict[str, tuple[Membership, ...]] = {}
    patterns: tuple[Membership, ...] = ()
    notices: tuple[Notice, ...] = ()
    locate: Callable[[Origin], Location] = _locate_nothing

    @property
    def groups_by_user(self) -> dict[str, tuple[str, ...]]:
        """The names of the groups of every user that the file names; patterns name nobody."""
        return {user: tuple(one.group for one in known) for user, known in self.users.items()}

    def of_user(self, user: str) -> tuple[Membership, ...]:
        """The memberships of ``user``, each group once: those by name, then those by a pattern that the name fits."""
        found: dict[str, Membership] = {}
        fitting = (one for one in self.patterns if fits(one.user, user))
        for one in (*self.users.get(user, ()), *fitting):
            found.setdefault(one.group, one)
        return tuple(found.values())

    def in_group(self, group: str) -> tuple[Membership, ...]:
        """The members of ``group``; patterns, which stand for more users than the file names, at the end."""
        return (*self.groups.get(group, ()), *(one for one in self.patterns if one.group == group))

    def place(self, membership: Membership) -> str:
        """Where a membership is written: ``FILE:LINE``."""
        return str(self.locate(membership.origin))


def has_placeholder(name: str) -> bool:
    """Whether ``name`` is filled in at login, such as ``system:node:{{EC2PrivateDNSName}}``."""
    return _PLACEHOLDER.search(name) is not None


def is_open(name: str) -> bool:
    """Whether a pattern is nothing but placeholders: any user name at all could have come from it."""
    return has_placeholder(name) and not _PLACEHOLDER.sub("", name)


def fits(pattern: str, user: str) -> bool:
    """Whether ``user`` is what ``pattern`` becomes at some login. A pattern without any fixed text is not taken for an answer."""
    return not is_open(pattern) and _expression(pattern).fullmatch(user) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(pattern)
    texts = (re.escape(part) if number % 2 == 0 else _VALUES.get(part, _ANY_VALUE) for number, part in enumerate(parts))
    return re.compile("".join(texts))
