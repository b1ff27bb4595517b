"""Mutants of a policy: every rule, binding and ABAC line one step wider or narrower (what the bootstrap brought is left alone).

RBAC and ABAC only ever add. So a mutant needs no policy of its own: a wider one is known by what it ``gains``, a narrower one
by what it ``loses`` and by what is left of the objects that were touched (``after``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Literal

import msgspec

from rbaclens.analysis.fact_words import IsDefault
from rbaclens.authorizers.matching import ALL
from rbaclens.authorizers.rbac import RoleKey, role_key
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.aggregation import aggregate_roles
from rbaclens.model.identities import Identities
from rbaclens.model.identity import ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP, Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule

_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_PATH_VERBS = ("get", "post", "put", "delete")
_TO_ALL = Subject("Group", AUTHENTICATED, api_group=RBAC_GROUP)
_EVERYBODY = (AUTHENTICATED, UNAUTHENTICATED)


class Fragment(msgspec.Struct, frozen=True):
    """Some roles with bindings of theirs, and ABAC lines."""

    roles: tuple[Role, ...] = ()
    bindings: tuple[Binding, ...] = ()
    abac: tuple[AbacPolicy, ...] = ()

    @property
    def policy(self) -> PolicySet:
        """The fragment as a policy of its own."""
        return PolicySet(self.roles, self.bindings, self.abac)


class Touched(msgspec.Struct, frozen=True):
    """The objects that a mutant replaces: whatever they grant is in its ``after``."""

    roles: frozenset[RoleKey] = frozenset()
    binding: Binding | None = None
    line: AbacPolicy | None = None


class Mutant(msgspec.Struct, frozen=True):
    """One step: ``change`` in words, made to ``where`` (an object's rule, binding or line), which stands at ``origin``."""

    way: Literal["widen", "narrow"]
    where: str
    change: str
    origin: Origin
    touched: Touched
    gains: Fragment = Fragment()
    loses: Fragment = Fragment()
    after: Fragment = Fragment()


class _Step(msgspec.Struct, frozen=True):
    """A step of a rule, and the part of the rule that is gained or lost by it. ``rule`` is ``None``: nothing is left."""

    way: Literal["widen", "narrow"]
    change: str
    part: PolicyRule
    rule: PolicyRule | None


Plan = Callable[[], Mutant]


class Mutator:
    """Makes the mutants of one engine's policy."""

    def __init__(self, engine: Engine, identities: Identities, is_default: IsDefault) -> None:
        self.policy = engine.policy
        self.identities = identities
        self.is_default = is_default
        self._roles: Mapping[RoleKey, Role] = {(role.kind, role.namespace, role.name): role for role in self.policy.roles}
        self._held: dict[RoleKey, list[Binding]] = {}
        for binding in self.policy.bindings:
            key = role_key(binding)
            if key is not None:
                self._held.setdefault(key, []).append(binding)
        self._with_abac = any(entry.type == "ABAC" for entry in engine.config.authorizers)
        self._with_rbac = any(entry.type == "RBAC" for entry in engine.config.authorizers)

    def plans(self) -> Iterator[Plan]:
        """How to make each mutant, in the policy's order: cheap to list, so that a sample costs only what it makes."""
        if self._with_rbac:
            for written in self.policy.roles:
                # What stands in an aggregated role is written elsewhere, and changed there.
                if not written.gathered and written.aggregation is None and not self.is_default(written):
                    for number, rule in enumerate(written.rules):
                        yield from (self._rule_plan(written, number, step) for step in rule_steps(rule))
            for binding in self.policy.bindings:
                key = role_key(binding)
                role = self._roles.get(key) if key is not None else None
                if role is not None and not self.is_default(binding):
                    yield from self._binding_plans(binding, role)
        if self._with_abac:
            for line in self.policy.abac or ():
                yield from (self._line_plan(line, change, way, other) for way, change, other in _line_steps(line))

    # rules

    def _rule_plan(self, role: Role, number: int, step: _Step) -> Plan:
        return lambda: self._rule_mutant(role, number, step)

    def _rule_mutant(self, role: Role, number: int, step: _Step) -> Mutant:
        named = f"{role.namespace}/{role.name}" if role.namespace else role.name
        # A rule that allows nothing keeps the numbers of the others.
        rules = (*role.rules[:number], step.rule or PolicyRule(), *role.rules[number + 1 :])
        changed = msgspec.structs.replace(role, rules=rules)
        part = msgspec.structs.replace(role, rules=(step.part,))
        roles = self._with_gathered(role, changed)
        keys = frozenset((one.kind, one.namespace, one.name) for one in roles)
        bindings = tuple(binding for key in keys for binding in self._held.get(key, ()))
        parts = (part, *(msgspec.structs.replace(one, rules=(step.part,), gathered=()) for one in roles if one is not changed))
        fragment = Fragment(parts, bindings)
        return Mutant(
            step.way,
            f"rule {number + 1} of {role.kind} {named}",
            step.change,
            role.rule_origin(number),
            Touched(roles=keys),
            gains=fragment if step.way == "widen" else Fragment(),
            loses=fragment if step.way == "narrow" else Fragment(),
            after=Fragment(roles, bindings),
        )

    def _with_gathered(self, role: Role, changed: Role) -> tuple[Role, ...]:
        """The changed role, and the aggregated ones that gather its rules, gathered anew (RBAC-41)."""
        if role.kind != "ClusterRole" or role.name not in self._gathered_from:
            return (changed,)
        before = [one for one in self.policy.roles if one.kind == "ClusterRole"]
        after = aggregate_roles([changed if one is role else one for one in before])
        different = tuple(new for old, new in zip(before, after, strict=True) if old is not role and old.rules != new.rules)
        return (changed, *different)

    @cached_property
    def _gathered_from(self) -> frozenset[str]:
        return frozenset(one.role.name for role in self.policy.roles for one in role.gathered)

    # bindings

    def _binding_plans(self, binding: Binding, role: Role) -> Iterator[Plan]:
        if binding.namespace:
            yield lambda: self._everywhere(binding, role)
        for position, subject in enumerate(binding.subjects):
            for wider in self._wider(subject, binding):
                yield self._subject_plan(binding, role, position, wider)
            yield self._subject_plan(binding, role, position, None)

    def _everywhere(self, binding: Binding, role: Role) -> Mutant:
        copy = msgspec.structs.replace(role, kind="ClusterRole", namespace="", gathered=())
        bound = msgspec.structs.replace(binding, kind="ClusterRoleBinding", namespace="", role_ref=RoleRef("ClusterRole", role.name))
        accounts = tuple(
            msgspec.structs.replace(one, namespace=one.namespace or binding.namespace) if one.kind == "ServiceAccount" else one
            for one in binding.subjects
        )
        fragment = Fragment((copy,), (msgspec.structs.replace(bound, subjects=accounts),))
        change = "ClusterRoleBinding instead of RoleBinding: in every namespace"
        return Mutant("widen", _title(binding), change, binding.origin, Touched(binding=binding), gains=fragment, after=fragment)

    def _subject_plan(self, binding: Binding, role: Role, position: int, wider: Subject | None) -> Plan:
        return lambda: self._subject_mutant(binding, role, position, wider)

    def _subject_mutant(self, binding: Binding, role: Role, position: int, wider: Subject | None) -> Mutant:
        subject = binding.subjects[position]
        others = binding.subjects[:position] + binding.subjects[position + 1 :]
        named = f"{subject.namespace or binding.namespace}/{subject.name}" if subject.kind == "ServiceAccount" else subject.name
        origin = binding.origin.child("subjects", position)

        def bound(*subjects: Subject) -> Fragment:
            return Fragment((role,), (msgspec.structs.replace(binding, subjects=subjects),))

        touched = Touched(binding=binding)
        if wider is not None:
            change = f"also group {wider.name}, beside {subject.kind} {named}"
            return Mutant("widen", _title(binding), change, origin, touched, gains=bound(wider), after=bound(*binding.subjects, wider))
        change = f"without {subject.kind} {named}" if others else "without the binding"
        return Mutant("narrow", _title(binding), change, origin, touched, loses=bound(subject), after=bound(*others))

    def _wider(self, subject: Subject, binding: Binding) -> Iterator[Subject]:
        """A subject's groups, and everybody who is authenticated."""
        if subject.kind == "ServiceAccount":
            yield Subject("Group", f"{SERVICE_ACCOUNTS}:{subject.namespace or binding.namespace}", api_group=RBAC_GROUP)
        elif subject.kind == "User":
            yield from (Subject("Group", one.group, api_group=RBAC_GROUP) for one in self.identities.of_user(subject.name))
        if subject.kind in ("User", "Group", "ServiceAccount") and subject.name not in _EVERYBODY:
            yield _TO_ALL

    # lines

    def _line_plan(self, line: AbacPolicy, change: str, way: Literal["widen", "narrow"], other: AbacPolicy | None) -> Plan:
        left = Fragment(abac=(other,)) if other is not None else Fragment()
        if way == "widen":
            return lambda: Mutant(way, f"ABAC line {line.line}", change, line.origin, Touched(line=line), gains=left, after=left)
        return lambda: Mutant(
            way, f"ABAC line {line.line}", change, line.origin, Touched(line=line), loses=Fragment(abac=(line,)), after=left
        )


def _title(binding: Binding) -> str:
    return f"{binding.kind} {binding.namespace}/{binding.name}" if binding.namespace else f"{binding.kind} {binding.name}"


def rule_steps(rule: PolicyRule) -> Iterator[_Step]:
    """Every step of one rule."""
    if rule.resources and rule.api_groups and rule.verbs:
        yield from _wider_steps(rule)
    if rule.non_resource_urls and rule.verbs:
        yield from _wider_url_steps(rule)
    yield from _narrower_steps(rule)


def _wider_steps(rule: PolicyRule) -> Iterator[_Step]:
    if rule.resource_names:
        yield _widened(rule, "on objects of any name", resource_names=())
    yield from _added(rule, "verbs", _VERBS)
    if ALL not in rule.resources:
        yield _widened(rule, "resource *", resources=(ALL,))
        below = dict.fromkeys(entry.partition("/")[2] for entry in rule.resources)
        for subresource in below:
            if subresource and f"*/{subresource}" not in rule.resources:
                yield _widened(rule, f"resource */{subresource}", resources=(f"*/{subresource}",))
    if ALL not in rule.api_groups:
        yield _widened(rule, "API group *", api_groups=(ALL,))


def _wider_url_steps(rule: PolicyRule) -> Iterator[_Step]:
    if not rule.resources:
        yield from _added(rule, "verbs", _PATH_VERBS)
    if ALL not in rule.non_resource_urls:
        yield _widened(rule, "path *", non_resource_urls=(ALL,))


def _added(rule: PolicyRule, field: str, values: tuple[str, ...]) -> Iterator[_Step]:
    if ALL in rule.verbs:
        return
    yield _widened(rule, "verb *", verbs=(ALL,))
    for verb in values:
        if verb not in rule.verbs:
            yield _widened(rule, f"verb {verb}", verbs=(verb,))


def _widened(rule: PolicyRule, change: str, **fields: tuple[str, ...]) -> _Step:
    """``fields`` are the new entries: the part that is gained has them alone, the rule has them behind its own."""
    part = msgspec.structs.replace(rule, **fields)
    both = {name: (*getattr(rule, name), *values) if values else () for name, values in fields.items()}
    return _Step("widen", f"also {change}" if any(fields.values()) else change, part, msgspec.structs.replace(rule, **both))


def _narrower_steps(rule: PolicyRule) -> Iterator[_Step]:
    words = {"verbs": "verb", "resources": "resource", "api_groups": "API group", "resource_names": "name", "non_resource_urls": "path"}
    for field, word in words.items():
        values = tuple(dict.fromkeys(getattr(rule, field)))
        if len(values) > 1:
            for value in values:
                left = msgspec.structs.replace(rule, **{field: tuple(one for one in values if one != value)})
                shown = value or '""'
                yield _Step("narrow", f"without {word} {shown}", msgspec.structs.replace(rule, **{field: (value,)}), left)
    yield _Step("narrow", "without the rule", rule, None)


def _line_steps(line: AbacPolicy) -> Iterator[tuple[Literal["widen", "narrow"], str, AbacPolicy | None]]:
    """Every step of one ABAC line; a field that the line does not use is not widened."""
    changes: list[tuple[bool, str, dict[str, object]]] = [
        (line.readonly, "every verb, not only reading", {"readonly": False}),
        (bool(line.resource) and line.namespace != ALL, "namespace *", {"namespace": ALL}),
        (line.resource not in ("", ALL), "resource *", {"resource": ALL}),
        (bool(line.resource) and line.api_group != ALL, "API group *", {"api_group": ALL}),
        (line.non_resource_path not in ("", ALL), "path *", {"non_resource_path": ALL}),
        (line.user not in ("", ANONYMOUS), f"group {AUTHENTICATED} instead of user {line.user}", {"user": "", "group": AUTHENTICATED}),
        (
            bool(line.group) and not line.user and line.group not in _EVERYBODY,
            f"group {AUTHENTICATED} instead of group {line.group}",
            {"group": AUTHENTICATED},
        ),
    ]
    for applies, change, fields in changes:
        if applies:
            yield "widen", change, msgspec.structs.replace(line, **fields)
    if not line.readonly:
        yield "narrow", "reading only", msgspec.structs.replace(line, readonly=True)
    yield "narrow", "without the line", None
