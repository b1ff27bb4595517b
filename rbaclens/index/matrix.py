"""Who may do what, for everybody and everything at once: one row of bit masks a subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from rbaclens.index.atoms import Atom, AtomMasks
from rbaclens.index.compile import Holdings
from rbaclens.index.engine import Engine
from rbaclens.index.permissions import HeldRule, PermissionIndex
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.identity import MASTERS, implied_groups, parse_service_account, service_account_user


class Person(msgspec.Struct, frozen=True):
    """A subject of the policy. ``kind`` is User, Group or ServiceAccount; a ServiceAccount's ``name`` is ``namespace/name``.

    ``user`` and ``groups`` are what is judged: a group stands for somebody in it, whose own name nothing is bound to.
    """

    kind: str
    name: str
    user: str
    groups: tuple[str, ...]


class Reach(NamedTuple):
    """The atoms held in one scope: on every name, and on certain names at least."""

    full: int = 0
    named: int = 0

    def __or__(self, other: tuple[int, ...]) -> Reach:
        return Reach(self.full | other[0], self.named | other[1])


Reaches = dict[str, Reach]
"""Scope (EVERYWHERE, a namespace, or empty: the cluster scope alone) to what is held there by a grant of that scope."""


class Row(msgspec.Struct, frozen=True):
    """What one subject holds. ``reaches`` are apart: what is held everywhere is not repeated in the namespaces."""

    person: Person
    reaches: Reaches

    def within(self, namespace: str) -> Reach:
        """What a request in ``namespace`` (empty: the cluster scope) may do, from everywhere and from there."""
        held = self.reaches.get(EVERYWHERE, _NOTHING)
        local = self.reaches.get(namespace, _NOTHING)
        full = held.full | local.full
        return Reach(full, (held.named | local.named) & ~full)


_NOTHING = Reach()


def people(engine: Engine) -> tuple[Person, ...]:
    """Every user, group and service account that a binding or an ABAC line names, and all ServiceAccount objects.

    Sorted by kind and name, each with the groups that authentication adds. The privileged group is always there; the
    empty name, which nobody has, never.
    """
    policy = engine.policy
    users = {*engine.index.users, *(line.user for line in policy.abac or ())}
    users.update(service_account_user(account.namespace, account.name) for account in policy.service_accounts)
    groups = {MASTERS, *engine.index.groups, *(line.group for line in policy.abac or ())}
    found = [user_person(user) for user in users if user]
    found.extend(Person("Group", group, "", implied_groups("", (group,))) for group in groups if group)
    return tuple(sorted(found, key=lambda person: (person.kind, person.name)))


def user_person(user: str) -> Person:
    """The user of that name, with the groups that authentication adds."""
    account = parse_service_account(user)
    kind, name = ("ServiceAccount", "/".join(account)) if account else ("User", user)
    return Person(kind, name, user, implied_groups(user))


class Matrix:
    """The rows of any subjects over ``atoms``. What is worked out for a holding or a set of groups is kept for the next."""

    def __init__(self, engine: Engine, atoms: Sequence[Atom]) -> None:
        self.masks = AtomMasks(atoms)
        self._permissions = PermissionIndex(engine)
        self._of_holdings: dict[int, Reaches] = {}
        self._of_groups: dict[tuple[str, ...], Reaches] = {}

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """The atoms; bit number i of a mask stands for ``atoms[i]``."""
        return self.masks.atoms

    def rows(self, subjects: Iterable[Person]) -> Iterator[Row]:
        """One row for each of ``subjects``, made when it is asked for."""
        return map(self.row, subjects)

    def row(self, person: Person) -> Row:
        """What ``person`` holds, by every authorizer that lists its rules."""
        found = dict(self._by_groups(person.groups))
        own = self._permissions.of_user(person.user)
        if own is not None:
            _add(found, self._held(own))
        for held in self._permissions.by_lines(person.user, person.groups):
            self._add_rule(found, held)
        return Row(person, _apart(found))

    def _by_groups(self, groups: tuple[str, ...]) -> Reaches:
        """What a user of no name in these groups holds by bindings and unconditionally."""
        found = self._of_groups.get(groups)
        if found is None:
            found = self._of_groups[groups] = {}
            for held in self._permissions.unconditional(groups):
                self._add_rule(found, held)
            for holdings in self._permissions.of_groups(groups):
                _add(found, self._held(holdings))
        return found

    def _held(self, holdings: Holdings) -> Reaches:
        found = self._of_holdings.get(id(holdings))
        if found is None:
            found = self._of_holdings[id(holdings)] = {}
            for bounds in (holdings.cluster, *holdings.local.values()):
                for bound in bounds:
                    for held in self._permissions.of_bound(bound):
                        self._add_rule(found, held)
        return found

    def _add_rule(self, reaches: Reaches, held: HeldRule) -> None:
        mask = self.masks.of(held)
        if mask:
            reach = Reach(0, mask) if held.rule.resource_names else Reach(mask)
            reaches[held.scope] = reaches.get(held.scope, _NOTHING) | reach


def _add(reaches: Reaches, more: Reaches) -> None:
    for scope, reach in more.items():
        before = reaches.get(scope)
        reaches[scope] = reach if before is None else before | reach


def _apart(reaches: Reaches) -> Reaches:
    """``reaches`` without repetition: not in a namespace what is held everywhere, not on names what is held on all."""
    everywhere = reaches.get(EVERYWHERE, _NOTHING).full
    found = {}
    for scope, (full, named) in reaches.items():
        rest = full if scope == EVERYWHERE else full & ~everywhere
        names = named & ~everywhere & ~full
        if rest or names:
            found[scope] = Reach(rest, names)
    return found
