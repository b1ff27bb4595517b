"""What a rule may ask of the policy under audit."""

from __future__ import annotations

from functools import cached_property

from rbaclens.analysis.shipped import Shipped
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.paths import PathFinder
from rbaclens.index.compile import SubjectIndex
from rbaclens.index.engine import Engine
from rbaclens.model.identity import service_account_user
from rbaclens.model.objects import Binding, PlainObject, Role
from rbaclens.model.policy import PolicySet

Version = tuple[int, int]
ENFORCE = "pod-security.kubernetes.io/enforce"
KUBE_SYSTEM = "kube-system"


class Context:
    """The policy with what every rule needs to know of it, worked out once.

    ``bootstrap`` is the API server's own policy: what says the same is nobody's fault. ``version`` is the server's (major, minor).
    ``privileged`` are the namespaces that hold an account that amounts to cluster-admin (kube-system is always one).
    """

    def __init__(self, engine: Engine, bootstrap: PolicySet, version: Version = (1, 36)) -> None:
        self.engine = engine
        self.policy = engine.policy
        self.version = version
        self.privileged: frozenset[str] = frozenset({KUBE_SYSTEM})
        self.shipped = Shipped(bootstrap)

    @property
    def index(self) -> SubjectIndex:
        """The bindings by subject and by role."""
        return self.engine.index

    def role_of(self, binding: Binding) -> Role | None:
        """The role that a binding grants, ``None`` if it is not there."""
        found = self.index.role_of(binding)
        return found.role if found else None

    def bindings_of(self, role: Role) -> tuple[Binding, ...]:
        """The bindings that grant a role."""
        compiled = self.index.roles.get((role.kind, role.namespace, role.name))
        return tuple(self.index.bindings_by_role.get(compiled, ())) if compiled else ()

    def shipped_role(self, role: Role) -> Role | None:
        """The API server's own role of the same kind, namespace and name."""
        return self.shipped.role_like(role)

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
    def roles(self) -> tuple[Role, ...]:
        """The roles that are not the API server's own."""
        return tuple(role for role in self.policy.roles if not self.is_shipped_role(role))

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """The bindings that are not the API server's own."""
        return tuple(binding for binding in self.policy.bindings if not (binding.subjects and self.is_shipped_binding(binding)))

    @cached_property
    def namespaces(self) -> dict[str, PlainObject]:
        """The Namespace objects of the input by name."""
        return {one.name: one for one in self.policy.namespaces}

    @cached_property
    def service_accounts(self) -> dict[tuple[str, str], PlainObject]:
        """The ServiceAccount objects of the input by namespace and name."""
        return {(one.namespace, one.name): one for one in self.policy.service_accounts}

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
        return frozenset(found)
