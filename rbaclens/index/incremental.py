"""An engine that follows a cluster: each change costs what it touches, and nothing is ever built again whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.rbac import RoleKey
from rbaclens.index.compile import SubjectIndex
from rbaclens.index.editing import IndexEditor
from rbaclens.index.engine import Engine, WebhookFactory
from rbaclens.index.gathering import Gathering
from rbaclens.model.authorizer_config import AuthorizerConfig
from rbaclens.model.change import ObjectChange, ObjectKey
from rbaclens.model.objects import Binding, Role
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule

_PLAIN = {"Namespace": "namespaces", "ServiceAccount": "service_accounts", "Node": "nodes"}
_GRAPH = {
    "Pod": "pods",
    "PersistentVolume": "persistent_volumes",
    "VolumeAttachment": "volume_attachments",
    "ResourceSlice": "resource_slices",
    "PodCertificateRequest": "pod_certificate_requests",
}


class RoleChange(msgspec.Struct, frozen=True):
    """A role before and after, its rules gathered; ``None`` where it is not there."""

    key: RoleKey
    before: Role | None
    after: Role | None


class BindingChange(msgspec.Struct, frozen=True):
    """A binding before and after; ``None`` where it is not there."""

    before: Binding | None
    after: Binding | None


class Update(msgspec.Struct, frozen=True):
    """What changes mean for the policy: the objects that will differ, those included that are gathered from others.

    ``changes`` are the changes asked for that change anything, the last for each object.
    """

    changes: tuple[ObjectChange, ...]
    roles: tuple[RoleChange, ...] = ()
    bindings: tuple[BindingChange, ...] = ()


class LivePolicy:
    """A policy that changes, and the engine over it.

    ``policy`` is where it starts; its aggregated roles are gathered already, as ``PolicySet`` promises. Roles, bindings and
    the objects of the node graph can change; ABAC lines, resources and gaps stay.
    """

    def __init__(self, policy: PolicySet, config: AuthorizerConfig | None = None, *, webhook: WebhookFactory | None = None) -> None:
        self._engine = Engine(policy, config, webhook=webhook)
        self._editor = IndexEditor(self._engine.index)
        self._gathering = Gathering(role for role in policy.roles if role.kind == "ClusterRole")
        self._bindings: dict[ObjectKey, Binding] = {(one.kind, one.namespace, one.name): one for one in policy.bindings}
        self._others: dict[str, dict[ObjectKey, Any]] = {}
        for kind, field in _PLAIN.items():
            self._others[kind] = {(kind, one.namespace, one.name): one for one in getattr(policy, field)}
        for kind, field in _GRAPH.items():
            placed = ((one.obj.metadata, one) for one in getattr(policy.node_graph, field))
            self._others[kind] = {(kind, meta.namespace, meta.name): one for meta, one in placed}
        self._stale = False

    @property
    def engine(self) -> Engine:
        """The engine, its policy as it is now. It goes on changing with this object."""
        if self._stale:
            self._stale = False
            self._refresh(self._engine)
        return self._engine

    @property
    def index(self) -> SubjectIndex:
        """The index, always as it is now."""
        return self._engine.index

    def plan(self, changes: Iterable[ObjectChange]) -> Update:
        """What ``changes`` would do, all at once; nothing is changed yet."""
        last = {change.key: change for change in changes}
        roles, role_changes = self._plan_roles({key: change for key, change in last.items() if key[0] in ("Role", "ClusterRole")})
        bindings: list[BindingChange] = []
        others: list[ObjectChange] = []
        for key, change in last.items():
            if key[0] in ("RoleBinding", "ClusterRoleBinding"):
                before, after = self._bindings.get(key), change.obj
                if before != after and (after is None or isinstance(after, Binding)):
                    bindings.append(BindingChange(before, after))
                    others.append(change)
            elif key[0] in self._others and self._others[key[0]].get(key) != change.obj:
                others.append(change)
        return Update((*role_changes, *others), roles, tuple(bindings))

    def apply(self, update: Update) -> None:
        """Do what :meth:`plan` said; nothing else may have been applied in between."""
        written = {change.name: change.obj for change in update.changes if change.kind == "ClusterRole"}
        if written:
            self._gathering.learn({name: role if isinstance(role, Role) else None for name, role in written.items()})
        for one in update.bindings:
            if one.before is not None:
                self._editor.remove(one.before)
                del self._bindings[one.before.kind, one.before.namespace, one.before.name]
        for changed in update.roles:
            if changed.after is not None:
                self._editor.put_role(changed.after)
            else:
                self._editor.remove_role(changed.key)
        for one in update.bindings:
            if one.after is not None:
                self._editor.add(one.after)
                self._bindings[one.after.kind, one.after.namespace, one.after.name] = one.after
        for change in update.changes:
            if change.kind in self._others:
                self._put_other(change)
        self._stale = self._stale or bool(update.changes)

    def bindings_of(self, role: RoleKey) -> tuple[Binding, ...]:
        """The bindings that refer to a role, whether it is there or not."""
        return tuple(self._editor.bindings_of(role))

    def rules_of(self, binding: Binding) -> tuple[PolicyRule, ...]:
        """The rules that a binding grants; none when its role is not there."""
        role = self._engine.index.role_of(binding)
        return role.rules if role is not None else ()

    def _plan_roles(self, changes: dict[ObjectKey, ObjectChange]) -> tuple[tuple[RoleChange, ...], list[ObjectChange]]:
        after: dict[RoleKey, Role | None] = {}
        for key, change in changes.items():
            obj = change.obj if isinstance(change.obj, Role) else None
            if obj != self._role(key):
                after[key] = obj
        # What is written in an aggregated role's rules does not count: they are gathered anew and compared then.
        written = {key[2]: role for key, role in after.items() if key[0] == "ClusterRole"}
        if written:
            after.update({("ClusterRole", "", name): role for name, role in self._gathering.regather(written).items()})
        pairs = [RoleChange(key, self._role(key), role) for key, role in after.items()]
        different = {pair.key: pair for pair in pairs if pair.before != pair.after}
        return tuple(different.values()), [change for key, change in changes.items() if key in different]

    def _role(self, key: RoleKey) -> Role | None:
        compiled = self._engine.index.roles.get(key)
        return compiled.role if compiled is not None else None

    def _put_other(self, change: ObjectChange) -> None:
        table = self._others[change.kind]
        if change.obj is None:
            table.pop(change.key, None)
        else:
            table[change.key] = change.obj

    def _refresh(self, engine: Engine) -> None:
        graph = {field: tuple(self._others[kind].values()) for kind, field in _GRAPH.items()}
        same_graph = all(getattr(engine.policy.node_graph, field) == placed for field, placed in graph.items())
        fields: dict[str, Any] = {field: tuple(self._others[kind].values()) for kind, field in _PLAIN.items()}
        fields["roles"] = tuple(compiled.role for compiled in engine.index.roles.values())
        fields["bindings"] = engine.index.bindings = tuple(self._bindings.values())
        if not same_graph:
            fields["node_graph"] = msgspec.structs.replace(engine.policy.node_graph, **graph)
        engine.policy = msgspec.structs.replace(engine.policy, **fields)
        if not same_graph:
            # The graph is made when a node next asks: what is reachable through it cannot be told change by change.
            engine.authorizers = tuple(
                NodeAuthorizer(engine.policy.node_graph) if isinstance(one, NodeAuthorizer) else one for one in engine.authorizers
            )
