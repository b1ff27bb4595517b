"""Capability rules over everybody: who holds which trigger where, and by which grants.

A finding belongs to the principal whose own grants are needed: what a group gives is found once, for the group. Each role or
ABAC line that is enough by itself is a finding of its own; where only several together are, they are one finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.analysis.holdings import NOTHING, Everybody, Groups, Held, Sum, member_groups
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding
from rbaclens.audit.grading import in_full
from rbaclens.audit.rule import NP, C, Scope
from rbaclens.audit.telling import Ask, Case, matches_of, tell
from rbaclens.audit.universe import Universe, Variant
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
        self._fired_by_groups: dict[tuple[Groups, str], int] = {}

    def holders(self) -> Iterator[Holder]:
        """Everybody who holds anything that a rule asks for, groups first."""
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
        for holder in self.holders():
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
                if self._is_admin(holder, namespace, self._held_in(holder, namespace, everywhere), NP)
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
        # A grant by name counts where the name is one that is as bad as all of them.
        for variant in universe.of(fired & universe.admin_by_name[level]):
            own, shared = self._cases(holder, scope)
            matches = matches_of(variant, universe, self._context, holder.principal, [(scope, own, shared)], self._ask_of(holder))
            if any(in_full(variant.rule, match, level) for _, match in matches):
                return True
        return False

    def _cases(self, holder: Holder, scope: str) -> tuple[list[Held], list[Held]]:
        """The own grants of ``holder`` that count in a scope, and those of its groups."""
        own, shared = holder.own, holder.shared
        if scope == EVERYWHERE:
            return own.held, shared.held
        return own.local_held.get(scope, []) + own.held, shared.local_held.get(scope, []) + shared.held

    def _ask_of(self, holder: Holder) -> Ask:
        def ask(scope: str, pattern: Pattern) -> bool:
            return self._everybody.may(holder.user, (*holder.own_groups, *holder.groups), scope, pattern)

        return ask

    def findings(self, holder: Holder) -> Iterator[Finding]:
        """What ``holder`` has."""
        universe = self._universe
        own, shared = holder.own, holder.shared
        everywhere = own.cluster | shared.cluster
        fired = universe.fires(everywhere)
        if fired & universe.cluster:
            new = fired & ~universe.fires(own.base | shared.base) & ~self._by_groups(holder.groups, EVERYWHERE)
            enough = self._enough(own.held, -1)
            for variant in universe.of((new | enough) & fired & universe.cluster):
                if not self._blocked(variant, fired, everywhere):
                    yield from self._told(variant, holder, [(EVERYWHERE, *self._cases(holder, EVERYWHERE))])
        if own.local or (own is NOTHING and shared.local) or (own.cluster and shared.local):
            yield from self._local_findings(holder, everywhere, fired)

    def _local_findings(self, holder: Holder, everywhere: int, fired_everywhere: int) -> Iterator[Finding]:
        universe = self._universe
        own, shared = holder.own, holder.shared
        base = own.base | shared.base
        places: dict[Variant, list[Case]] = {}
        for namespace in _places(holder):
            held = self._held_in(holder, namespace, everywhere)
            fired = universe.fires(held) & ~fired_everywhere & universe.local
            if not fired:
                continue
            within = universe.within(namespace)
            here = own.local_held.get(namespace, [])
            local_base = base | (own.local_base.get(namespace, 0) | shared.local_base.get(namespace, 0)) & within
            new = fired & ~universe.fires(local_base) & ~self._by_groups(holder.groups, namespace)
            for variant in universe.of((new | self._enough(here, within)) & fired):
                if not self._blocked(variant, fired | fired_everywhere, held):
                    places.setdefault(variant, []).append((namespace, *self._cases(holder, namespace)))
        for variant, cases in places.items():
            yield from self._told(variant, holder, cases)

    def _told(self, variant: Variant, holder: Holder, cases: Sequence[Case]) -> Iterator[Finding]:
        return tell(variant, self._universe, self._context, holder.principal, cases, self._ask_of(holder))

    def _enough(self, held: Iterable[Held], within: int) -> int:
        """The variants for which some single grant is enough, beyond what every cluster gives."""
        fires = self._universe.fires
        found = 0
        for one in held:
            found |= fires(one.mask & within) & ~fires(one.base & within)
        return found

    def _blocked(self, variant: Variant, fired: int, held: int) -> bool:
        """Whether the rule's ``unless`` holds, or its unrestricted form is reported elsewhere."""
        if variant.restricted and fired & (variant.bit >> 1):
            return True
        return variant.blocked is not None and variant.blocked(held)

    def _held_in(self, holder: Holder, namespace: str, everywhere: int) -> int:
        local = holder.own.local.get(namespace, 0) | holder.shared.local.get(namespace, 0)
        return everywhere | (local & self._universe.within(namespace))

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
