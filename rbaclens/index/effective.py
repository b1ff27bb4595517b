"""Concrete principals behind a list of holders: every user, service account and node, with all the ways each has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rbaclens.index.engine import Engine
from rbaclens.index.who_can import Holder, WhoCan
from rbaclens.model.identity import ANONYMOUS, NODE_PREFIX, implied_groups, parse_service_account, service_account_user


class Effective(msgspec.Struct, frozen=True):
    """One concrete principal and every holder by which it may; ``groups`` are the groups that were assumed of it."""

    user: str
    groups: tuple[str, ...]
    ways: tuple[Holder, ...]


def known_users(engine: Engine, identities: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Every user name that anything names: bindings, ABAC lines, ServiceAccounts, nodes, the identity file; and anonymous."""
    users = {ANONYMOUS, *identities, *engine.index.users}
    users.update(policy.user for policy in engine.policy.abac or () if policy.user)
    users.update(service_account_user(account.namespace, account.name) for account in engine.policy.service_accounts)
    users.update(NODE_PREFIX + node.name for node in engine.policy.nodes)
    return tuple(sorted(user for user in users if user))


def effective(engine: Engine, found: WhoCan, identities: Mapping[str, Iterable[str]]) -> tuple[Effective, ...]:
    """The known users among ``found``'s holders: by name, by implied groups, and by the groups of ``identities``."""
    by_group: dict[str, list[Holder]] = {}
    by_user: dict[str, list[Holder]] = {}
    everybody = [holder for holder in found.holders if holder.kind == "Everybody"]
    for holder in found.holders:
        if holder.kind == "Group":
            by_group.setdefault(holder.name, []).append(holder)
        elif holder.kind != "Everybody":
            by_user.setdefault(_user(holder), []).append(holder)
    result = []
    for user in known_users(engine, identities):
        groups = implied_groups(user, tuple(identities.get(user, ())))
        ways = [holder for holder in by_user.get(user, ()) if not holder.only_in or holder.only_in in groups]
        ways += [holder for group in groups for holder in by_group.get(group, ())]
        if ways or everybody:
            result.append(Effective(user, groups, (*ways, *everybody)))
    return tuple(result)


def _user(holder: Holder) -> str:
    if holder.kind == "ServiceAccount":
        return service_account_user(*holder.name.split("/"))
    if holder.kind == "Node":
        return NODE_PREFIX + holder.name
    return holder.name


def describe(user: str) -> tuple[str, str]:
    """Kind and name of a user as holders have them."""
    account = parse_service_account(user)
    if account:
        return "ServiceAccount", "/".join(account)
    return ("Node", user.removeprefix(NODE_PREFIX)) if user.startswith(NODE_PREFIX) else ("User", user)
