"""The smallest Role and RoleBinding that turn a no into a yes; nothing is suggested that the engine did not try."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rbaclens.analysis.coverage import covers
from rbaclens.analysis.gates import AUTHENTICATION
from rbaclens.authorizers import chain
from rbaclens.authorizers.matching import ALL, rule_allows
from rbaclens.index.compile import SubjectIndex
from rbaclens.index.engine import Engine
from rbaclens.index.rbac import RbacAuthorizer
from rbaclens.model.aggregation import aggregate_roles, selector_matcher
from rbaclens.model.decision import Answer, Decision, Verdict
from rbaclens.model.identity import ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED, is_dns_label, parse_service_account
from rbaclens.model.location import Origin
from rbaclens.model.objects import RBAC_GROUP, Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

BIND_EXISTING = "bind an existing role"
NEW_ROLE = "new role and binding"
NOTHING = "nothing to suggest"

_ORIGIN = Origin("suggestion")
_LONGEST_NAME = 63
_NOT_IN_NAMES = re.compile(r"[^a-z0-9.]+")


class Suggestion(msgspec.Struct, frozen=True):
    """``objects`` to be added, as the API has them (role first); none where no RBAC object helps, and ``notes`` say why.

    ``decision`` is the engine's on the same request with the objects added.
    """

    kind: str
    objects: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    decision: Decision


def suggest(engine: Engine, request: Request, decision: Decision | None = None) -> Suggestion:
    """What to add so that ``request`` is allowed, and as little else as RBAC can express.

    A role that grants exactly this is bound if there is one; otherwise a new one is made. A namespaced request gets a
    RoleBinding, any other a ClusterRoleBinding. ``decision`` is the one on ``request``, if it is there already.
    """
    decision = decision or engine.decide(request)
    obstacle = _obstacle(engine, request, decision)
    if obstacle:
        return Suggestion(NOTHING, (), (obstacle,), decision)
    subject = _subject(request)
    if subject is None:
        return Suggestion(NOTHING, (), ("the request names neither a user nor a group that could be bound",), decision)
    rule, notes = _rule(request)
    namespace = request.namespace if request.path is None else ""
    role = _existing(engine, rule, namespace)
    added: tuple[Role | Binding, ...] = ()
    kind = BIND_EXISTING
    if role is None:
        kind, role = NEW_ROLE, _new_role(engine.policy, request, rule, namespace)
        added = (role,)
        notes += _gathered_by(engine.policy, role)
    added = (*added, _new_binding(engine.policy, role, subject, namespace))
    after = decide_with(engine, request, added)
    if after.opinion.verdict is not Verdict.ALLOW:
        return Suggestion(NOTHING, (), (f"no RBAC object helps: {after.opinion.authorizer} denies before RBAC is asked",), after)
    doubts = [f"still unknown: {doubt}" for doubt in after.doubts]
    return Suggestion(kind, tuple(map(manifest, added)), (*notes, *_who_else(subject), *doubts), after)


def extended(policy: PolicySet, objects: Iterable[Role | Binding]) -> PolicySet:
    """``policy`` with ``objects`` added or put in the place of those of the same name, and aggregated roles filled again."""
    items = tuple(objects)
    keys = {(item.kind, item.namespace, item.name) for item in items}
    roles = [role for role in policy.roles if (role.kind, role.namespace, role.name) not in keys]
    bindings = [binding for binding in policy.bindings if (binding.kind, binding.namespace, binding.name) not in keys]
    new_roles = [item for item in items if isinstance(item, Role)]
    roles += new_roles
    return msgspec.structs.replace(
        policy,
        # A Role is never gathered, so that without a new ClusterRole everything aggregated is as it was.
        roles=aggregate_roles(roles) if any(role.kind == "ClusterRole" for role in new_roles) else tuple(roles),
        bindings=(*bindings, *(item for item in items if isinstance(item, Binding))),
    )


def decide_with(engine: Engine, request: Request, objects: Iterable[Role | Binding]) -> Decision:
    """The decision on ``request`` if ``objects`` were added; every authorizer but RBAC stays as it is."""
    policy = extended(engine.policy, objects)
    rbac = RbacAuthorizer(SubjectIndex(policy.roles, policy.bindings))
    authorizers = [rbac if authorizer is engine.rbac else authorizer for authorizer in engine.authorizers]
    return chain.decide(authorizers, request, policy.gaps)


def manifest(item: Role | Binding) -> dict[str, Any]:
    """A role or binding as the API writes it."""
    metadata = {"name": item.name, **({"namespace": item.namespace} if item.namespace else {})}
    head = {"apiVersion": f"{RBAC_GROUP}/v1", "kind": item.kind, "metadata": metadata}
    if isinstance(item, Role):
        return {**head, "rules": [{k: list(v) for k, v in msgspec.to_builtins(rule).items()} for rule in item.rules]}
    ref = item.role_ref
    return {
        **head,
        "subjects": [_subject_data(subject) for subject in item.subjects],
        "roleRef": {"apiGroup": ref.api_group, "kind": ref.kind, "name": ref.name},
    }


def _subject_data(subject: Subject) -> dict[str, str]:
    fields = {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace, "apiGroup": subject.api_group}
    return {key: value for key, value in fields.items() if value}


def _obstacle(engine: Engine, request: Request, decision: Decision) -> str:
    """Why nothing that could be added to RBAC would change the answer; empty when there is no such reason."""
    if decision.answer is Answer.YES:
        return "it is allowed already"
    if decision.opinion.authorizer == AUTHENTICATION:
        return f"no RBAC object helps: {decision.reason}"
    if engine.rbac not in engine.authorizers:
        names = ", ".join(entry.type for entry in engine.config.authorizers)
        return f"no RBAC object helps: RBAC is not among the authorizers ({names})"
    if decision.opinion.verdict is Verdict.ALLOW:
        return "it is granted already, and what is not known may only deny it"
    if request.path is None and request.namespace and not is_dns_label(request.namespace):
        return f'no Role can be stored in "{request.namespace}": it is no valid name of a namespace, so that no cluster has it'
    return ""


def _subject(request: Request) -> Subject | None:
    """Whom to bind: the user, or for a question about a group the group that was asked about."""
    account = parse_service_account(request.user)
    if account:
        return Subject("ServiceAccount", account[1], account[0])
    if request.user:
        return Subject("User", request.user, "", RBAC_GROUP)
    everybody = {AUTHENTICATED, UNAUTHENTICATED, SERVICE_ACCOUNTS}
    group = next((group for group in request.groups if group not in everybody), next(iter(request.groups), ""))
    return Subject("Group", group, "", RBAC_GROUP) if group else None


def _rule(request: Request) -> tuple[PolicyRule, tuple[str, ...]]:
    """The one rule that allows the request and as little else as can be."""
    if request.path is not None:
        wide = request.path.endswith(ALL)
        notes: tuple[str, ...] = ("the path ends in a star: a rule with it allows every path that begins so",) if wide else ()
        return PolicyRule((request.verb,), non_resource_urls=(request.path,)), notes + _stars(request.verb)
    names = (request.name,) if request.name and _carries_name(request) else ()
    notes = _stars(request.verb, request.api_group, request.combined)
    if request.name and not names:
        notes += (f"a real {request.verb} carries no name: a rule with resourceNames would never allow it, so that all names are granted",)
    elif names and request.verb in {"list", "watch"}:
        notes += (f"a {request.verb} carries the name only with the field selector metadata.name={request.name}",)
    return PolicyRule((request.verb,), (request.api_group,), (request.combined,), names), notes


def _carries_name(request: Request) -> bool:
    """RBAC-16: a create by POST and a deletecollection have no name in their URL; a create of a subresource has."""
    return request.verb != "deletecollection" and (request.verb != "create" or bool(request.subresource))


def _stars(*values: str) -> tuple[str, ...]:
    return ("the request itself asks for a star, and a rule with a star allows everything there",) if ALL in values else ()


def _existing(engine: Engine, rule: PolicyRule, namespace: str) -> Role | None:
    """A role that grants what ``rule`` does and nothing else, the namespace's own before a cluster-wide one.

    Aggregated roles are left alone: what they hold changes with every label.
    """
    wanted = _some_request(rule)
    found = [
        compiled.role
        for compiled in engine.index.roles.values()
        if compiled.role.namespace in ("", namespace)
        and compiled.role.aggregation is None
        and any(rule_allows(own, wanted) for own in compiled.role.rules)
        and covers(compiled.role.rules, (rule,))[0]
        and covers((rule,), compiled.role.rules)[0]
    ]
    return min(found, key=lambda role: (role.kind == "ClusterRole", role.name), default=None)


def _some_request(rule: PolicyRule) -> Request:
    if rule.non_resource_urls:
        return Request(rule.verbs[0], path=rule.non_resource_urls[0])
    return Request(rule.verbs[0], rule.resources[0], rule.api_groups[0], name="".join(rule.resource_names))


def _new_role(policy: PolicySet, request: Request, rule: PolicyRule, namespace: str) -> Role:
    parts = (request.verb, *rule.resources, *rule.resource_names, *rule.non_resource_urls)
    # A name that a dangling binding refers to would make that one work.
    taken = {role.name for role in policy.roles} | {binding.role_ref.name for binding in policy.bindings}
    return Role("Role" if namespace else "ClusterRole", namespace, _free_name(parts, taken), (rule,), _ORIGIN)


def _new_binding(policy: PolicySet, role: Role, subject: Subject, namespace: str) -> Binding:
    taken = {binding.name for binding in policy.bindings if binding.namespace == namespace}
    name = _free_name((role.name, subject.name), taken)
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return Binding(kind, namespace, name, (subject,), RoleRef(role.kind, role.name), _ORIGIN)  # type: ignore[arg-type]


def _free_name(parts: Iterable[str], taken: set[str]) -> str:
    """A name in the form of most object names, with a number where it is taken."""
    words = [_NOT_IN_NAMES.sub("-", part.lower().replace(ALL, "all")).strip("-.") for part in parts]
    base = "-".join(word for word in words if word)[:_LONGEST_NAME].strip("-.") or "permission"
    return next(name for name in _numbered(base) if name not in taken)


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def _gathered_by(policy: PolicySet, role: Role) -> tuple[str, ...]:
    """Aggregated roles that take every ClusterRole, and so the new one as well (RBAC-42)."""
    if role.kind != "ClusterRole":
        return ()
    return tuple(
        f"the aggregated ClusterRole {other.name} gathers every ClusterRole, and will hold this permission too"
        for other in policy.roles
        if other.aggregation and any((matches := selector_matcher(s)) and matches({}) for s in other.aggregation.selectors)
    )


def _who_else(subject: Subject) -> tuple[str, ...]:
    if subject.kind == "Group":
        return (f"everybody in the group {subject.name} will hold it",)
    return ("everybody who does not log in will hold it",) if subject.name == ANONYMOUS else ()
