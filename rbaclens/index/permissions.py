"""Everything that somebody holds: the rules in force, where they count, and where they come from.

Two lists with two purposes. :func:`permissions` is exact: a request is allowed if and only if one of its rules allows it
(``tests/agreement`` holds it equal to the reference), apart from what :func:`doubts` names. :func:`rules_review` is what
the API server itself would list, which is only advice (SSRR-07).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter

import msgspec

from rbaclens.authorizers.abac import subject_matches
from rbaclens.authorizers.matching import ALL, rule_allows
from rbaclens.authorizers.node import node_name
from rbaclens.authorizers.rbac import resolution_error
from rbaclens.index.compile import Bound, Holdings
from rbaclens.index.engine import Engine
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant, AlwaysGrant, Evidence, GroupGrant, RbacGrant, aggregate
from rbaclens.model.identity import MASTERS
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

ANY_RESOURCE = PolicyRule(verbs=(ALL,), api_groups=(ALL,), resources=(ALL,))
ANY_URL = PolicyRule(verbs=(ALL,), non_resource_urls=(ALL,))
_READ_VERBS = ("get", "list", "watch")


class HeldRule(msgspec.Struct, frozen=True):
    """One rule in force. ``rule`` speaks of resources or of non-resource URLs, never of both.

    ``scope`` is EVERYWHERE, a namespace, or empty for the cluster scope alone (ABAC only, ABAC-20). ``evidence`` says where
    the rule comes from: one thing, or several once equal rules were put together. With ``with_subresources`` a resource
    stands for all of its subresources too, as ABAC's do (ABAC-21).
    """

    scope: str
    rule: PolicyRule
    evidence: tuple[Evidence, ...]
    with_subresources: bool = False

    @property
    def is_resource(self) -> bool:
        """Whether the rule speaks of resources."""
        return not self.rule.non_resource_urls

    def allows(self, request: Request) -> bool:
        """Whether the rule allows ``request``, whoever asks."""
        if request.path is None and self.scope not in (EVERYWHERE, request.namespace):
            return False
        if self.with_subresources:
            request = msgspec.structs.replace(request, subresource="")
        return rule_allows(self.rule, request)


class PermissionIndex:
    """The held rules of an engine's policy; made once, asked for many subjects."""

    def __init__(self, engine: Engine) -> None:
        types = {entry.type for entry in engine.config.authorizers}
        self._engine = engine
        self._rbac = "RBAC" in types
        self._lines = tuple((line, _line_rules(line)) for line in engine.policy.abac or ()) if "ABAC" in types else ()
        self._always = "AlwaysAllow" in types
        self._of_bound: dict[Bound, tuple[HeldRule, ...]] = {}

    def held(self, user: str, groups: tuple[str, ...], namespaces: Iterable[str] | None = None) -> tuple[HeldRule, ...]:
        """What :func:`permissions` returns."""
        wanted = None if namespaces is None else frozenset(namespaces)
        found = [*self.unconditional(groups), *(rule for bound in self._bounds(user, groups, wanted) for rule in self.of_bound(bound))]
        for rule in self.by_lines(user, groups):
            if wanted is None or rule.scope == EVERYWHERE or rule.scope in wanted:
                found.append(rule)
        return tuple(found)

    def dangling(self, user: str, groups: tuple[str, ...], namespaces: Iterable[str] | None = None) -> tuple[str, ...]:
        """The bindings of a user whose role is not there (RBAC-33), so that they give nothing."""
        wanted = None if namespaces is None else frozenset(namespaces)
        bindings = (bound.binding for bound in self._bounds(user, groups, wanted) if bound.role is None)
        return tuple(f"{b.kind} {f'{b.namespace}/' if b.namespace else ''}{b.name}: {resolution_error(b.role_ref)}" for b in bindings)

    def unconditional(self, groups: tuple[str, ...]) -> Iterator[HeldRule]:
        """What the privileged group and AlwaysAllow give: everything (ATTR-25, ATTR-26)."""
        given: list[Evidence] = [GroupGrant(MASTERS)] if MASTERS in groups else []
        if self._always:
            given.append(AlwaysGrant())
        for evidence in given:
            yield HeldRule(EVERYWHERE, ANY_RESOURCE, (evidence,))
            yield HeldRule(EVERYWHERE, ANY_URL, (evidence,))

    def of_user(self, user: str) -> Holdings | None:
        """What bindings give to the user by name; ``None``: nothing, as always without RBAC in the chain."""
        return self._engine.index.users.get(user) if self._rbac else None

    def of_groups(self, groups: tuple[str, ...]) -> list[Holdings]:
        """What bindings give to each of the groups."""
        found = self._engine.index.groups
        return [found[group] for group in dict.fromkeys(groups) if group in found] if self._rbac else []

    def by_lines(self, user: str, groups: tuple[str, ...]) -> Iterator[HeldRule]:
        """What ABAC lines give, in file order."""
        for line, rules in self._lines:
            if subject_matches(line, user, groups):
                yield from rules

    def of_bound(self, bound: Bound) -> tuple[HeldRule, ...]:
        """What one subject of one binding gives."""
        found = self._of_bound.get(bound)
        if found is None:
            found = self._of_bound[bound] = tuple(_bound_rules(bound))
        return found

    def _bounds(self, user: str, groups: tuple[str, ...], namespaces: frozenset[str] | None) -> Iterator[Bound]:
        bounds: list[Bound] = []
        own = self.of_user(user)
        for holdings in [own, *self.of_groups(groups)] if own else self.of_groups(groups):
            bounds.extend(holdings.cluster)
            if namespaces is None:
                for local in holdings.local.values():
                    bounds.extend(local)
            else:
                for namespace in namespaces & holdings.local.keys():
                    bounds.extend(holdings.local[namespace])
        seen = set()
        for bound in sorted(bounds, key=_place):
            # One subject of a binding is enough, and the first one is named (RBAC-21).
            key = (bound.binding.namespace, bound.binding.name)
            if key not in seen:
                seen.add(key)
                yield bound


_place = attrgetter("binding.namespace", "binding.name", "position")


def permissions(engine: Engine, user: str, groups: tuple[str, ...], namespaces: Iterable[str] | None = None) -> tuple[HeldRule, ...]:
    """The rules that a user holds: everywhere and in ``namespaces`` (``None``: in every one of them).

    The privileged group comes first, then bindings (ClusterRoleBindings, then by namespace, each by name; rule by rule),
    then ABAC lines. Rules that grant nothing are left out, and so are URLs in roles bound within a namespace (RBAC-29).
    ``groups`` are exactly those to be judged.
    """
    return PermissionIndex(engine).held(user, groups, namespaces)


def _bound_rules(bound: Bound) -> Iterator[HeldRule]:
    if bound.role is None:
        return
    binding, subject, role = bound.binding, bound.subject, bound.role.role
    for number, rule in enumerate(role.rules):
        evidence = (RbacGrant(binding, subject, role, number),)
        if not rule.verbs:
            continue
        if rule.resources and rule.api_groups:
            part = rule if not rule.non_resource_urls else msgspec.structs.replace(rule, non_resource_urls=())
            yield HeldRule(binding.namespace or EVERYWHERE, part, evidence)
        if rule.non_resource_urls and not binding.namespace:
            yield HeldRule(EVERYWHERE, PolicyRule(verbs=rule.verbs, non_resource_urls=rule.non_resource_urls), evidence)


def _line_rules(line: AbacPolicy) -> tuple[HeldRule, ...]:
    """Both parts of a line: its path counts whatever the namespace (ABAC-23), and an empty field equals an empty one."""
    verbs = _READ_VERBS if line.readonly else (ALL,)
    scope = EVERYWHERE if line.namespace == ALL else line.namespace
    resource = PolicyRule(verbs=verbs, api_groups=(line.api_group,), resources=(line.resource,))
    url = PolicyRule(verbs=verbs, non_resource_urls=(line.non_resource_path,))
    return HeldRule(scope, resource, (AbacGrant(line),), True), HeldRule(EVERYWHERE, url, (AbacGrant(line),))


def doubts(engine: Engine, user: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    """What :func:`permissions` cannot list for this user: a node's own rights, webhooks, policy that could not be read."""
    if MASTERS in groups:
        return ()
    webhooks: list[str] = []
    others = list(engine.policy.gaps)
    for entry in engine.config.authorizers:
        if entry.type == "Webhook":
            webhooks.append(f"webhook {entry.name} may allow or deny more: what it would answer cannot be listed")
        elif entry.type == "Node" and node_name(user, groups) is not None:
            others.append("the node authorizer allows more: what, depends on what runs on the node (rbaclens check asks it)")
        elif entry.type == "AlwaysAllow":
            # Everything is allowed that did not meet a webhook before; nobody behind has a say.
            return tuple(webhooks)
    return tuple(webhooks + others)


class RulesReview(msgspec.Struct, frozen=True):
    """A SelfSubjectRulesReview's status (SSRR-03); ``evaluation_error`` is empty when there was none."""

    resource_rules: tuple[PolicyRule, ...]
    non_resource_rules: tuple[PolicyRule, ...]
    incomplete: bool = False
    evaluation_error: str = ""


def rules_review(engine: Engine, user: str, groups: tuple[str, ...], namespace: str) -> RulesReview:
    """What the API server lists for a user in ``namespace``: the chain's rules one after the other (SSRR-04, ATTR-29).

    The bypass of ``system:masters`` does not show, and neither does what was not read: this is the server's list.
    """
    rules: list[PolicyRule] = []
    incomplete = False
    errors: list[str] = []
    for entry in engine.config.authorizers:
        match entry.type:
            case "RBAC":
                listed, problems = engine.rules_for(user, groups, namespace)
                rules += listed
                errors += problems
            case "ABAC":
                rules += _abac_review(engine.policy.abac or (), user, groups, namespace)
            case "AlwaysAllow":
                rules += (ANY_RESOURCE, ANY_URL)
            case "Webhook":  # WH-14
                incomplete = True
                errors.append("webhook authorizer does not support user rule resolution")
            case "Node" if node_name(user, groups) is not None:  # NODE-28
                incomplete = True
                errors.append("node authorizer does not support user rule resolution")
    return RulesReview(
        tuple(PolicyRule(r.verbs, r.api_groups, r.resources, r.resource_names) for r in rules if r.resources),
        tuple(PolicyRule(verbs=r.verbs, non_resource_urls=r.non_resource_urls) for r in rules if r.non_resource_urls),
        incomplete,
        aggregate(errors),
    )


def _abac_review(lines: tuple[AbacPolicy, ...], user: str, groups: tuple[str, ...], namespace: str) -> Iterator[PolicyRule]:
    """ABAC-30 to ABAC-34; the namespace is compared for the path as well, so that lines with a path alone never show."""
    for line in lines:
        if line.namespace in (ALL, namespace) and subject_matches(line, user, groups):
            verbs = _READ_VERBS if line.readonly else (ALL,)
            if line.resource:
                yield PolicyRule(verbs=verbs, api_groups=(line.api_group,), resources=(line.resource,))
            if line.non_resource_path:
                yield PolicyRule(verbs=verbs, non_resource_urls=(line.non_resource_path,))
