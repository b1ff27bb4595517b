"""What a rule may ask of the policy under audit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Literal, TypeVar, get_args

import msgspec

from rbaclens.analysis.shipped import Shipped
from rbaclens.audit.finding import Subject as Judged
from rbaclens.audit.surroundings import Surroundings
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.paths import PathFinder
from rbaclens.graph.attack.targets import everybody
from rbaclens.index.compile import SubjectIndex
from rbaclens.index.engine import Engine
from rbaclens.index.lookup import BOOTSTRAP_FILE
from rbaclens.model.controllers import DaemonSet
from rbaclens.model.identity import service_account_user
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP, Binding, PlainObject, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule

Version = tuple[int, int]
Said = TypeVar("Said")
Field = Literal["verbs", "api_groups", "resources", "resource_names", "non_resource_urls"]
"""A list of a rule."""
_Place = tuple[int, Role, int]
"""Where a rule stands: its position among all rules, its role, its number there."""
ENFORCE = "pod-security.kubernetes.io/enforce"
KUBE_SYSTEM = "kube-system"
_ALWAYS_PRIVILEGED = frozenset({KUBE_SYSTEM})
# From 1.29 on kubeadm binds the group of admin.conf on its first start; before, admin.conf was in system:masters.
KUBEADM_SINCE = (1, 29)
KUBEADM = Binding(
    "ClusterRoleBinding",
    "",
    "kubeadm:cluster-admins",
    (Subject("Group", "kubeadm:cluster-admins", "", RBAC_GROUP),),
    RoleRef("ClusterRole", "cluster-admin"),
    Origin("kubeadm"),
)
_NOTHING_ELSE = Surroundings()


class Doubt(msgspec.Struct, frozen=True):
    """A custom rule that could not be decided: the ``place`` in it, why, on what first, and on how many things."""

    rule: str
    place: str
    reason: str
    on: str
    count: int = 1

    def __str__(self) -> str:
        others = f" and {self.count - 1} more" if self.count > 1 else ""
        return f"{self.place}: {self.rule} cannot tell about {self.on}{others}: {self.reason}"


class Context:
    """The policy with what every rule needs to know of it, worked out once.

    ``bootstrap`` is the API server's own policy: what says the same is nobody's fault. ``version`` is the server's (major, minor),
    ``surroundings`` are what else was given.
    """

    def __init__(
        self, engine: Engine, bootstrap: PolicySet, version: Version = (1, 36), surroundings: Surroundings = _NOTHING_ELSE
    ) -> None:
        self.engine = engine
        self.policy = engine.policy
        self.version = version
        self.surroundings = surroundings
        self.find_privileged: Callable[[], frozenset[str]] = frozenset
        self._privileged: frozenset[str] | None = None
        self.shipped = Shipped(bootstrap, (KUBEADM,) if version >= KUBEADM_SINCE else ())
        self._doubts: dict[tuple[str, str, str], Doubt] = {}

    @property
    def privileged(self) -> frozenset[str]:
        """The namespaces that hold an account that amounts to cluster-admin; kube-system is always one.

        While they are being found, it is the only one.
        """
        if self._privileged is None:
            self._privileged = _ALWAYS_PRIVILEGED
            self._privileged |= self.find_privileged()
        return self._privileged

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What custom rules could not decide: there may be findings that are not there."""
        return tuple(self._doubts.values())

    def doubt(self, rule: str, place: str, reason: str, on: str) -> None:
        """Remember that a rule could not be decided about ``on``; the same reason again is counted."""
        known = self._doubts.get((rule, place, reason))
        count = known.count + 1 if known else 1
        self._doubts[rule, place, reason] = Doubt(rule, place, reason, known.on if known else on, count)

    @property
    def index(self) -> SubjectIndex:
        """The bindings by subject and by role."""
        return self.engine.index

    def role_of(self, binding: Binding) -> Role | None:
        """The role that a binding grants, ``None`` if it is not there."""
        return self._role_of.get(id(binding)) or self._look_up(binding)

    @cached_property
    def _role_of(self) -> dict[int, Role]:
        """The roles of the policy's own bindings, by the binding's id: dozens of rules ask for them."""
        return {id(binding): role for binding in self.policy.bindings if (role := self._look_up(binding)) is not None}

    def _look_up(self, binding: Binding) -> Role | None:
        found = self.index.role_of(binding)
        return found.role if found else None

    def bindings_of(self, role: Role) -> tuple[Binding, ...]:
        """The bindings that grant a role."""
        compiled = self.index.roles.get((role.kind, role.namespace, role.name))
        return tuple(self.index.bindings_by_role.get(compiled, ())) if compiled else ()

    def shipped_role(self, role: Role) -> Role | None:
        """The API server's own role of the same kind, namespace and name."""
        return self.shipped.role_like(role)

    def is_shipped_rule(self, role: Role, rule: PolicyRule) -> bool:
        """Whether the API server's own role of a role's name has this rule."""
        shipped = self.shipped_role(role)
        return shipped is not None and rule in shipped.rules

    def shipped_binding(self, binding: Binding) -> Binding | None:
        """The API server's own binding of the same kind, namespace and name."""
        return self.shipped.binding_like(binding)

    def is_shipped_role(self, role: Role) -> bool:
        """Whether a role says what the API server's own of its name says; the name alone tells nothing."""
        return self.shipped.is_role(role)

    def is_shipped_binding(self, binding: Binding) -> bool:
        """Whether every subject of a binding has this role on every cluster."""
        return self.shipped.is_binding(binding)

    def is_shipped_pair(self, binding: Binding, position: int) -> bool:
        """Whether the API server itself gives this role to this subject, in this place."""
        return self.shipped.is_pair(binding, position)

    @cached_property
    def paths(self) -> PathFinder:
        """The attack paths of the policy."""
        return PathFinder(AttackBuilder(self.engine, self.shipped, self.version))

    @cached_property
    def path_starts(self) -> tuple[str, ...]:
        """Everybody whose attack paths are told of."""
        return everybody(self.paths.builder)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """The roles that are not the API server's own."""
        return tuple(role for role in self.policy.roles if not self.is_shipped_role(role))

    @cached_property
    def _written(self) -> dict[PolicyRule, list[_Place]]:
        """The rules of :attr:`roles` where they were written: of each distinct text its places."""
        places: dict[PolicyRule, list[_Place]] = {}
        position = 0
        for role in self.roles:
            for number, rule in enumerate(() if role.gathered else role.rules):
                places.setdefault(rule, []).append((position, role, number))
                position += 1
        return places

    def each_rule(self, judge: Callable[[PolicyRule], Iterable[Said]]) -> Iterator[tuple[Role, int, Said]]:
        """What ``judge`` says of each rule, with its role and number, in order; rules that say the same are judged once.

        What a role gathers is left out: it is looked at where it was written.
        """
        found: dict[int, tuple[Role, int, tuple[Said, ...]]] = {}
        for rule, places in self._written.items():
            judged = tuple(judge(rule))
            if judged:
                found |= {position: (role, number, judged) for position, role, number in places}
        for position in sorted(found):
            role, number, judged = found[position]
            for said in judged:
                yield role, number, said

    @cached_property
    def _lists(self) -> dict[Field, dict[tuple[str, ...], list[list[_Place]]]]:
        """The places of :attr:`_written` by what stands in each field."""
        found: dict[Field, dict[tuple[str, ...], list[list[_Place]]]] = {field: {} for field in get_args(Field)}
        for rule, places in self._written.items():
            for field, by_list in found.items():
                words = getattr(rule, field)
                if words:
                    by_list.setdefault(words, []).append(places)
        return found

    def rules_naming(self, field: Field, is_meant: Callable[[str], object]) -> Iterator[tuple[Role, int, PolicyRule]]:
        """The rules of :attr:`roles` that have a certain kind of word in a field, where they were written, in order.

        A cluster has few different lists of few different words: most rules are never looked at.
        """
        by_list = self._lists[field]
        meant = {word for word in set(chain.from_iterable(by_list)) if is_meant(word)}
        if not meant:
            return
        rules = chain.from_iterable(some for words, some in by_list.items() if not meant.isdisjoint(words))
        for _, role, number in sorted(chain.from_iterable(rules), key=itemgetter(0)):
            yield role, number, role.rules[number]

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """The bindings that are not the API server's own."""
        return tuple(binding for binding in self.policy.bindings if not (binding.subjects and self.is_shipped_binding(binding)))

    @cached_property
    def bound(self) -> tuple[tuple[Binding, Role], ...]:
        """The :attr:`bindings` whose role is there, each with it."""
        return tuple((binding, role) for binding in self.bindings if (role := self.role_of(binding)) is not None)

    @cached_property
    def bound_groups(self) -> tuple[tuple[Binding, int, Role], ...]:
        """The groups that bindings name, the API server's own bindings too: binding, position of the subject and role."""
        return tuple(
            (binding, position, role)
            for binding in self.policy.bindings
            for position, subject in enumerate(binding.subjects)
            if subject.kind == "Group" and (role := self.role_of(binding)) is not None
        )

    @cached_property
    def written_objects(self) -> tuple[Role | Binding, ...]:
        """All roles and bindings of the input that are not written over by a later one, refused ones too."""
        return (*self.policy.roles, *self.policy.bindings, *(one.obj for one in self.policy.written.refused))

    def judged_objects(self) -> Iterator[object]:
        """What findings are about: roles, bindings and their subjects, ABAC lines, and objects that have but a name."""
        policy, written = self.policy, self.policy.written
        for one in (*self.written_objects, *written.replaced):
            yield one
            if isinstance(one, Binding):
                yield from one.subjects
        yield from policy.abac or ()
        yield from (refused.line for refused in written.refused_lines)
        yield from (*policy.service_accounts, *policy.namespaces, *policy.nodes)

    @cached_property
    def refused_roles(self) -> tuple[Role, ...]:
        """The roles that the API server would not store."""
        return tuple(one.obj for one in self.policy.written.refused if isinstance(one.obj, Role))

    @cached_property
    def refused_bindings(self) -> tuple[Binding, ...]:
        """The bindings that the API server would not store."""
        return tuple(one.obj for one in self.policy.written.refused if isinstance(one.obj, Binding))

    @cached_property
    def namespaces(self) -> dict[str, PlainObject]:
        """The Namespace objects of the input by name."""
        return {one.name: one for one in self.policy.namespaces}

    @cached_property
    def service_accounts(self) -> dict[tuple[str, str], PlainObject]:
        """The ServiceAccount objects of the input by namespace and name."""
        return {(one.namespace, one.name): one for one in self.policy.service_accounts}

    @cached_property
    def first_file(self) -> Origin | None:
        """The first file of the input, where what is about the policy as a whole is shown: code scanning wants a file for all."""
        policy = self.policy
        every: tuple[Judged, ...] = (*policy.roles, *policy.bindings, *(policy.abac or ()), *policy.service_accounts, *policy.namespaces)
        files = (one.origin.file for one in every)
        return next((Origin(file) for file in files if file != BOOTSTRAP_FILE), None)

    def pod_security(self, namespace: str) -> str:
        """The pod security standard that a namespace enforces: privileged where it says nothing, empty where it is not in the input."""
        found = self.namespaces.get(namespace)
        return found.labels.get(ENFORCE, "privileged") if found else ""

    @cached_property
    def daemon_accounts(self) -> frozenset[str]:
        """The user names of service accounts under which a DaemonSet runs on the nodes."""
        found = set()
        for placed in self.policy.node_graph.pods:
            pod = placed.obj
            if any(owner.kind == "DaemonSet" for owner in pod.metadata.owner_references):
                found.add(service_account_user(pod.metadata.namespace, pod.spec.service_account_name or "default"))
        for one in self.policy.controllers:
            if isinstance(one.obj, DaemonSet):
                found.add(service_account_user(one.obj.metadata.namespace, one.obj.pods.service_account_name or "default"))
        return frozenset(found)
