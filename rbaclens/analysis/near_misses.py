"""Why not? The grants that nearly matched a request, nearest first, each with exactly what it fails on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rbaclens.analysis.near_abac import line_axes
from rbaclens.analysis.near_axes import ELSEWHERE, FAR, OTHER, SIBLING, SLIP, Axes, Axis, distance, rule_axes
from rbaclens.analysis.near_subjects import nearest_subject
from rbaclens.analysis.near_text import alike
from rbaclens.authorizers.node import NodeAuthorizer
from rbaclens.authorizers.webhook import WebhookAuthorizer
from rbaclens.index.engine import Engine
from rbaclens.model.decision import AbacGrant, NodeGrant, RbacGrant, Verdict
from rbaclens.model.identity import NODE_PREFIX, NODES
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

__all__ = ["Axis", "EmptyGrant", "NearMiss", "near_misses"]

_NEAR_ENOUGH = FAR
_MOST_AXES = 2


class EmptyGrant(msgspec.Struct, frozen=True):
    """A binding that applies to the user and grants nothing: its role is not there (``None``) or has no rules."""

    binding: Binding
    subject: Subject
    role: Role | None = None


class NearMiss(msgspec.Struct, frozen=True):
    """A grant that nearly allows, by ``evidence``, if it were not for ``failed``; the least ``distance`` is the nearest.

    ``instead`` is the request with exactly the failed attributes replaced, which the grant does allow; ``None`` when no other
    request would help but only another policy.
    """

    evidence: RbacGrant | AbacGrant | NodeGrant | EmptyGrant
    failed: tuple[Axis, ...]
    distance: int
    instead: Request | None


def near_misses(engine: Engine, request: Request, limit: int = 5) -> tuple[NearMiss, ...]:
    """The ``limit`` nearest misses of ``request``; none when an authorizer other than a webhook allows it.

    A miss fails on two attributes at most. Grants to somebody else are told only where they allow exactly this, and never
    those to ``system:masters`` or to the cluster's own controllers. Webhooks are not asked.
    """
    asked = [authorizer for authorizer in engine.authorizers if not isinstance(authorizer, WebhookAuthorizer)]
    if any(authorizer.authorize(request).verdict is Verdict.ALLOW for authorizer in asked):
        return ()
    types = {entry.type for entry in engine.config.authorizers}
    found: list[NearMiss] = []
    if "RBAC" in types:
        found += _rbac(engine, request)
    if "ABAC" in types:
        found += _abac(engine, request)
    for authorizer in engine.authorizers:
        if isinstance(authorizer, NodeAuthorizer):
            found += _node(authorizer, request)
    return tuple(sorted(found, key=_order)[:limit])


def _order(miss: NearMiss) -> tuple[int, int, bool, str, str, int]:
    evidence = miss.evidence
    if isinstance(evidence, AbacGrant):
        return miss.distance, len(miss.failed), False, "", "", evidence.policy.line
    if isinstance(evidence, NodeGrant):
        return miss.distance, len(miss.failed), False, "", "", 0
    binding = evidence.binding
    index = evidence.rule_index if isinstance(evidence, RbacGrant) else 0
    return miss.distance, len(miss.failed), not binding.namespace, binding.namespace, binding.name, index


def _miss(evidence: RbacGrant | AbacGrant | NodeGrant | EmptyGrant, failed: Axes, request: Request) -> Iterator[NearMiss]:
    far = distance(failed)
    if failed and far <= _NEAR_ENOUGH and (len(failed) <= _MOST_AXES or far == len(failed) * SLIP):
        yield NearMiss(evidence, failed, far, _instead(request, failed))


def _instead(request: Request, failed: Axes) -> Request | None:
    """``request`` with the failed attributes replaced by what is held."""
    if any(not axis.change for axis in failed):
        return None
    changes = {field: value for axis in failed for field, value in axis.change.items()}
    group = changes.pop("groups", None)
    groups = request.groups if group is None else (*request.groups, group)
    return msgspec.structs.replace(request, groups=groups, **changes)


def _rbac(engine: Engine, request: Request) -> Iterator[NearMiss]:
    holdings = engine.index.holdings(request.user, request.groups)
    bounds = [bound for held in holdings for bound in (*held.cluster, *(one for local in held.local.values() for one in local))]
    named = {id(bound.binding): bound.subject for bound in reversed(bounds)}
    nearest_rule = _Rules(request)
    for compiled, bindings in engine.index.by_role():
        near = nearest_rule.of(compiled.role.rules)
        if near is None:
            continue
        index, axes = near
        rule_cost = distance(axes)
        for binding in bindings:
            subject = named.get(id(binding))
            if subject is None and rule_cost > SLIP:
                continue
            place = _place(binding, request)
            if distance(place) + rule_cost > (_NEAR_ENOUGH if subject else OTHER):
                continue
            who: Axes = ()
            if subject is None:
                somebody = nearest_subject(binding, request)
                if somebody is None:
                    continue
                subject, who = somebody[0], (somebody[1],)
            yield from _miss(RbacGrant(binding, subject, compiled.role, index), place + who + axes, request)
    for bound in {id(bound.binding): bound for bound in bounds}.values():
        role = bound.role.role if bound.role else None
        if (role is None or not role.rules) and not _place(bound.binding, request):
            empty = EmptyGrant(bound.binding, bound.subject, role)
            yield from _miss(empty, (_no_rules(empty),), request)


class _Rules:
    """The nearest of a role's rules. Namespaces are made from templates: the same rule is met hundreds of times."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._known: dict[PolicyRule, tuple[int, Axes | None]] = {}

    def of(self, rules: Sequence[PolicyRule]) -> tuple[int, Axes] | None:
        best: tuple[int, Axes] | None = None
        best_cost = _NEAR_ENOUGH + 1
        for index, rule in enumerate(rules):
            cost, axes = self._axes(rule)
            if axes is not None and cost < best_cost:
                best, best_cost = (index, axes), cost
        return best

    def _axes(self, rule: PolicyRule) -> tuple[int, Axes | None]:
        known = self._known.get(rule)
        if known is None:
            axes = rule_axes(rule, self._request)
            known = self._known[rule] = (distance(axes or ()), axes)
        return known


def _place(binding: Binding, request: Request) -> Axes:
    """Where the binding holds, and where it is asked for (RBAC-27 to RBAC-29)."""
    here = binding.namespace
    if not here or (request.path is None and request.namespace == here):
        return ()
    if request.path is not None:
        mistake = "a RoleBinding grants inside its namespace and never a URL: a ClusterRoleBinding does"
        return (Axis("scope", "the cluster", (f"namespace {here}",), mistake=mistake),)
    if not request.namespace:
        return (Axis("scope", "the cluster", (f"namespace {here}",), {"namespace": here}, cost=ELSEWHERE),)
    cost = SLIP if alike(here, request.namespace) else ELSEWHERE
    return (Axis("namespace", request.namespace, (here,), {"namespace": here}, cost=cost),)


def _no_rules(empty: EmptyGrant) -> Axis:
    ref, binding = empty.binding.role_ref, empty.binding
    title = f"{ref.kind} {ref.name}"
    if ref.kind == "Role" and not binding.namespace:
        mistake = "a ClusterRoleBinding cannot refer to a Role: it grants nothing"
    elif ref.kind not in {"Role", "ClusterRole"}:
        mistake = f'there is no kind of role called "{ref.kind}": it grants nothing'
    elif empty.role is None:
        where = f" in namespace {binding.namespace}" if ref.kind == "Role" else ""
        mistake = f"there is no {title}{where}: it grants nothing"
    else:
        mistake = f"{title} has no rules"
    return Axis("role", "a role that allows it", (title,), mistake=mistake, cost=SIBLING)


def _abac(engine: Engine, request: Request) -> Iterator[NearMiss]:
    for policy in engine.policy.abac or ():
        axes = line_axes(policy, request)
        if axes is not None:
            yield from _miss(AbacGrant(policy), axes, request)


def _node(authorizer: NodeAuthorizer, request: Request) -> Iterator[NearMiss]:
    """A node's user name without the group of nodes is nobody to the node authorizer (NODE-01)."""
    if not request.user.startswith(NODE_PREFIX) or NODES in request.groups:
        return
    opinion = authorizer.authorize(msgspec.structs.replace(request, groups=(*request.groups, NODES)))
    if isinstance(opinion.evidence, NodeGrant):
        yield from _miss(opinion.evidence, (Axis("group", "", (NODES,), {"groups": NODES}, cost=SIBLING),), request)
