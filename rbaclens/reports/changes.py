"""Effective changes as lines of text and as JSON lines."""

from __future__ import annotations

from collections.abc import Sequence

from rbaclens.analysis.effective_changes import EffectiveChange
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.change import ObjectChange
from rbaclens.model.objects import Binding
from rbaclens.reports.evidence import Data, rule_data, rule_text

SCHEMA = "rbaclens.change/v1"
UNKNOWN = "unknown"
_KINDS = {"User": "user", "Group": "group", "ServiceAccount": "service account"}
_SHOWN = 3


def change_text(change: EffectiveChange) -> str:
    """One line: ``group devs gained get secrets in prod, by RoleBinding prod/x, applied by kubectl``.

    Whatever cannot be printed is shown as a question mark, so that no name can play with the terminal.
    """
    verb = "gained" if change.gained else "lost"
    text = f"{_KINDS[change.kind]} {change.name} {verb} {rule_text(change.rule)} {_where(change)}, by {_bindings(change.bindings)}"
    for cause in change.causes[:_SHOWN]:
        text += _cause(change, cause)
    if len(change.causes) > _SHOWN:
        text += f", and {len(change.causes) - _SHOWN} more changes"
    return "".join(char if char.isprintable() else "?" for char in text)


def change_data(change: EffectiveChange, time: str) -> Data:
    """The change as data; ``time`` is when it was seen, as RFC 3339 writes it."""
    return {
        "schema": SCHEMA,
        "time": time,
        "change": "gained" if change.gained else "lost",
        "subject": {"kind": change.kind, "name": change.name},
        "scopes": list(change.scopes),
        "exceptIn": list(change.except_in),
        "rule": rule_data(change.rule),
        "by": [_binding_data(binding) for binding in change.bindings],
        "causes": [_cause_data(cause) for cause in change.causes],
        "text": change_text(change),
    }


def _where(change: EffectiveChange) -> str:
    if change.scopes == (EVERYWHERE,):
        return "everywhere" + (f" but in {_some(change.except_in)}" if change.except_in else "")
    return f"in {_some(change.scopes)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _bindings(bindings: Sequence[Binding]) -> str:
    return _some([_named(binding) for binding in bindings])


def _named(one: Binding | ObjectChange) -> str:
    return f"{one.kind} {one.namespace}/{one.name}" if one.namespace else f"{one.kind} {one.name}"


def _cause(change: EffectiveChange, cause: ObjectChange) -> str:
    """What happened to the object, unless that is plain: a binding that gives something was written."""
    own = cause.key in {(binding.kind, binding.namespace, binding.name) for binding in change.bindings}
    if cause.obj is None:
        who = f", last applied by {cause.applied_by}" if cause.applied_by else ""
        return (" (deleted)" if own else f", as {_named(cause)} was deleted") + who
    what = "" if own else f", as {_named(cause)} was written"
    return f"{what}, applied by {cause.applied_by or UNKNOWN}"


def _binding_data(binding: Binding) -> Data:
    data: Data = {"kind": binding.kind, "name": binding.name, "role": {"kind": binding.role_ref.kind, "name": binding.role_ref.name}}
    return {**data, "namespace": binding.namespace} if binding.namespace else data


def _cause_data(cause: ObjectChange) -> Data:
    data: Data = {"kind": cause.kind, "name": cause.name, "deleted": cause.obj is None, "appliedBy": cause.applied_by or UNKNOWN}
    return {**data, "namespace": cause.namespace} if cause.namespace else data
