"""What is known of the things that techniques reach: service accounts, pods, nodes, secrets, namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.shipped import Shipped
from rbaclens.authorizers.rbac import role_key
from rbaclens.graph.attack.runners import DAEMON_SET, Account, Claims, Runner
from rbaclens.index.engine import Engine
from rbaclens.model.controllers import TOKEN_SECRET, SecretObject
from rbaclens.model.identity import parse_service_account
from rbaclens.model.objects import PlainObject
from rbaclens.model.workloads import Pod

ENFORCE = "pod-security.kubernetes.io/enforce"
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_POD_SECURITY_SINCE = (1, 23)
_TOKEN_NAME = re.compile(r"(.+)-token-[a-z0-9]{5}")
_APART_FROM_BINDINGS = frozenset({
    "account_objects", "api_groups", "claims", "controllers", "named_objects", "nodes", "on_node", "roles", "runners", "running_accounts",
    "secrets",
})  # fmt: skip
RoleKey = tuple[str, str, str]
"""Kind, namespace and name of a role."""


class World:
    """One cluster as far as the input shows it; ``version`` is the API server's (major, minor).

    ``identities`` are the known groups of users.
    """

    def __init__(
        self, engine: Engine, shipped: Shipped, version: tuple[int, int] = (1, 36), identities: Mapping[str, Iterable[str]] | None = None
    ) -> None:
        self.engine = engine
        self.policy = engine.policy
        self.shipped = shipped
        self.version = version
        self.identities = identities or {}

    def with_bindings_of(self, engine: Engine) -> World:
        """The same cluster with other bindings; what was found out of everything else is kept."""
        found = World(engine, self.shipped, self.version, self.identities)
        found.__dict__.update((name, value) for name, value in self.__dict__.items() if name in _APART_FROM_BINDINGS)
        return found

    @cached_property
    def runners(self) -> tuple[Runner, ...]:
        """Pods, and the templates of controllers that nothing else made."""
        found = []
        for placed in self.policy.node_graph.pods:
            pod = placed.obj
            found.append(Runner(pod.metadata.namespace, pod.metadata.name, pod.spec, pod.spec.node_name, _owner(pod), pod.is_mirror))
        for one in self.policy.controllers:
            kind, meta = type(one.obj).__name__, one.obj.metadata
            if not any(owner.controller for owner in meta.owner_references):
                found.append(Runner(meta.namespace, f"{kind}/{meta.name}", one.obj.pods, owner=kind))
        return tuple(found)

    @cached_property
    def on_node(self) -> dict[str, tuple[Runner, ...]]:
        """What runs on each node that is known; a DaemonSet does on every one."""
        found: dict[str, list[Runner]] = {node: [] for node in self.nodes}
        for runner in self.runners:
            if runner.node:
                found[runner.node].append(runner)
            elif runner.is_template and runner.owner == DAEMON_SET:
                for runners in found.values():
                    runners.append(runner)
        return {node: tuple(runners) for node, runners in found.items()}

    @cached_property
    def controllers(self) -> dict[str, frozenset[str]]:
        """The names of the controllers of each namespace."""
        found: dict[str, set[str]] = {}
        for one in self.policy.controllers:
            found.setdefault(one.obj.metadata.namespace, set()).add(one.obj.metadata.name)
        return {namespace: frozenset(names) for namespace, names in found.items()}

    @cached_property
    def running_accounts(self) -> frozenset[Account]:
        """The service accounts whose pods are known."""
        return frozenset(runner.account for runner in self.runners)

    @cached_property
    def claims(self) -> Claims:
        """The persistent volumes by the claims that they are bound to."""
        placed = (one.obj for one in self.policy.node_graph.persistent_volumes)
        return {(one.spec.claim_ref.namespace, one.spec.claim_ref.name): one for one in placed if one.spec.claim_ref is not None}

    def has_token(self, runner: Runner) -> bool:
        """Whether a token of the account is mounted into a pod: a volume or the pod says so, else its account, else it is."""
        if runner.has_projected_token or runner.is_mirror:
            return not runner.is_mirror
        told = runner.spec.automount_service_account_token
        if told is None:
            account = self.account_objects.get(runner.account)
            told = account.automount if account is not None else None
        return told is not False

    @cached_property
    def account_objects(self) -> dict[Account, PlainObject]:
        """The ServiceAccount objects of the input."""
        return {(one.namespace, one.name): one for one in self.policy.service_accounts}

    @cached_property
    def named_users(self) -> frozenset[str]:
        """The user names that bindings or ABAC lines name, service accounts and nodes among them."""
        return frozenset({*self.engine.index.users, *(line.user for line in self.policy.abac or ())} - {"", "*"})

    @cached_property
    def named_accounts(self) -> frozenset[Account]:
        """The service accounts that bindings or ABAC lines name."""
        return frozenset(account for account in map(parse_service_account, self.named_users) if account)

    @cached_property
    def named_groups(self) -> frozenset[str]:
        """The groups that bindings or ABAC lines name."""
        return frozenset({*self.engine.index.groups, *(line.group for line in self.policy.abac or ())} - {"", "*"})

    @cached_property
    def accounts(self) -> dict[str, frozenset[str]]:
        """The service accounts by namespace: those of the input and of its pods, and ``default``, which is in every namespace.

        Without any ServiceAccount object in the input nobody can tell which exist: then all that are named do.
        """
        found: dict[str, set[str]] = {namespace: {"default"} for namespace in self.namespaces}
        there = [*self.account_objects, *(runner.account for runner in self.runners)]
        for namespace, name in (*there, *(self.standard_accounts if self.policy.service_accounts else self.named_accounts)):
            found.setdefault(namespace, {"default"}).add(name)
        return {namespace: frozenset(names) for namespace, names in found.items()}

    @cached_property
    def missing_accounts(self) -> frozenset[Account]:
        """The service accounts that hold something and are not there; empty where the input has no service accounts."""
        return frozenset((namespace, name) for namespace, name in self.named_accounts if name not in self.accounts.get(namespace, ()))

    @cached_property
    def standard_accounts(self) -> frozenset[Account]:
        """The accounts of the control plane's own controllers, which every cluster has; no pod runs as one of them."""
        return frozenset(one for one in self.named_accounts if one[0] == "kube-system" and self.shipped.names_account(*one))

    @cached_property
    def secrets(self) -> dict[tuple[str, str], SecretObject]:
        """The secrets that are known, by namespace and name: objects, those that pods use, and tokens that accounts list."""
        found = {(runner.namespace, name): SecretObject(runner.namespace, name, "") for runner in self.runners for name in runner.secrets()}
        for namespace, account in self.account_objects:
            for name in self.account_objects[namespace, account].secrets:
                match = _TOKEN_NAME.fullmatch(name)
                if match and match[1] == account:
                    found[namespace, name] = SecretObject(namespace, name, TOKEN_SECRET, account)
        found.update(((one.namespace, one.name), one) for one in self.policy.secrets)
        return found

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Every namespace that is named anywhere."""
        policy = self.policy
        found = {one.name for one in policy.namespaces} | {"default", "kube-system"}
        found.update(role.namespace for role in policy.roles)
        found.update(binding.namespace for binding in policy.bindings)
        found |= {namespace for namespace, _ in self.account_objects}
        found |= {namespace for namespace, _ in self.secrets} | {runner.namespace for runner in self.runners}
        found |= {namespace for namespace, _ in self.named_accounts}
        return frozenset(found - {""})

    @cached_property
    def sorted_namespaces(self) -> tuple[str, ...]:
        """The namespaces, in order."""
        return tuple(sorted(self.namespaces))

    @cached_property
    def nodes(self) -> dict[str, bool]:
        """The nodes, and whether each is known to run the control plane."""
        found = {runner.node: False for runner in self.runners if runner.node}
        for node in self.policy.nodes:
            found[node.name] = any(label in node.labels for label in _CONTROL_PLANE)
        return found

    @cached_property
    def roles(self) -> dict[str, tuple[RoleKey, ...]]:
        """The Roles of each namespace."""
        found: dict[str, list[RoleKey]] = {}
        for role in self.policy.roles:
            if role.namespace:
                found.setdefault(role.namespace, []).append((role.kind, role.namespace, role.name))
        return {namespace: tuple(sorted(keys)) for namespace, keys in found.items()}

    @cached_property
    def bindings(self) -> dict[str, tuple[tuple[str, RoleKey], ...]]:
        """Name and role of the RoleBindings of each namespace, and of the empty one of the ClusterRoleBindings."""
        found: dict[str, list[tuple[str, RoleKey]]] = {}
        for binding in self.policy.bindings:
            role = role_key(binding)
            if role:
                found.setdefault(binding.namespace, []).append((binding.name, role))
        return {namespace: tuple(bindings) for namespace, bindings in found.items()}

    @cached_property
    def bindings_to(self) -> dict[str, dict[str, tuple[tuple[str, RoleKey], ...]]]:
        """The same, by the name of the role."""
        found: dict[str, dict[str, list[tuple[str, RoleKey]]]] = {}
        for namespace, bindings in self.bindings.items():
            for name, role in bindings:
                found.setdefault(role[2], {}).setdefault(namespace, []).append((name, role))
        return {role: {namespace: tuple(some) for namespace, some in by_place.items()} for role, by_place in found.items()}

    @cached_property
    def api_groups(self) -> frozenset[str]:
        """The API groups that somebody served or wrote a rule about."""
        found = {one.group for one in self.policy.resources}
        for role in self.policy.roles:
            for rule in role.rules:
                found.update(rule.api_groups)
        return frozenset(found)

    @cached_property
    def named_objects(self) -> frozenset[str]:
        """The object names to which some rule is limited."""
        return frozenset(name for role in self.policy.roles for rule in role.rules for name in rule.resource_names)

    @cached_property
    def asks_nodes(self) -> bool:
        """Whether the Node authorizer speaks for kubelets; then NodeRestriction keeps them to their own node and its pods."""
        return any(entry.type == "Node" for entry in self.engine.config.authorizers)

    @cached_property
    def _enforced(self) -> dict[str, str]:
        return {one.name: one.labels.get(ENFORCE, "") for one in self.policy.namespaces}

    def enforced(self, scope: str) -> str:
        """What prevents privileged pods in a scope, in words; empty: nothing that can be seen."""
        standard = "" if scope == EVERYWHERE or self.version < _POD_SECURITY_SINCE else self._enforced.get(scope, "")
        return f"namespace {scope} enforces the pod security standard {standard}" if standard in ("baseline", "restricted") else ""


def _owner(pod: Pod) -> str:
    return next((one.kind for one in pod.metadata.owner_references if one.controller), "")
