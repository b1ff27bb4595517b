"""What somebody can do beyond what one of their groups does alone: only that takes hops of their own, the rest are the group's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rbaclens.analysis.atom_table import AtomTable
from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.holdings import Everybody, Groups, Sum, member_groups
from rbaclens.graph.attack.actors import Actor
from rbaclens.graph.attack.variants import Variant, Variants
from rbaclens.graph.attack.world import World
from rbaclens.model.identity import service_account_user


class Beyond:
    """Asks for every scope where somebody holds something of their own which variants of techniques fire; one bit each."""

    def __init__(self, world: World, everybody: Everybody, variants: Variants, table: AtomTable) -> None:
        self._everybody = everybody
        self._variants = variants
        self._table = table
        self._running = frozenset(service_account_user(*one) for one in world.running_accounts)
        self._together: dict[tuple[Groups, int, int], dict[str, int]] = {}
        self._elsewhere: dict[tuple[Groups, int, int, int], int] = {}
        self._of_members: dict[Groups, tuple[Sum, ...]] = {}

    def of(self, actor: Actor) -> Iterator[tuple[str, int]]:
        """The scopes where something fires and what does: everywhere first, then namespaces in order."""
        if actor.before is not None:
            yield from self._more(actor, actor.before)
            return
        own, shared, kept = actor.own, actor.shared, self._kept(actor)
        everywhere = own.cluster | shared.cluster
        variants, within = self._variants, self._table.within
        fired = variants.fires(everywhere)
        found = self._beyond_groups(actor, EVERYWHERE, own.cluster, fired, kept)
        if found:
            yield EVERYWHERE, found
        new = dict(self._by_groups_together(actor, own.local, kept)) if shared.local else {}
        for namespace, mask in own.local.items():
            theirs = shared.local.get(namespace, 0)
            here = variants.without(variants.fires(everywhere | (mask | theirs) & within(namespace)), fired)
            if here:
                new[namespace] = self._beyond_groups(actor, namespace, own.cluster | mask & within(namespace), here, kept)
        for namespace in sorted(new):
            if new[namespace]:
                yield namespace, new[namespace]

    def held(self, actor: Actor, scope: str) -> int:
        """The atoms that somebody holds in a scope, with those of their groups."""
        return self._in(actor.own, scope) | self._in(self._everybody.of_groups(actor.groups), scope)

    def _more(self, actor: Actor, before: Actor) -> Iterator[tuple[str, int]]:
        """What somebody can do by the roles that they have bound to themselves; the rest they could do before."""
        variants, kept = self._variants, self._kept(actor)
        places = {*actor.own.local, *actor.shared.local} if actor.at == EVERYWHERE else set()
        for scope in (actor.at, *sorted(places)):
            new = variants.without(variants.fires(self.held(actor, scope)), variants.fires(self.held(before, scope)))
            found = self._beyond_groups(actor, scope, self._in(actor.own, scope), new, kept)
            if found:
                yield scope, found

    def _by_groups_together(self, actor: Actor, places: Mapping[str, int], kept: int) -> Iterator[tuple[str, int]]:
        """What fires in namespaces where the actor's groups alone hold something: the same for all who are in these groups."""
        own = actor.own.cluster
        key = (actor.groups, own, kept)
        found = self._together.get(key)
        if found is None:
            found = self._together[key] = {}
            everywhere = own | actor.shared.cluster
            fired = self._variants.fires(everywhere)
            for namespace, mask in actor.shared.local.items():
                here = self._variants.without(self._variants.fires(everywhere | mask & self._table.within(namespace)), fired)
                here = self._beyond_groups(actor, namespace, own, here, kept)
                if here:
                    found[namespace] = here
        return ((namespace, here) for namespace, here in found.items() if namespace not in places)

    def _beyond_groups(self, actor: Actor, scope: str, own: int, fired: int, kept: int) -> int:
        """What of ``fired`` none of the actor's groups does alone, with those that its members are in anyway."""
        if not fired:
            return 0
        groups = self._each_group(actor.groups)
        if any(scope in held.local for held in groups):
            return self._without_groups([self._in(held, scope) for held in groups], own, fired, kept)
        # Where no group holds anything of the scope alone, the same sets of atoms come again and again.
        key = (actor.groups, own, fired, kept)
        found = self._elsewhere.get(key)
        if found is None:
            found = self._elsewhere[key] = self._without_groups([held.cluster for held in groups], own, fired, kept)
        return found

    def _without_groups(self, by_group: list[int], own: int, fired: int, kept: int) -> int:
        variants = self._variants
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

    def _each_group(self, groups: Groups) -> Sequence[Sum]:
        """What each of the groups that hold something holds, with those that its members are in anyway."""
        found = self._of_members.get(groups)
        if found is None:
            each = ((group, *member_groups(group)) for group in groups if group in self._everybody.groups)
            found = self._of_members[groups] = tuple(map(self._everybody.of_groups, each))
        return found

    def _in(self, held: Sum, scope: str) -> int:
        local = held.local.get(scope)
        return held.cluster | local & self._table.within(scope) if local else held.cluster


def _one_group_does(variant: Variant, own: int, by_group: list[int]) -> bool:
    """Whether all that concerns a variant comes from a single group: then its members need no hops of their own."""
    return not own & variant.relevant and sum(1 for held in by_group if held & variant.relevant) == 1
