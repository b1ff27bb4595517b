"""What can be removed from a policy: a binding, a rule of a role, a line of an ABAC file."""

from __future__ import annotations

from typing import Literal

import msgspec

from rbaclens.analysis.holder import Grant
from rbaclens.analysis.shipped import Shipped
from rbaclens.index.engine import Engine
from rbaclens.model.decision import AbacGrant
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import PolicyRule

UnitKind = Literal["binding", "rule"]


class Unit(msgspec.Struct, frozen=True, order=True):
    """Something that can be removed: its kind, namespace and name; of a role the number of the rule, of a file the line."""

    kind: str
    namespace: str
    name: str
    number: int = -1

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        if self.kind == "ABAC line":
            return f"ABAC line {self.name}:{self.number}"
        return f"rule {self.number} of {self.kind} {place}{self.name}" if self.number >= 0 else f"{self.kind} {place}{self.name}"


def unit_of(grant: Grant, by: UnitKind, shipped: Shipped) -> Unit | None:
    """What to remove so that a grant is gone; ``None`` for what every cluster has, and gets again when the API server starts."""
    if isinstance(grant, AbacGrant):
        return Unit("ABAC line", "", grant.policy.origin.file, grant.policy.line)
    binding = grant.binding
    if by == "binding":
        position = next(number for number, one in enumerate(binding.subjects) if one is grant.subject)
        return None if shipped.is_pair(binding, position) else Unit(binding.kind, binding.namespace, binding.name)
    role, number = written(grant.role, grant.rule_index)
    same = shipped.role_like(role)
    if same is not None and role.rules[number] in same.rules:
        return None
    return Unit(role.kind, role.namespace, role.name, number)


def written(role: Role, number: int) -> tuple[Role, int]:
    """The role that a rule was written in, and its number there, through any number of aggregations."""
    while role.gathered:
        source = role.gathered[number]
        role, number = source.role, source.index
    return role, number


def origin_of(unit: Unit, policy: PolicySet) -> Origin | None:
    """Where a unit is written."""
    if unit.kind == "ABAC line":
        return next((line.origin for line in policy.abac or () if (line.origin.file, line.line) == (unit.name, unit.number)), None)
    if unit.number < 0:
        return next((one.origin for one in policy.bindings if _key(one) == (unit.kind, unit.namespace, unit.name)), None)
    return next((one.rule_origin(unit.number) for one in policy.roles if _key(one) == (unit.kind, unit.namespace, unit.name)), None)


def _key(one: Role | Binding) -> tuple[str, str, str]:
    return one.kind, one.namespace, one.name


def without(engine: Engine, units: frozenset[Unit]) -> Engine:
    """An engine on the same policy without ``units``; roles that gathered a removed rule lose it too."""
    if not units:
        return engine
    policy = engine.policy
    bindings = tuple(one for one in policy.bindings if Unit(one.kind, one.namespace, one.name) not in units)
    with_rules = any(unit.number >= 0 for unit in units)
    roles = tuple(_without(role, units) for role in policy.roles) if with_rules else policy.roles
    lines = policy.abac
    if lines is not None:
        lines = tuple(line for line in lines if Unit("ABAC line", "", line.origin.file, line.line) not in units)
    index = None if with_rules else engine.index.with_bindings(bindings)
    left = msgspec.structs.replace(policy, bindings=bindings, roles=roles, abac=lines)
    return Engine(left, engine.config, prepare=False, index=index)


def _without(role: Role, units: frozenset[Unit]) -> Role:
    """The role with an empty rule in the place of each that is removed: the numbers of the others mean the same as before."""
    rules = list(role.rules)
    for number in range(len(rules)):
        source, place = written(role, number)
        if Unit(source.kind, source.namespace, source.name, place) in units:
            rules[number] = PolicyRule()
    return role if tuple(rules) == role.rules else msgspec.structs.replace(role, rules=tuple(rules))
