"""Over what permission facts are proven: everything that the policy names, and of each kind one thing that nothing names.

A rule tells two values apart only if it names one of them, so that one fresh value stands for all that nobody names.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Collection, Iterable, Iterator

import msgspec

from rbaclens.analysis.fact_words import IsDefault, fact_words, filled, fresh_names, mentioned_namespaces, policy_words
from rbaclens.index.lookup import BOOTSTRAP_FILE
from rbaclens.index.who_can import Holder
from rbaclens.model.identities import Identities
from rbaclens.model.identity import (
    ANONYMOUS,
    AUTHENTICATED,
    NODE_PREFIX,
    NODES,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
    implied_groups,
    service_account_user,
)
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.permission_facts import PermissionFact, Places, glob_matches, is_glob
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import LabelRequirement

Who = tuple[str, tuple[str, ...]]
"""User name and groups, completed as authentication completes them."""

_PUBLIC = (AUTHENTICATED, UNAUTHENTICATED, SERVICE_ACCOUNTS)
_NAME_LABEL = "kubernetes.io/metadata.name"


class Region(msgspec.Struct, frozen=True):
    """A set of namespaces. What is allowed in all ``decisive`` ones is allowed in every one; empty: there is none.

    ``sample`` is one of them, best one that exists.
    """

    contains: Callable[[str], bool]
    decisive: tuple[str, ...]
    sample: str


CLUSTER_SCOPE = Region(lambda namespace: namespace == "", ("",), "")


def is_from_bootstrap(one: Role | Binding) -> bool:
    """Whether an object came with the bootstrap policy."""
    return one.origin.file == BOOTSTRAP_FILE


class World:
    """What there is: the names of ``policy`` and ``facts``, fresh ones, who is in which group, which namespaces there are.

    ``is_default`` tells the objects that every cluster has from those that somebody wrote. A group that ``identities``
    names has the members that are named there and no others; other groups can have any.
    """

    def __init__(
        self,
        policy: PolicySet,
        facts: Iterable[PermissionFact] = (),
        identities: Identities | None = None,
        is_default: IsDefault = is_from_bootstrap,
    ) -> None:
        self.identities = identities or Identities()
        self.is_default = is_default
        named = itertools.chain(policy_words(policy), fact_words(facts), self.identities.users, self.identities.groups)
        self.fresh = fresh_names("\n".join(named))
        # Every namespace has this label, whether a manifest says so or not.
        self.labels = {one.name: {**one.labels, _NAME_LABEL: one.name} for one in policy.namespaces}
        self._regions: dict[Places, Region] = {}
        self._instances_of: dict[str, tuple[str, ...]] = {}
        self._mentioned = dict.fromkeys(mentioned_namespaces(policy))
        # Default objects stand in namespaces that have no other labels.
        self._written = dict.fromkeys(mentioned_namespaces(policy, is_default))
        self._names = {name for role in policy.roles for rule in role.rules for name in rule.resource_names}
        self._closed = self.identities.groups.keys() | {one.group for one in self.identities.patterns}

    # identities

    def closure(self, user: str, groups: tuple[str, ...] = ()) -> Who:
        """A user with all of their groups."""
        known = tuple(one.group for one in self.identities.of_user(user))
        return user, implied_groups(user, tuple(dict.fromkeys((*groups, *known))))

    def members(self, group: str) -> tuple[Who, ...]:
        """Those who stand for everybody in ``group``: its known members, or somebody who is in this group alone."""
        if group == UNAUTHENTICATED:
            return (self.closure(ANONYMOUS),)
        if group == NODES:
            return (self.closure(NODE_PREFIX + self.fresh.node),)
        if group == SERVICE_ACCOUNTS or group.startswith(SERVICE_ACCOUNTS + ":"):
            namespace = group[len(SERVICE_ACCOUNTS) + 1 :] or self.fresh.namespace
            who = self.closure(service_account_user(namespace, self.fresh.account))
            return (who if group in who[1] else self.closure(who[0], (group,)),)
        named = tuple(self.closure(one.user) for one in self.identities.groups.get(group, ()))
        is_open = group not in self._closed or any(one.group == group for one in self.identities.patterns)
        return (*named, self.closure(self.fresh.user, (group,))) if is_open else named

    def of_holder(self, holder: Holder) -> tuple[Who, ...]:
        """The fewest groups with which somebody is ``holder``; nobody for names that no identity can have."""
        if holder.kind == "Group":
            return self.members(holder.name) if holder.name else ()
        if holder.kind == "Everybody":
            return (self.closure(self.fresh.user),)
        user = holder.name
        if holder.kind == "ServiceAccount":
            user = service_account_user(*holder.name.split("/"))
        return self._named(user, holder.only_in)

    def of_subject(self, subject: Subject, user: str | None) -> tuple[Who, ...]:
        """The same for a binding's subject, which stands for the user name ``user`` (``None``: for none)."""
        if subject.kind == "Group":
            return self.members(subject.name) if subject.name else ()
        return self._named(user) if user else ()

    def of_line(self, user: str, group: str) -> tuple[Who, ...]:
        """The same for an ABAC line."""
        if user:
            return self._named(user, group)
        return self.members(group) if group else ()

    def _named(self, user: str, only_in: str = "") -> tuple[Who, ...]:
        if not user:
            return ()
        who = self.closure(user)
        if not only_in or only_in in who[1]:
            return (who,)
        # Anonymous is in no other group, only service accounts are in theirs, and whom the file names is in those it says.
        settled = user == ANONYMOUS or only_in == UNAUTHENTICATED or only_in in self._closed or user in self.identities.users
        settled = settled or only_in == SERVICE_ACCOUNTS or only_in.startswith(SERVICE_ACCOUNTS + ":")
        return () if settled else (self.closure(user, (only_in,)),)

    # namespaces

    def region(self, places: Places) -> Region:
        """The namespaces that ``places`` name, as far as is known."""
        known = self._regions.get(places)
        if known is None:
            known = self._regions[places] = self._region(places)
        return known

    def _region(self, places: Places) -> Region:
        excluded = places.excluded

        def left(namespace: str) -> bool:
            return not any(glob_matches(pattern, namespace) for pattern in excluded)

        if places.labels is not None:
            labels = places.labels
            found = tuple(name for name, has in self.labels.items() if left(name) and all(_meets(has, one) for one in labels))
            return Region(frozenset(found).__contains__, found, found[0] if found else "")
        if places.everywhere:
            fresh = list(self._instances("*", self.fresh.namespace, self._mentioned, left))
            real = [name for name in (*self.labels, "default") if left(name)]
            return Region(left, (*fresh, ""), (*real, *fresh, "")[0])
        patterns = places.patterns
        exact = [name for name in patterns if not is_glob(name) and left(name)]
        globbed = [name for pattern in patterns if is_glob(pattern) for name in self._namespaces_of(pattern, left)]
        real = [name for name in self._mentioned if left(name) and any(glob_matches(pattern, name) for pattern in patterns)]

        def contains(namespace: str) -> bool:
            return left(namespace) and any(glob_matches(pattern, namespace) for pattern in patterns)

        decisive = tuple(dict.fromkeys((*exact, *globbed)))
        return Region(contains, decisive, (*exact, *real, *globbed, "")[0])

    def unlabelled(self, places: Places) -> Region:
        """The namespaces that the policy mentions and says nothing of: they might have the labels that ``places`` asks for."""
        found = tuple(
            name
            for name in self._written
            if name not in self.labels and not any(glob_matches(pattern, name) for pattern in places.excluded)
        )
        return Region(frozenset(found).__contains__, found, found[0] if found else "")

    @property
    def some_namespace(self) -> str:
        """A namespace that exists in every cluster, or that the policy has."""
        return next(iter(self.labels), "default")

    def strange_namespaces(self, places: Places) -> tuple[str, ...]:
        """The namespaces that ``places`` name and nothing in the policy does: perhaps a slip."""
        named = (*places.patterns, *places.excluded)
        return tuple(name for name in named if name and name not in self._mentioned and not is_glob(name))

    def names_of(self, pattern: str) -> tuple[str, ...]:
        """Object names that decide about ``pattern`` (a name or a glob): what is allowed on all of them is on every one."""
        if not is_glob(pattern):
            return (pattern,)
        known = self._instances_of.get(pattern)
        if known is None:
            known = self._instances_of[pattern] = tuple(self._instances(pattern, self.fresh.name, self._names))
        return known

    def _namespaces_of(self, pattern: str, left: Callable[[str], bool]) -> Iterator[str]:
        return self._instances(pattern, self.fresh.namespace, self._mentioned, left)

    def _instances(
        self, pattern: str, token: str, mentioned: Collection[str], left: Callable[[str], bool] = lambda name: True
    ) -> Iterator[str]:
        """Names that decide about a glob: one that nothing mentions, and where only so many are possible the mentioned ones."""
        if "*" not in pattern:
            yield from (name for name in mentioned if glob_matches(pattern, name) and left(name))
        for name in filled(pattern, token):
            if name not in mentioned and left(name):
                yield name
                return


def without_components(policy: PolicySet, is_default: IsDefault) -> PolicySet:
    """``policy`` without what the default bindings give to the cluster's own components.

    What they give to everybody (``system:authenticated`` and the like) stays, and so does what a changed default role gives.
    """
    changed = {(role.kind, role.namespace, role.name) for role in policy.roles if not is_default(role)}
    bindings: list[Binding] = []
    for binding in policy.bindings:
        ref = binding.role_ref
        key = (ref.kind, "" if ref.kind == "ClusterRole" else binding.namespace, ref.name)
        if key in changed or not is_default(binding):
            bindings.append(binding)
            continue
        public = tuple(one for one in binding.subjects if one.kind == "Group" and one.name in _PUBLIC)
        if public:
            bindings.append(msgspec.structs.replace(binding, subjects=public))
    same = len(bindings) == len(policy.bindings) and all(map(operator.is_, bindings, policy.bindings))
    return policy if same else msgspec.structs.replace(policy, bindings=tuple(bindings))


def _meets(labels: dict[str, str], wanted: LabelRequirement) -> bool:
    value = labels.get(wanted.key)
    match wanted.operator:
        case "exists":
            return value is not None
        case "!":
            return value is None
        case "notin" | "!=":
            return value is None or value not in wanted.values
        case "gt" | "lt":
            if value is None or not value.lstrip("-").isdigit():
                return False
            return int(value) > int(wanted.values[0]) if wanted.operator == "gt" else int(value) < int(wanted.values[0])
    return value is not None and value in wanted.values
