"""Who can: everybody who may do what a pattern says, with where it comes from.

Complete by construction: every binding, every ABAC line and every node is looked at. ``tests/agreement`` holds the list
equal to the reference: somebody is listed if and only if the reference allows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from rbaclens.authorizers.abac import policy_touches
from rbaclens.authorizers.matching import resource_entries, rule_touches
from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.node_holders import node_holders
from rbaclens.authorizers.rbac import subject_user
from rbaclens.index.engine import Engine
from rbaclens.model.decision import AbacGrant, AlwaysGrant, Evidence, GroupGrant, RbacGrant
from rbaclens.model.identity import MASTERS, parse_service_account
from rbaclens.model.pattern import Pattern
from rbaclens.model.rules import PolicyRule

EVERYWHERE = "*"
"""The scope of a grant that holds cluster-wide; a namespace's name otherwise, and empty for the cluster scope alone (ABAC)."""


class Holder(msgspec.Struct, frozen=True):
    """One user name, group or node that holds what was asked for, by one grant.

    ``kind`` is User, Group, ServiceAccount, Node or Everybody (AlwaysAllow). A ServiceAccount's ``name`` is ``namespace/name``.
    ``only_in`` is the group that a User must be in as well (ABAC lines may ask for both). ``names`` are the object names
    that the grant is limited to, where the pattern leaves the name open. ``rules`` are all rules of the role that grant.
    """

    kind: str
    name: str
    scope: str
    authorizer: str
    evidence: Evidence
    only_in: str = ""
    names: tuple[str, ...] = ()
    rules: tuple[int, ...] = ()


class WhoCan(msgspec.Struct, frozen=True):
    """The holders in order of authorizer, scope, kind and name; ``doubts`` name who else might, for all that is known."""

    pattern: Pattern
    holders: tuple[Holder, ...]
    doubts: tuple[str, ...] = ()


def who_can(engine: Engine, pattern: Pattern) -> WhoCan:
    """Everybody who may do what ``pattern`` says, by any authorizer of the engine's chain."""
    holders: list[Holder] = [Holder("Group", MASTERS, EVERYWHERE, "privileged group", GroupGrant(MASTERS))]
    doubts = list(engine.policy.gaps)
    for entry, authorizer in zip(engine.config.authorizers, engine.authorizers[1:], strict=True):
        if entry.type == "RBAC":
            holders.extend(sorted(_rbac(engine, pattern), key=_order))
        elif entry.type == "ABAC":
            holders.extend(_abac(engine, pattern))
        elif isinstance(authorizer, NodeAuthorizer):
            holders.extend(_nodes(engine, authorizer, pattern))
        elif entry.type == "AlwaysAllow":
            holders.append(Holder("Everybody", "everybody", EVERYWHERE, entry.name, AlwaysGrant()))
        elif entry.type == "Webhook":
            doubts.append(f"webhook {entry.name} may allow or deny others: it was not asked")
    return WhoCan(pattern, tuple(holders), tuple(doubts))


def _order(holder: Holder) -> tuple[bool, str, str, str]:
    return holder.scope != EVERYWHERE, holder.scope, holder.kind, holder.name


def _rbac(engine: Engine, pattern: Pattern) -> Iterator[Holder]:
    local = pattern.is_resource and pattern.namespace != ""
    for compiled, bindings in engine.index.by_role():
        rules = _touched(compiled.rules, pattern)
        if not rules:
            continue
        names = _names(compiled.rules[i].resource_names for i in rules) if pattern.name is None else ()
        for binding in bindings:
            scope = binding.namespace or EVERYWHERE
            if binding.namespace and not (local and pattern.namespace in (None, binding.namespace)):
                continue
            seen = set()
            for subject in binding.subjects:
                principal = _principal(subject_user(subject, binding.namespace), subject.name, subject.kind)
                if principal is not None and principal not in seen:
                    seen.add(principal)
                    grant = RbacGrant(binding, subject, compiled.role, rules[0])
                    yield Holder(*principal, scope, "rbac", grant, "", names, rules)


def _touched(rules: tuple[PolicyRule, ...], pattern: Pattern) -> tuple[int, ...]:
    """The rules that allow something that the pattern stands for."""
    if not pattern.is_resource or pattern.resource is None or pattern.subresource is None:
        return tuple(i for i, rule in enumerate(rules) if rule_touches(rule, pattern))
    entries = resource_entries(pattern.resource, pattern.subresource)
    found: list[int] = []
    for index, rule in enumerate(rules):
        resources = rule.resources
        for entry in entries:  # nearly all rules of a cluster are about something else, and are passed here
            if entry in resources:
                if rule_touches(rule, pattern):
                    found.append(index)
                break
    return tuple(found)


def _names(lists: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    """The union of name lists; one empty list (every name) makes it empty."""
    found: dict[str, None] = {}
    for names in lists:
        if not names:
            return ()
        found.update(dict.fromkeys(names))
    return tuple(found)


def _principal(user: str | None, name: str, kind: str) -> tuple[str, str] | None:
    """Kind and name of a subject as a principal; ``None`` for one that stands for nobody."""
    if kind == "Group":
        return "Group", name
    return _of_user(user) if user is not None else None


@lru_cache(maxsize=65_536)
def _of_user(user: str) -> tuple[str, str]:
    account = parse_service_account(user)
    return ("ServiceAccount", "/".join(account)) if account else ("User", user)


def _abac(engine: Engine, pattern: Pattern) -> Iterator[Holder]:
    for policy in engine.policy.abac or ():
        if policy_touches(policy, pattern):
            kind, name = _of_user(policy.user) if policy.user else ("Group", policy.group)
            scope = EVERYWHERE if policy.namespace == "*" or not pattern.is_resource else policy.namespace
            only_in = policy.group if policy.user else ""
            yield Holder(kind, name, scope, "abac", AbacGrant(policy), only_in)


def _nodes(engine: Engine, authorizer: NodeAuthorizer, pattern: Pattern) -> Iterator[Holder]:
    for held in node_holders(authorizer, pattern, (node.name for node in engine.policy.nodes)):
        names = (held.name,) if held.name and pattern.name is None else ()
        yield Holder("Node", held.node, held.namespace or EVERYWHERE, "node", held.grant, names=names)
