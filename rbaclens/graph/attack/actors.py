"""Everybody who could attack: whom policy names, the accounts that are there, and whoever has bound more to themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.analysis.holdings import NOTHING, Everybody, Groups, Held, Sum, member_groups
from rbaclens.graph.attack.footholds import ALONE, BOUND, SPEAKING, alone
from rbaclens.graph.attack.world import World
from rbaclens.index.compile import Bound, CompiledRole
from rbaclens.model.identity import AUTHENTICATED, MASTERS, NODE_PREFIX, NODES, parse_service_account, service_account_user
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, RoleRef, Subject
from rbaclens.model.pattern import Pattern

NEW_BINDING = "(made by the attacker)"
_NOWHERE = Origin("")


class Actor(msgspec.Struct, frozen=True):
    """Somebody, or what somebody has become: the node, what they hold themselves, by their groups, and those groups.

    ``all_of`` names a namespace in which they hold every right (EVERYWHERE: all of them). ``added`` are the roles that they have
    bound to themselves, the last of them in the scope ``at``, as who they were ``before``. ``through`` is set for somebody who is
    spoken for: by whom, who it is, and the verb that is asked of the first (``impersonate-on:<mode>:``), so that both have to hold
    everything.
    """

    node: str
    own: Sum
    shared: Sum
    groups: Groups = ()
    user: str = ""
    own_groups: Groups = ()
    all_of: str = ""
    added: tuple[tuple[str, CompiledRole], ...] = ()
    before: Actor | None = None
    at: str = ""
    through: tuple[Actor, Actor, str] | None = None

    @property
    def is_kubelet(self) -> bool:
        """Whether the API server takes them for a node's kubelet."""
        return (self.user.startswith(NODE_PREFIX) and NODES in self.groups) or NODES in self.own_groups


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
            yield _of_user(user, own, groups, everybody)


def lonely(node: str, everybody: Everybody) -> Actor:
    """A user in no group but ``system:authenticated``, by the id of their node."""
    user = node.removeprefix(ALONE)
    groups = (AUTHENTICATED,)
    return Actor(alone(user), everybody.users.get(user, NOTHING), everybody.of_groups(groups), groups, user)


def named(user: str, everybody: Everybody) -> Actor:
    """A user with their groups; also a service account that is not there, as which somebody acts all the same."""
    return _of_user(user, everybody.users.get(user, NOTHING), everybody.groups_of(user), everybody)


def namespace_admin(node: str, scope: str, table: AtomTable) -> Actor:
    """Somebody who holds every right in a namespace, or in all."""
    own = Sum()
    if scope == EVERYWHERE:
        own.cluster = table.namespaced
    else:
        own.local[scope] = table.within(scope)
    return Actor(node, own, NOTHING, all_of=scope)


def with_roles(actor: Actor, roles: Sequence[CompiledRole], scope: str, everybody: Everybody) -> Actor | None:
    """What somebody becomes who binds roles to themselves: they hold them together with all that they have; ``None``: nothing new."""
    held = actor.own.cluster | actor.shared.cluster | actor.own.local.get(scope, 0) | actor.shared.local.get(scope, 0)
    wanted = [role for role in dict.fromkeys(roles) if (scope, role) not in actor.added] if actor.added else dict.fromkeys(roles)
    new = [role for role in wanted if _gives_more(role, everybody.role_mask(role), held)]
    if not new:
        return None
    own = Sum()
    own.extend(actor.own)
    _bind(own, new, scope, actor.user, everybody)
    names = ",".join(f"{role.role.kind}/{role.role.name}" for role in new)
    place = "everywhere" if scope == EVERYWHERE else scope
    return msgspec.structs.replace(
        actor,
        node=f"{actor.node}{BOUND}{names}@{place}",
        own=own,
        added=(*actor.added, *((scope, role) for role in new)),
        before=actor,
        at=scope,
    )


def any_role(node: str, roles: Sequence[CompiledRole], namespace: str, everybody: Everybody) -> Actor:
    """Somebody who binds every Role of a namespace to themselves."""
    own = Sum()
    _bind(own, roles, namespace, "", everybody)
    return Actor(node, own, NOTHING)


def _bind(own: Sum, roles: Iterable[CompiledRole], scope: str, user: str, everybody: Everybody) -> None:
    kind, namespace = ("ClusterRoleBinding", "") if scope == EVERYWHERE else ("RoleBinding", scope)
    subjects = (Subject("User", user),)
    for role in roles:
        ref = RoleRef(role.role.kind, role.role.name)
        binding = Binding(kind, namespace, NEW_BINDING, subjects, ref, _NOWHERE)  # type: ignore[arg-type]
        own.add(scope, Held(everybody.role_mask(role), 0, Bound(binding, 0, role)))


def _gives_more(role: CompiledRole, mask: int, held: int) -> bool:
    """Whether a role matters to somebody: it gives other atoms, or the same for objects of other names."""
    return mask & ~held != 0 or (mask != 0 and any(rule.resource_names for rule in role.rules))


def _of_user(user: str, own: Sum, groups: Groups, everybody: Everybody) -> Actor:
    return Actor(str(Principal.of_user(user)), own, everybody.of_groups(groups), groups, user)


def spoken_for(
    speaker: Actor, user: str, mode: str, everybody: Everybody, table: AtomTable, may: Callable[[Actor, str, Pattern], bool]
) -> Actor | None:
    """Somebody in whose name another makes the requests that ``impersonate-on:<mode>:<verb>`` lets them; ``None``: none that matter."""
    verb = f"impersonate-on:{mode}:"
    if speaker.through is not None or speaker.all_of:
        return None
    is_lonely = parse_service_account(user) is None and mode == "user-info"
    target = lonely(alone(user), everybody) if is_lonely else named(user, everybody)
    own = Sum()
    found = Actor(f"{speaker.node}{SPEAKING}{target.node}", own, NOTHING, user=user, through=(speaker, target, verb))
    places = {*target.own.local, *target.shared.local, *speaker.own.local, *speaker.shared.local}
    for scope in (EVERYWHERE, *sorted(places)):
        mask = sum(bit for pattern, bit in table.bits.items() if may(found, scope, pattern))
        if scope == EVERYWHERE:
            own.cluster = mask
        elif mask & ~own.cluster:
            own.local[scope] = mask
    return None if own.empty else found
