"""Capability rules over everybody: who holds which trigger where, and by which grants.

A finding belongs to the principal whose own grants are needed: what a group gives is found once, for the group. Each role or
ABAC line that is enough by itself is a finding of its own; where only several together are, they are one finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, partial

import msgspec

from rbaclens.analysis.capability import Expression, holds
from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.analysis.holdings import NOTHING, Everybody, Groups, Held, Sum, member_groups
from rbaclens.audit.causes import Place
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding
from rbaclens.audit.grading import in_full
from rbaclens.audit.rule import NP, C, Scope
from rbaclens.audit.telling import Speaker, Teller
from rbaclens.audit.universe import Alone, Universe
from rbaclens.model.identity import MASTERS, SERVICE_ACCOUNTS
from rbaclens.model.pattern import Pattern


class Holder(msgspec.Struct, frozen=True):
    """A principal, its own grants, those of its groups, and those groups; ``user`` and ``own_groups`` are the name it holds its own by."""

    principal: Principal
    own: Sum
    shared: Sum
    groups: Groups
    user: str = ""
    own_groups: Groups = ()


class Search:
    """One run of the capability rules."""

    def __init__(self, context: Context, universe: Universe, everybody: Everybody) -> None:
        self._context = context
        self._universe = universe
        self._everybody = everybody
        self._teller = Teller(universe, context, everybody.by_atoms)
        self._fired_by_groups: dict[tuple[Groups, str], int] = {}

    @cached_property
    def holders(self) -> tuple[Holder, ...]:
        """Everybody who holds anything that a rule asks for, by name."""
        return tuple(sorted(self._all_holders(), key=lambda holder: str(holder.principal)))

    def _all_holders(self) -> Iterator[Holder]:
        everybody = self._everybody
        for group, own in sorted(everybody.groups.items()):
            others = member_groups(group)
            if not own.empty:
                yield Holder(Principal.of_group(group), own, everybody.of_groups(others), others, own_groups=(group,))
        for user, own in sorted(everybody.users.items()):
            groups = everybody.groups_of(user)
            if MASTERS not in groups and not (own.empty and own is not NOTHING):
                yield Holder(Principal.of_user(user), own, everybody.of_groups(groups), groups, user)

    def privileged(self) -> frozenset[str]:
        """The namespaces with a service account that amounts to cluster-admin, and those that thereby become such, to the end."""
        found = set(self._context.privileged)
        waiting: list[tuple[str, set[str]]] = []
        for holder in self.holders:
            home = _home(holder.principal)
            if home is None:
                continue
            everywhere = holder.own.cluster | holder.shared.cluster
            if self._is_admin(holder, EVERYWHERE, everywhere, C):
                found.add(home)
                continue
            where = {
                namespace
                for namespace in _places(holder)
                if self._is_admin(holder, namespace, everywhere | self._local(holder, namespace), NP)
            }
            if where:
                waiting.append((home, where))
        while True:
            fresh = {home for home, where in waiting if home not in found and where & found}
            if not fresh:
                return frozenset(found)
            found |= fresh

    def _is_admin(self, holder: Holder, scope: str, held: int, level: Scope) -> bool:
        """Whether what ``holder`` has in a scope amounts to cluster-admin, if (``level``) the scope is one that counts."""
        universe = self._universe
        fired = universe.fires(held)
        if fired & universe.admin[level]:
            return True
        by_name = fired & universe.admin_by_name[level]
        if not by_name:
            return False
        # A grant by name counts where the name is one that is as bad as all of them.
        place, speaker = self._place(holder, scope, held), self._speaker(holder)
        return any(
            in_full(variant.rule, match, level)
            for variant in universe.of(by_name)
            for _, match in self._teller.matches(variant, speaker, place)
        )

    def _place(self, holder: Holder, scope: str, held: int) -> Place:
        own, shared = holder.own, holder.shared
        if scope == EVERYWHERE:
            return Place(scope, -1, held, own.held, self._alone(own.held, -1), shared.held)
        within = self._universe.within(scope)
        here = own.local_held.get(scope, []) + own.held
        return Place(scope, within, held, here, self._alone(here, within), _shared_in(shared, scope))

    def findings(self, holder: Holder) -> list[Finding]:
        """What ``holder`` has."""
        universe = self._universe
        own, shared = holder.own, holder.shared
        everywhere = own.cluster | shared.cluster
        fired = universe.fires(everywhere)
        speaker = self._speaker(holder)
        found: list[Finding] = []
        if fired & universe.cluster:
            place = self._place(holder, EVERYWHERE, everywhere)
            new = fired & ~universe.fires(own.base | shared.base) & ~self._by_groups(holder.groups, EVERYWHERE)
            told = _with_enough(new, place.alone) & fired & universe.cluster & ~universe.barred(fired, everywhere)
            if told:
                found += self._teller.tell(speaker, ((place, told),))
        if own.local or (own is NOTHING and shared.local) or (own.cluster and shared.local):
            places = list(self._told_places(holder, everywhere, fired))
            if places:
                found += self._teller.tell(speaker, places)
        return found

    def _told_places(self, holder: Holder, everywhere: int, fired_everywhere: int) -> Iterator[tuple[Place, int]]:
        """The namespaces where something comes to what holds everywhere, with the variants that are told of them."""
        universe = self._universe
        own, shared = holder.own, holder.shared
        base = own.base | shared.base
        by_groups_everywhere = self._by_groups(holder.groups, EVERYWHERE)
        for namespace in _places(holder):
            within = universe.within(namespace)
            held = everywhere | (own.local.get(namespace, 0) | shared.local.get(namespace, 0)) & within
            fired = universe.fires(held) & ~fired_everywhere & universe.local
            if not fired:
                continue
            local_base = base | (own.local_base.get(namespace, 0) | shared.local_base.get(namespace, 0)) & within
            by_groups = self._by_groups(holder.groups, namespace) if namespace in shared.local else by_groups_everywhere
            new = fired & ~universe.fires(local_base) & ~by_groups
            grants = own.local_held.get(namespace, [])
            alone = self._alone(grants, within)
            told = _with_enough(new, alone) & fired & ~universe.barred(fired | fired_everywhere, held)
            if told:
                every = alone + self._alone(own.held, within)
                yield Place(namespace, within, held, grants + own.held, every, _shared_in(shared, namespace)), told

    def _speaker(self, holder: Holder) -> Speaker:
        def ask(place: Place, wanted: Expression | Pattern) -> bool:
            answer = self._universe.answer(wanted, place.held) if self._everybody.by_atoms else None
            if answer is not None:
                return answer
            may = partial(self._everybody.may, holder.user, (*holder.own_groups, *holder.groups), place.scope)
            return may(wanted) if isinstance(wanted, Pattern) else holds(wanted, may)

        return self._teller.speaker(holder.principal, ask)

    def _alone(self, grants: Iterable[Held], within: int) -> list[Alone]:
        return [self._universe.alone(one, within) for one in grants]

    def _local(self, holder: Holder, namespace: str) -> int:
        local = holder.own.local.get(namespace, 0) | holder.shared.local.get(namespace, 0)
        return local & self._universe.within(namespace)

    def _by_groups(self, groups: Groups, scope: str) -> int:
        """What one of the groups alone, with those that its members are in anyway, gives in a scope."""
        found = self._fired_by_groups.get((groups, scope))
        if found is None:
            found = 0
            for group in groups:
                held = self._everybody.of_groups((group, *member_groups(group)))
                local = held.local.get(scope, 0) & self._universe.within(scope) if scope != EVERYWHERE else 0
                found |= self._universe.fires(held.cluster | local)
            self._fired_by_groups[groups, scope] = found
        return found


def _with_enough(new: int, grants: Iterable[Alone]) -> int:
    """What is new, and that for which one of the grants is enough by itself."""
    for one in grants:
        new |= one.enough
    return new


def _shared_in(shared: Sum, namespace: str) -> list[Held]:
    return shared.local_held.get(namespace, []) + shared.held


def _places(holder: Holder) -> Iterable[str]:
    """The namespaces where something comes to what holds everywhere, in order."""
    if not holder.shared.local:
        return holder.own.local
    return sorted(holder.own.local.keys() | holder.shared.local.keys())


def _home(principal: Principal) -> str | None:
    """The namespace whose service accounts a principal stands for."""
    if principal.kind == "ServiceAccount":
        return principal.name.split("/")[0]
    prefix = f"{SERVICE_ACCOUNTS}:"
    return principal.name.removeprefix(prefix) if principal.kind == "Group" and principal.name.startswith(prefix) else None
