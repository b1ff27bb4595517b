"""A change to one object that removes a finding: JSON-patch edits, and their effect on a policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from rbaclens.model.aggregation import aggregate_roles
from rbaclens.model.objects import Binding, Role, RoleRef, Subject
from rbaclens.model.policy import PolicySet
from rbaclens.model.rules import AggregationRule, PolicyRule
from rbaclens.model.validation import validate_binding, validate_role
from rbaclens.model.written import RefusedObject


class Edit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One operation of RFC 6902 on an object of the API; ``path`` is a JSON pointer such as ``/rules/0/verbs``."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = None


class Patch(msgspec.Struct, frozen=True):
    """Edits of the object with this kind, namespace and name, or (no edits) its removal; ``text`` says what changes."""

    kind: str
    namespace: str
    name: str
    text: str
    edits: tuple[Edit, ...] = ()

    @property
    def deletes(self) -> bool:
        """Whether the object goes away altogether."""
        return not self.edits


def edit(one: Role | Binding, text: str, *edits: Edit) -> Patch:
    """A patch of ``one``."""
    return Patch(one.kind, one.namespace, one.name, text, edits)


def delete(one: Role | Binding) -> Patch:
    """The removal of ``one``."""
    return Patch(one.kind, one.namespace, one.name, f"delete {one.kind} {one.name}")


def replace_rules(role: Role, rules: tuple[PolicyRule, ...], text: str) -> Patch:
    """A patch that gives a role other rules."""
    return edit(role, text, Edit("replace", "/rules", [msgspec.to_builtins(rule) for rule in rules]))


def without_subject(binding: Binding, position: int) -> Patch:
    """A patch that takes one subject out of a binding."""
    subject = binding.subjects[position]
    return edit(binding, f"remove {subject.kind} {subject.name} from the subjects", Edit("remove", f"/subjects/{position}"))


def applied(policy: PolicySet, patch: Patch) -> PolicySet:
    """``policy`` as it would be with the patch applied, aggregated roles gathered again.

    An object that the API server refuses as it is takes its place where it no longer does.
    """
    roles, bindings, refused = _changed(policy.roles, patch), _changed(policy.bindings, patch), []
    for one in _changed([one.obj for one in policy.written.refused], patch):
        faults = validate_role(one) if isinstance(one, Role) else validate_binding(one)
        if faults:
            refused.append(RefusedObject(one, faults))
        else:
            (roles if isinstance(one, Role) else bindings).append(one)
    written = msgspec.structs.replace(policy.written, refused=tuple(refused))
    return msgspec.structs.replace(policy, roles=aggregate_roles(roles), bindings=tuple(bindings), written=written)


def _changed(objects: Sequence[Any], patch: Patch) -> list[Any]:
    found = []
    for one in objects:
        if (one.kind, one.namespace, one.name) != (patch.kind, patch.namespace, patch.name):
            found.append(one)
        elif not patch.deletes:
            found.append(_rebuilt(one, patch.edits))
    return found


def _rebuilt(one: Role | Binding, edits: tuple[Edit, ...]) -> Role | Binding:
    data = _data(one)
    for step in edits:
        _apply(data, step)
    meta = data["metadata"]
    changed: dict[str, Any] = {"labels": meta["labels"], "annotations": meta["annotations"]}
    if isinstance(one, Role):
        changed["rules"] = msgspec.convert(data["rules"], tuple[PolicyRule, ...])
        changed["aggregation"] = msgspec.convert(data["aggregationRule"], AggregationRule) if data.get("aggregationRule") else None
        changed["gathered"] = ()
    else:
        changed["subjects"] = tuple(
            Subject(item["kind"], item["name"], item.get("namespace", ""), item.get("apiGroup", "")) for item in data["subjects"]
        )
        ref = data["roleRef"]
        changed["role_ref"] = RoleRef(ref["kind"], ref["name"], ref["apiGroup"])
    return msgspec.structs.replace(one, **changed)


def _data(one: Role | Binding) -> dict[str, Any]:
    data: dict[str, Any] = {"metadata": {"labels": dict(one.labels), "annotations": dict(one.annotations)}}
    if isinstance(one, Role):
        data["rules"] = msgspec.json.decode(msgspec.json.encode(one.rules))  # lists, which edits can change
        if one.aggregation is not None:
            data["aggregationRule"] = msgspec.to_builtins(one.aggregation)
        return data
    data["subjects"] = [
        {"kind": subject.kind, "name": subject.name, "namespace": subject.namespace, "apiGroup": subject.api_group}
        for subject in one.subjects
    ]
    data["roleRef"] = {"kind": one.role_ref.kind, "name": one.role_ref.name, "apiGroup": one.role_ref.api_group}
    return data


def _apply(data: Any, change: Edit) -> None:
    *parents, last = [step.replace("~1", "/").replace("~0", "~") for step in change.path.split("/")[1:]]
    for step in parents:
        data = data[int(step)] if isinstance(data, list) else data[step]
    if isinstance(data, list):
        if change.op == "add":
            data.insert(len(data) if last == "-" else int(last), change.value)
        elif change.op == "remove":
            del data[int(last)]
        else:
            data[int(last)] = change.value
    elif change.op == "remove":
        del data[last]
    else:
        data[last] = change.value
