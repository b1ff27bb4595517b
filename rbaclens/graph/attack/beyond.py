"""What somebody can do beyond what one of their groups does alone: only that takes hops of their own, the rest are the group's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Everybody, Groups, Sum, member_groups
from rbaclens.graph.attack.actors import Actor
from rbaclens.graph.attack.variants import Variant, Variants
from rbaclens.graph.attack.world import World
from rbaclens.model.identity import service_account_user


class _Membership:
    """What those hold together who are in the same groups (``shared``), and what each group holds with those that its members are in.

    ``places`` are the namespaces where any of them holds something.
    """

    __slots__ = ("each", "places", "shared", "starts")

    def __init__(self, shared: Sum, each: Sequence[Sum]) -> None:
        self.shared = shared
        self.each = each
        self.places = frozenset().union(shared.local, *(held.local for held in each))
        self.starts: dict[tuple[int, int], _Start] = {}


class _Start:
    """Members who hold the same everywhere (``own``, apart from their groups): what fires there, and all the rest that follows from it."""

    __slots__ = ("everywhere", "fired", "found", "kept", "local", "own", "together")

    def __init__(self, own: int, everywhere: int, kept: int, fired: int) -> None:
        self.own = own
        self.everywhere = everywhere
        self.kept = kept
        self.fired = fired
        self.found = 0
        """What fires everywhere beyond the groups."""
        self.together: dict[str, int] = {}
        """What fires in namespaces where the groups alone hold something."""
        self.local: dict[int, int] = {}
        """What fires by the atoms that are held in a namespace where no group holds anything."""


class Beyond:
    """Asks for every scope where somebody holds something of their own which variants of techniques fire; one bit each."""

    def __init__(self, world: World, everybody: Everybody, variants: Variants) -> None:
        self._everybody = everybody
        self._variants = variants
        self._table = variants.table
        self._running = frozenset(service_account_user(*one) for one in world.running_accounts)
        self._memberships: dict[Groups, _Membership] = {}

    def of(self, actor: Actor) -> list[tuple[str, int]]:
        """The scopes where something fires and what does: everywhere first, then namespaces in order."""
        if actor.before is not None:
            return list(self._more(actor, actor.before))
        groups = self._membership(actor.groups)
        start = self._start(groups, actor.own.cluster, self._kept(actor))
        found = [(EVERYWHERE, start.found)] if start.found else []
        local = dict(start.together) if start.together else {}
        for namespace, mask in actor.own.local.items():
            local[namespace] = self._in_namespace(groups, start, namespace, mask)
        for namespace in sorted(local) if len(local) > 1 else local:
            if local[namespace]:
                found.append((namespace, local[namespace]))
        return found

    def held(self, actor: Actor, scope: str) -> int:
        """The atoms that somebody holds in a scope, with those of their groups."""
        return self._in(actor.own, scope) | self._in(self._membership(actor.groups).shared, scope)

    def _membership(self, groups: Groups) -> _Membership:
        found = self._memberships.get(groups)
        if found is None:
            # Most groups hold nothing: without those, members of many are alike.
            holding = tuple(group for group in groups if group in self._everybody.groups)
            found = self._memberships.get(holding)
            if found is None:
                each = [self._everybody.of_groups((group, *member_groups(group))) for group in holding]
                found = self._memberships[holding] = _Membership(self._everybody.of_groups(holding), each)
            self._memberships[groups] = found
        return found

    def _start(self, groups: _Membership, own: int, kept: int) -> _Start:
        found = groups.starts.get((own, kept))
        if found is None:
            everywhere = own | groups.shared.cluster
            found = groups.starts[own, kept] = _Start(own, everywhere, kept, self._variants.fires(everywhere))
            found.found = self._beyond_groups(groups, EVERYWHERE, own, found.fired, kept)
            found.together = {namespace: self._in_namespace(groups, found, namespace, 0) for namespace in groups.shared.local}
        return found

    def _in_namespace(self, groups: _Membership, start: _Start, namespace: str, mask: int) -> int:
        """What fires in a namespace and not everywhere, by ``mask`` and what else is held, beyond the groups."""
        within = self._table.within(namespace)
        if namespace in groups.places:
            return self._here(groups, start, namespace, mask & within, groups.shared.local.get(namespace, 0) & within)
        # Where no group holds anything of the namespace alone, the same sets of atoms come again and again.
        mask &= within
        found = start.local.get(mask)
        if found is None:
            found = start.local[mask] = self._here(groups, start, namespace, mask, 0)
        return found

    def _here(self, groups: _Membership, start: _Start, namespace: str, own: int, theirs: int) -> int:
        fired = self._variants.without(self._variants.fires(start.everywhere | own | theirs), start.fired)
        return self._beyond_groups(groups, namespace, start.own | own, fired, start.kept)

    def _more(self, actor: Actor, before: Actor) -> Iterator[tuple[str, int]]:
        """What somebody can do by the roles that they have bound to themselves; the rest they could do before."""
        variants, kept, groups = self._variants, self._kept(actor), self._membership(actor.groups)
        places = {*actor.own.local, *actor.shared.local} if actor.at == EVERYWHERE else set()
        for scope in (actor.at, *sorted(places)):
            new = variants.without(variants.fires(self.held(actor, scope)), variants.fires(self.held(before, scope)))
            found = self._beyond_groups(groups, scope, self._in(actor.own, scope), new, kept)
            if found:
                yield scope, found

    def _beyond_groups(self, groups: _Membership, scope: str, own: int, fired: int, kept: int) -> int:
        """What of ``fired`` none of the groups does alone, with those that its members are in anyway."""
        if not fired:
            return 0
        variants = self._variants
        by_group = [self._in(held, scope) for held in groups.each]
        for held in by_group:
            fired = variants.without(fired, variants.fires(held) & ~kept)
        limited = fired & variants.limited & ~kept
        for variant in variants.of(limited) if limited else ():
            if _one_group_does(variant, own, by_group):
                fired &= ~variant.bit
        return fired

    def _kept(self, actor: Actor) -> int:
        """The variants that are the actor's own even where a group does them: it may lead this one of its members further."""
        own = actor.own
        return self._variants.personal if own.held or own.local_held or actor.user in self._running else 0

    def _in(self, held: Sum, scope: str) -> int:
        local = held.local.get(scope)
        return held.cluster | local & self._table.within(scope) if local else held.cluster


def _one_group_does(variant: Variant, own: int, by_group: list[int]) -> bool:
    """Whether all that concerns a variant comes from a single group: then its members need no hops of their own."""
    return not own & variant.relevant and sum(1 for held in by_group if held & variant.relevant) == 1
