"""May this user apply this object? As the API server's dry run answers (ESC-01 to ESC-11, ESC-31 to ESC-39, VAL-01).

The order is the server's: authorization of the request, decoding, escalation checks, validation, storing.
"""

from __future__ import annotations

import enum
import functools
from typing import Protocol

import msgspec

from rbaclens.analysis.coverage import Coverage, missing_text, quote_list
from rbaclens.errors import RequestError
from rbaclens.model.decision import Decision, aggregate, quote
from rbaclens.model.identity import MASTERS
from rbaclens.model.objects import RBAC_GROUP, Binding, Role
from rbaclens.model.policy import PolicySet
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule
from rbaclens.model.validation import ApiError, FieldError, Submission, invalid_object, role_ref_change

_RESOURCES = {
    "Role": "roles",
    "ClusterRole": "clusterroles",
    "RoleBinding": "rolebindings",
    "ClusterRoleBinding": "clusterrolebindings",
}
_FULL_AUTHORITY = (PolicyRule(("*",), ("*",), ("*",)), PolicyRule(verbs=("*",), non_resource_urls=("*",)))
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class RuleEngine(Protocol):
    """What the check needs of the engine."""

    def decide(self, request: Request) -> Decision:
        """The whole chain's decision."""

    def rules_for(self, user: str, groups: tuple[str, ...], namespace: str) -> tuple[tuple[PolicyRule, ...], tuple[str, ...]]:
        """RBAC alone (ESC-07): the rules of all bindings that apply in ``namespace`` (empty: cluster-wide ones only), and
        the texts of the errors met while resolving them."""


class Operation(enum.Enum):
    """How the object is sent; the value is the verb that is authorized."""

    CREATE = "create"
    UPDATE = "update"
    APPLY = "patch"


class ApplyVerdict(msgspec.Struct, frozen=True):
    """The server's answer. ``code`` is 201 or 200 when the object would be stored; otherwise ``message`` and ``causes`` are
    those of the Status object.

    ``missing`` are the atoms that the user would grant without holding them. ``doubts`` say why a refusal is not certain.
    """

    code: int
    message: str = ""
    causes: tuple[FieldError, ...] = ()
    missing: tuple[PolicyRule, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def stored(self) -> bool:
        """Whether the object would be stored."""
        return self.code in (200, 201)


class _Attempt(msgspec.Struct, frozen=True):
    """One request of one user, while it is judged."""

    user: str
    groups: tuple[str, ...]
    sent: Submission
    operation: Operation
    existing: Role | Binding | None

    @property
    def resource(self) -> str:
        return _RESOURCES[self.sent.kind]

    @property
    def url_name(self) -> str:
        # ESC-06: a POST names nothing in its URL.
        return "" if self.operation is Operation.CREATE else self.sent.name

    def request(self, verb: str, name: str, resource: str, api_group: str = RBAC_GROUP, version: str = "*") -> Request:
        return Request(
            verb, resource, api_group, namespace=self.sent.namespace, name=name, user=self.user, groups=self.groups, version=version
        )

    def forbidden(self, text: str, name: str) -> str:
        quoted = f" {quote(name)}" if name else ""
        return f"{self.resource}.{RBAC_GROUP}{quoted} is forbidden: {text}"


class EscalationChecker:
    """Answers for one policy. ``groups`` are always exactly those to be judged (see ``apply_line.authenticated_groups``)."""

    def __init__(self, policy: PolicySet, engine: RuleEngine) -> None:
        self._engine = engine
        self._gaps = policy.gaps
        self._objects: dict[tuple[str, str, str], Role | Binding] = {}
        for role in policy.roles:
            self._objects[role.kind, role.namespace, role.name] = role
        for binding in policy.bindings:
            self._objects[binding.kind, binding.namespace, binding.name] = binding
        self._coverage = functools.lru_cache(maxsize=256)(self._resolve)

    def check(
        self,
        user: str,
        groups: tuple[str, ...],
        item: Role | Binding,
        *,
        operation: Operation = Operation.CREATE,
        existing: Role | Binding | None = None,
    ) -> ApplyVerdict:
        """Whether ``user`` may create (update, apply) ``item``.

        ``existing`` is what is stored under that name; without it the policy is asked.
        """
        return self.check_submission(user, groups, Submission.of(item), operation=operation, existing=existing)

    def check_submission(
        self,
        user: str,
        groups: tuple[str, ...],
        sent: Submission,
        *,
        operation: Operation = Operation.CREATE,
        existing: Role | Binding | None = None,
    ) -> ApplyVerdict:
        """The same for an object as it was sent, which may not even decode. Raises :class:`RequestError` for an update of
        something without a name."""
        if operation is not Operation.CREATE and not sent.name:
            raise RequestError(f"an object without a name cannot be sent with {operation.value}")
        found = existing or self._objects.get((sent.kind, sent.namespace, sent.name))
        attempt = _Attempt(user, groups, sent, operation, found)
        refused = self._authorize(attempt, operation.value, attempt.url_name)
        if refused:
            return refused
        if isinstance(sent.content, ApiError):
            return _refusal(sent.content)
        item = _applied(sent.content, found) if operation is Operation.APPLY and found else sent.content
        refused = self._check_escalation(attempt, item)
        if refused:
            return refused
        return self._store(attempt, item)

    def _authorize(self, attempt: _Attempt, verb: str, name: str) -> ApplyVerdict | None:
        """The ordinary authorization of the request (ATTR-08, ATTR-11, ATTR-12)."""
        request = attempt.request(verb, name, attempt.resource, version="v1")
        decision = self._engine.decide(request)
        if decision.allowed:
            return None
        doubts = decision.doubts
        if decision.opinion.error:
            return ApplyVerdict(500, f"Internal Server Error: {quote(_path(request))}: {decision.opinion.error}", doubts=doubts)
        where = f"in the namespace {quote(request.namespace)}" if request.namespace else "at the cluster scope"
        resource = f"resource {quote(request.resource)} in API group {quote(request.api_group)}"
        text = f"User {quote(attempt.user)} cannot {verb} {resource} {where}".translate(_HTML)
        reason = f": {decision.reason}" if decision.reason else ""
        return ApplyVerdict(403, attempt.forbidden(text + reason, name), doubts=doubts)

    def _check_escalation(self, attempt: _Attempt, item: Role | Binding) -> ApplyVerdict | None:
        if MASTERS in attempt.groups:  # ESC-01
            return None
        if attempt.operation is not Operation.CREATE and attempt.existing and _same(item, attempt.existing):  # ESC-03
            return None
        return self._check_role(attempt, item) if isinstance(item, Role) else self._check_binding(attempt, item)

    def _check_role(self, attempt: _Attempt, role: Role) -> ApplyVerdict | None:
        # ESC-05: anything but an allow leads to the coverage of the rules.
        escalate = self._engine.decide(attempt.request("escalate", attempt.url_name, attempt.resource))
        if escalate.allowed:
            return None
        refused = self._check_coverage(attempt, role.name, role.rules, escalate.doubts)
        if refused or not (_aggregates(role) or _aggregates(attempt.existing)):
            return refused
        coverage, _ = self._coverage(attempt.user, attempt.groups, attempt.sent.namespace)
        missing = coverage.missing(_FULL_AUTHORITY)
        if not missing:
            return None
        text = "must have cluster-admin privileges to use the aggregationRule"  # ESC-08
        return ApplyVerdict(403, attempt.forbidden(text, role.name), missing=missing, doubts=self._doubts(escalate.doubts))

    def _check_binding(self, attempt: _Attempt, binding: Binding) -> ApplyVerdict | None:
        ref = binding.role_ref
        resource = {"Role": "roles", "ClusterRole": "clusterroles"}.get(ref.kind)
        if resource is None:  # ESC-32, ESC-34: met before validation would find it
            return ApplyVerdict(500, f"unsupported role reference kind: {quote(ref.kind)}")
        bind = self._engine.decide(attempt.request("bind", ref.name, resource, ref.api_group))
        if bind.allowed:
            return None
        namespace = attempt.sent.namespace if ref.kind == "Role" else ""
        role = self._objects.get((ref.kind, namespace, ref.name))
        if not isinstance(role, Role):
            # ESC-34. The server names the binding's resource here, with the role's name.
            text = f"{attempt.resource}.{RBAC_GROUP} {quote(ref.name)} not found"
            return ApplyVerdict(404, text, doubts=self._doubts(bind.doubts))
        return self._check_coverage(attempt, binding.name, role.rules, bind.doubts)

    def _check_coverage(self, attempt: _Attempt, name: str, rules: tuple[PolicyRule, ...], doubts: tuple[str, ...]) -> ApplyVerdict | None:
        """ESC-07, ESC-09, ESC-35."""
        coverage, errors = self._coverage(attempt.user, attempt.groups, attempt.sent.namespace)
        missing = coverage.missing(rules)
        if not missing:
            return None
        who = f"user {quote(attempt.user)} (groups={quote_list(attempt.groups)})"
        text = f"{who} is attempting to grant RBAC permissions not currently held:\n{missing_text(missing)}"
        if errors:
            text += f"; resolution errors: [{aggregate(list(errors))}]"
        return ApplyVerdict(403, attempt.forbidden(text, name), missing=missing, doubts=self._doubts(doubts))

    def _resolve(self, user: str, groups: tuple[str, ...], namespace: str) -> tuple[Coverage, tuple[str, ...]]:
        rules, errors = self._engine.rules_for(user, groups, namespace)
        return Coverage(rules), errors

    def _doubts(self, doubts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*doubts, *self._gaps)))

    def _store(self, attempt: _Attempt, item: Role | Binding) -> ApplyVerdict:
        """Validation (VAL-01) and what the storage itself refuses."""
        sent, old = attempt.sent, attempt.existing
        faults = sent.faults
        updating = attempt.operation is not Operation.CREATE and old is not None
        if updating and isinstance(old, Binding) and isinstance(item, Binding):
            faults += role_ref_change(item.role_ref, old.role_ref)
        if faults:
            return _refusal(invalid_object(sent.kind, sent.name, faults))
        if updating:
            return ApplyVerdict(200)
        if old is not None:
            return ApplyVerdict(409, f"{attempt.resource}.{RBAC_GROUP} {quote(sent.name)} already exists")
        # ESC-71: what an update creates needs create as well, with its name; it is asked last.
        refused = self._authorize(attempt, "create", sent.name) if attempt.operation is not Operation.CREATE else None
        return refused or ApplyVerdict(201)


def _refusal(error: ApiError) -> ApplyVerdict:
    return ApplyVerdict(error.code, error.message, error.causes)


def _path(request: Request) -> str:
    namespace = f"/namespaces/{request.namespace}" if request.namespace else ""
    name = f"/{request.name}" if request.name else ""
    return f"/apis/{RBAC_GROUP}/v1{namespace}/{request.resource}{name}"


def _aggregates(item: Role | Binding | None) -> bool:
    return isinstance(item, Role) and item.aggregation is not None and bool(item.aggregation.selectors)


def _applied(item: Role | Binding, existing: Role | Binding) -> Role | Binding:
    """``item`` as server-side apply leaves it: labels and annotations that others wrote stay, lists are replaced."""
    return msgspec.structs.replace(
        item, labels={**existing.labels, **item.labels}, annotations={**existing.annotations, **item.annotations}
    )


def _same(item: Role | Binding, existing: Role | Binding) -> bool:
    """Whether nothing differs but garbage-collection metadata, which objects here do not carry (ESC-03)."""
    if isinstance(item, Role):
        return isinstance(existing, Role) and item == msgspec.structs.replace(existing, origin=item.origin, gathered=item.gathered)
    return item == msgspec.structs.replace(existing, origin=item.origin)
