"""Bindings as they are written: subjects, bindings, roles, what gathers what, and what leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rbaclens.analysis.holder import EVERYWHERE, Principal
from rbaclens.analysis.shipped import Shipped
from rbaclens.authorizers.abac import policy_touches
from rbaclens.authorizers.rbac import subject_user
from rbaclens.graph.holding import line_node, role_id
from rbaclens.graph.model import Attributes, Drawing, Edge, Graph, Node, principal_node
from rbaclens.graph.permission import Permission, entries, verbs_of
from rbaclens.graph.view import View
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule


def bindings_graph(engine: Engine, view: View) -> Graph:
    """The graph of the bindings; with the level ``rule`` also what each role allows."""
    return _Bindings(engine, view).graph()


class _Bindings:
    def __init__(self, engine: Engine, view: View) -> None:
        self._engine = engine
        self._view = view
        self._drawing = Drawing()
        self._left_out = 0

    def graph(self) -> Graph:
        roles: dict[int, Role] = {}
        for binding in self._engine.policy.bindings:
            for role in self._binding(binding):
                roles[id(role)] = role
        for role in list(roles.values()):
            self._gathered(role, roles)
        if self._view.level == "rule":
            for role in roles.values():
                self._rules(role)
        for line in self._engine.policy.abac or ():
            self._line(line)
        notes = (f"{self._left_out} bindings that every cluster has are left out",) if self._left_out else ()
        return self._drawing.done("bindings", notes)

    def _line(self, line: AbacPolicy) -> None:
        if not (line.user or line.group) or not self._view.wants_scope(EVERYWHERE if line.namespace == "*" else line.namespace):
            return
        patterns = [msgspec.structs.replace(pattern, namespace=None) for pattern in self._view.patterns]
        if patterns and not any(policy_touches(line, pattern) for pattern in patterns):
            return
        who = Principal.of_user(line.user) if line.user else Principal.of_group(line.group)
        self._drawing.edges.append(Edge(self._drawing.node(principal_node(who)), self._drawing.node(line_node(line)), "subject-of"))

    def _binding(self, binding: Binding) -> Iterator[Role]:
        view, drawing, policy = self._view, self._drawing, self._engine.policy
        if not view.wants_scope(binding.namespace or EVERYWHERE):
            return
        compiled = self._engine.index.role_of(binding)
        role = compiled.role if compiled else None
        if view.shipped is not None and _is_shipped(view.shipped, binding, role):
            self._left_out += 1
            return
        if view.pattern is not None and not (role is not None and self._touches(role)):
            return
        place = f"{binding.namespace}/" if binding.namespace else ""
        attributes: Attributes = {"kind": binding.kind, "namespace": binding.namespace, **_place(policy, binding.origin)}
        node = drawing.node(Node(f"{binding.kind.lower()}:{place}{binding.name}", "binding", f"{place}{binding.name}", attributes))
        for subject in binding.subjects:
            who = _subject(subject, binding)
            if who is not None:
                drawing.edges.append(Edge(drawing.node(principal_node(who)), node, "subject-of"))
        scope: Attributes = {"scope": binding.namespace or EVERYWHERE}
        if role is None:
            ref = binding.role_ref
            missing = Node(f"missing:{place}{ref.kind}/{ref.name}", "role", f"{ref.name} (missing)", {"kind": ref.kind, "missing": True})
            drawing.edges.append(Edge(node, drawing.node(missing), "grants", "", scope))
            return
        drawing.edges.append(Edge(node, self._role(role), "grants", "", scope))
        yield role

    def _touches(self, role: Role) -> bool:
        return any(self._view.wanted_verbs(permission, verbs_of(rule)) for rule in role.rules for permission in _entries(rule))

    def _role(self, role: Role) -> str:
        attributes: Attributes = {"kind": role.kind, "namespace": role.namespace, **_place(self._engine.policy, role.origin)}
        name = f"{role.namespace}/{role.name}" if role.namespace else role.name
        return self._drawing.node(Node(role_id(role), "role", name, attributes))

    def _gathered(self, role: Role, roles: dict[int, Role]) -> None:
        """What a role gathers, and from what that was gathered in turn."""
        for source in dict.fromkeys(id(one.role) for one in role.gathered):
            origin = next(one.role for one in role.gathered if id(one.role) == source)
            self._drawing.edges.append(Edge(self._role(origin), self._role(role), "aggregates"))
            if source not in roles:
                roles[source] = origin
                self._gathered(origin, roles)

    def _rules(self, role: Role) -> None:
        if role.gathered:
            return
        for number, rule in enumerate(role.rules, 1):
            verbs = verbs_of(rule)
            for permission in _entries(rule):
                wanted = self._view.wanted_verbs(permission, verbs)
                if wanted:
                    text = ", ".join(wanted)
                    target = self._drawing.node(_allowed(permission))
                    self._drawing.edges.append(Edge(role_id(role), target, "allows", text, {"verbs": text, "rule": number}))


def _entries(rule: PolicyRule) -> Iterator[Permission]:
    """What a rule says on resources, and what it says on paths."""
    if rule.resources and rule.api_groups:
        yield from entries(msgspec.structs.replace(rule, non_resource_urls=()) if rule.non_resource_urls else rule)
    if rule.non_resource_urls:
        yield from entries(PolicyRule(rule.verbs, non_resource_urls=rule.non_resource_urls))


def _allowed(permission: Permission) -> Node:
    """A permission without a scope: where it counts, the bindings of the role say."""
    node = permission.node(f"allowed:{permission.key}", "", "")
    attributes = {key: value for key, value in node.attributes.items() if key != "scope"}
    return Node(node.id, node.kind, permission.what, attributes)


def _is_shipped(shipped: Shipped, binding: Binding, role: Role | None) -> bool:
    if binding.subjects:
        return shipped.is_binding(binding)
    return role is not None and shipped.role_like(role) is not None


def _subject(subject: Subject, binding: Binding) -> Principal | None:
    if subject.kind == "Group":
        return Principal.of_group(subject.name)
    user = subject_user(subject, binding.namespace)
    return Principal.of_user(user) if user else None


def _place(policy: PolicySet, origin: Origin) -> Attributes:
    found = policy.locate(origin)
    return {"file": found.file, "line": found.line} if found.line else {"file": found.file}
