"""A check rule's ``when``: CEL over one object after the other, or over each of its rules or subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import msgspec

from rbaclens.analysis.holder import Principal, principal_of
from rbaclens.audit.context import Context
from rbaclens.audit.custom.conditions import version_message
from rbaclens.audit.custom.expressions import EvaluationError, Expression, Variables
from rbaclens.audit.custom.shapes import Named, Shapes, rule_message, subject_message
from rbaclens.audit.finding import Flaw, name_of
from rbaclens.authorizers.rbac import subject_user
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.decision import AbacGrant
from rbaclens.model.location import Step
from rbaclens.model.objects import Binding, PlainObject, Role, Subject

Kind = Literal["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount", "Namespace", "ABAC"]
KINDS: tuple[Kind, ...] = ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount", "Namespace", "ABAC")
Each = Literal["", "rules", "subjects"]
EACH: dict[Each, tuple[Kind, ...]] = {"rules": ("Role", "ClusterRole"), "subjects": ("RoleBinding", "ClusterRoleBinding")}
_ROLE: Variables = {"object": "Role", "bindings": "*Binding"}
_BINDING: Variables = {"object": "Binding", "role": "Role"}
_OBJECT: dict[Kind, Variables] = {
    **dict.fromkeys(EACH["rules"], _ROLE),
    **dict.fromkeys(EACH["subjects"], _BINDING),
    "ServiceAccount": {"object": "Object"},
    "Namespace": {"object": "Object"},
    "ABAC": {"object": "Policy"},
}
_PART: dict[Each, Variables] = {"": {}, "rules": {"rule": "PolicyRule"}, "subjects": {"subject": "Subject"}}


def variables(kind: Kind, each: Each) -> Variables:
    """What expressions over objects of a kind may ask."""
    return {**_OBJECT[kind], **_PART[each], "namespaceObject": "Object", "version": "Version"}


class KindCheck(msgspec.Struct, frozen=True):
    """The expressions of a rule, compiled for one kind of object."""

    kind: Kind
    when: Expression
    message: Expression | None = None


class Place(msgspec.Struct, frozen=True):
    """One thing that is asked about: an object, or a part of it with the steps that lead there and what it says."""

    on: Named | AbacPolicy
    values: dict[str, Callable[[], Any]]
    steps: tuple[Step, ...] = ()
    key: tuple[str, ...] = ()
    principal: Principal | None = None


class ObjectCheck(msgspec.Struct, frozen=True):
    """The check hook of a rule: a flaw wherever ``when`` is true."""

    rule_id: str
    each: Each
    kinds: tuple[KindCheck, ...]
    message: str

    def __call__(self, context: Context) -> Iterator[Flaw]:
        """The flaws, kind by kind, in the order of the policy."""
        shapes = Shapes()
        for check in self.kinds:
            for on in _objects(check.kind, context):
                for place in self._places(on, context, shapes):
                    if self._asked(check.when, place, context):
                        message = self._asked(check.message, place, context) if check.message is not None else self.message
                        yield Flaw(
                            on=on, steps=place.steps, key=place.key, principal=place.principal, message=_line(message) or self.message
                        )

    def _asked(self, expression: Expression, place: Place, context: Context) -> Any:
        try:
            return expression.value(place.values)
        except EvaluationError as error:
            at = expression.at
            context.doubt(self.rule_id, f"{at}:{at.column}", str(error), name_of(place.on))
            return None

    def _places(self, on: Named | AbacPolicy, context: Context, shapes: Shapes) -> Iterator[Place]:
        values: dict[str, Callable[[], Any]] = {
            "object": lambda: shapes.of(on),
            "namespaceObject": lambda: shapes.of(context.namespaces.get(on.namespace)),
            "version": lambda: version_message(context),
        }
        if isinstance(on, Role):
            values["bindings"] = lambda: [shapes.of(one) for one in context.bindings_of(on)]
            if self.each == "rules":
                # What an aggregated role gathers is asked of the roles that wrote it.
                rules = () if on.gathered else on.rules
                for number, rule in enumerate(rules):
                    text = msgspec.json.encode(rule).decode()
                    yield Place(on, {**values, "rule": lambda rule=rule: rule_message(rule)}, ("rules", number), (text,))  # type: ignore[misc]
                return
        elif isinstance(on, Binding):
            values["role"] = lambda: shapes.role(context.role_of(on))
            if self.each == "subjects":
                for number, subject in enumerate(on.subjects):
                    if context.is_shipped_pair(on, number):
                        continue
                    made = {**values, "subject": lambda subject=subject: subject_message(subject)}  # type: ignore[misc]
                    key = (subject.kind, subject.namespace, subject.name)
                    yield Place(on, made, ("subjects", number), key, _principal(subject, on))
                return
        line = principal_of(AbacGrant(on)) if isinstance(on, AbacPolicy) else None
        yield Place(on, values, principal=line)


def _objects(kind: Kind, context: Context) -> Iterable[Named | AbacPolicy]:
    """The objects of a kind that are not the API server's own."""
    if kind == "ABAC":
        return context.policy.abac or ()
    of_kind: dict[Kind, tuple[Role | Binding | PlainObject, ...]] = {
        "ServiceAccount": context.policy.service_accounts,
        "Namespace": context.policy.namespaces,
        **dict.fromkeys(EACH["rules"], context.roles),
        **dict.fromkeys(EACH["subjects"], tuple(one for one in context.bindings if not context.shipped.is_idle(one))),
    }
    return (one for one in of_kind[kind] if one.kind == kind)


def _principal(subject: Subject, binding: Binding) -> Principal | None:
    if subject.kind == "Group":
        return Principal.of_group(subject.name)
    user = subject_user(subject, binding.namespace)
    return Principal.of_user(user) if user else None


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
