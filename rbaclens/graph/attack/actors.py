"""Everybody who could attack: whom policy names, the accounts that are there, and whoever has bound more to themselves."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.analysis.holdings import NOTHING, Everybody, Groups, Held, Sum, member_groups
from rbaclens.graph.attack.world import World
from rbaclens.index.compile import Bound, CompiledRole
from rbaclens.model.identity import MASTERS, service_account_user
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, RoleRef, Subject

NEW_BINDING = "(made by the attacker)"


class Actor(msgspec.Struct, frozen=True):
    """Somebody, or what somebody has become: the node, what they hold themselves, by their groups, and those groups.

    ``all_of`` names a namespace in which they hold every right. ``added`` are the roles that they have bound to themselves.
    """

    node: str
    own: Sum
    shared: Sum
    groups: Groups = ()
    user: str = ""
    own_groups: Groups = ()
    all_of: str = ""
    added: tuple[tuple[str, CompiledRole], ...] = ()


def actors(everybody: Everybody, world: World) -> Iterator[Actor]:
    """Groups, then users and service accounts, each with the groups that they are in."""
    for group, own in sorted(everybody.groups.items()):
        others = member_groups(group)
        yield Actor(str(Principal.of_group(group)), own, everybody.of_groups(others), others, own_groups=(group,))
    users = dict(everybody.users)
    for namespace, names in world.accounts.items():
        for name in names:
            users.setdefault(service_account_user(namespace, name), NOTHING)
    missing = {service_account_user(*account) for account in world.missing_accounts}
    for user, own in sorted(users.items()):
        groups = everybody.groups_of(user)
        if MASTERS not in groups and user not in missing:
            yield Actor(str(Principal.of_user(user)), own, everybody.of_groups(groups), groups, user)


def with_role(actor: Actor, role: CompiledRole, scope: str, table: AtomTable) -> Actor:
    """What somebody becomes who binds a role to themselves: they hold it together with all that they have."""
    kind, namespace = ("ClusterRoleBinding", "") if scope == EVERYWHERE else ("RoleBinding", scope)
    subject = Subject("User", actor.user)
    binding = Binding(kind, namespace, NEW_BINDING, (subject,), RoleRef(role.role.kind, role.role.name), Origin(""))  # type: ignore[arg-type]
    own = Sum()
    own.extend(actor.own)
    own.add(scope, Held(table.rules_mask(role.rules), 0, Bound(binding, 0, role)))
    place = "everywhere" if scope == EVERYWHERE else scope
    return msgspec.structs.replace(
        actor, node=f"{actor.node}+{role.role.kind}/{role.role.name}@{place}", own=own, added=(*actor.added, (scope, role))
    )
