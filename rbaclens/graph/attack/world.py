"""What is known of the things that techniques reach: service accounts, pods, nodes, namespaces."""

from __future__ import annotations

from functools import cached_property

import msgspec

from rbaclens.analysis.holder import EVERYWHERE
from rbaclens.analysis.shipped import Shipped
from rbaclens.index.engine import Engine
from rbaclens.model.identity import parse_service_account
from rbaclens.model.objects import PlainObject
from rbaclens.model.workloads import PodSpec

ENFORCE = "pod-security.kubernetes.io/enforce"
_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
Account = tuple[str, str]
"""Namespace and name of a service account."""


class Runner(msgspec.Struct, frozen=True):
    """A pod, or the template of a controller (then ``name`` is like ``Deployment/web``); ``node`` is empty where it is not known.

    ``owner`` is the kind of the controller that made a pod, empty if none did.
    """

    namespace: str
    name: str
    spec: PodSpec
    node: str = ""
    owner: str = ""

    @property
    def account(self) -> Account:
        """The service account under which it runs."""
        return self.namespace, self.spec.service_account_name or "default"


class World:
    """One cluster as far as the input shows it; ``version`` is the API server's (major, minor)."""

    def __init__(self, engine: Engine, shipped: Shipped, version: tuple[int, int] = (1, 36)) -> None:
        self.engine = engine
        self.policy = engine.policy
        self.shipped = shipped
        self.version = version

    @cached_property
    def runners(self) -> tuple[Runner, ...]:
        """Pods."""
        found = []
        for placed in self.policy.node_graph.pods:
            pod = placed.obj
            owner = next((one.kind for one in pod.metadata.owner_references if one.controller), "")
            found.append(Runner(pod.metadata.namespace, pod.metadata.name, pod.spec, pod.spec.node_name, owner))
        return tuple(found)

    def has_token(self, runner: Runner) -> bool:
        """Whether a token of the account is mounted into a pod: the pod says so, else its account, else it is."""
        told = runner.spec.automount_service_account_token
        return told is not False

    @cached_property
    def named_accounts(self) -> frozenset[Account]:
        """The service accounts that bindings or ABAC lines name."""
        users = {*self.engine.index.users, *(line.user for line in self.policy.abac or ())}
        return frozenset(account for account in map(parse_service_account, users) if account)

    @cached_property
    def accounts(self) -> dict[str, frozenset[str]]:
        """The service accounts by namespace: those of the input and of its pods, and ``default``, which is in every namespace.

        Without any ServiceAccount object in the input nobody can tell which exist: then all that are named do.
        """
        found: dict[str, set[str]] = {namespace: {"default"} for namespace in self.namespaces}
        there = [(one.namespace, one.name) for one in self.policy.service_accounts]
        there += [runner.account for runner in self.runners]
        for namespace, name in (*there, *(self._standard if self.policy.service_accounts else self.named_accounts)):
            found.setdefault(namespace, {"default"}).add(name)
        return {namespace: frozenset(names) for namespace, names in found.items()}

    @cached_property
    def missing_accounts(self) -> frozenset[Account]:
        """The service accounts that hold something and are not there; empty where the input has no service accounts."""
        return frozenset((namespace, name) for namespace, name in self.named_accounts if name not in self.accounts.get(namespace, ()))

    @cached_property
    def _standard(self) -> frozenset[Account]:
        """The accounts of the control plane's own controllers, which every cluster has."""
        return frozenset(one for one in self.named_accounts if one[0] == "kube-system" and self.shipped.names_account(*one))

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Every namespace that is named anywhere."""
        policy = self.policy
        found = {one.name for one in policy.namespaces} | {"default", "kube-system"}
        found.update(one.namespace for one in policy.service_accounts)
        found.update(role.namespace for role in policy.roles)
        found.update(binding.namespace for binding in policy.bindings)
        found |= {runner.namespace for runner in self.runners} | {namespace for namespace, _ in self.named_accounts}
        return frozenset(found - {""})

    @cached_property
    def nodes(self) -> dict[str, bool]:
        """The nodes, and whether each is known to run the control plane."""
        found = {runner.node: False for runner in self.runners if runner.node}
        for node in self.policy.nodes:
            found[node.name] = any(label in node.labels for label in _CONTROL_PLANE)
        return found

    def namespace_object(self, namespace: str) -> PlainObject | None:
        """The Namespace object, where the input has it."""
        return self._namespace_objects.get(namespace)

    @cached_property
    def _namespace_objects(self) -> dict[str, PlainObject]:
        return {one.name: one for one in self.policy.namespaces}

    def pod_security(self, namespace: str) -> str:
        """The pod security standard that a namespace enforces; empty: none, as far as is known."""
        found = self.namespace_object(namespace)
        return found.labels.get(ENFORCE, "") if found else ""

    def enforced(self, scope: str) -> str:
        """What prevents privileged pods in a scope, in words; empty: nothing that can be seen."""
        standard = "" if scope == EVERYWHERE else self.pod_security(scope)
        return f"namespace {scope} enforces the pod security standard {standard}" if standard in ("baseline", "restricted") else ""
