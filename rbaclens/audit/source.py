"""What a finding says of the grants that it rests on, and of the places where they count."""

from __future__ import annotations

import msgspec

from rbaclens.analysis.holder import Grant, Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Subject, name_of
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding

_SHIPPED_FILE = "bootstrap"


class Source(msgspec.Struct, frozen=True):
    """What a finding says of the grants that it rests on: their bindings in words, where to look, the objects."""

    by: str
    origin: Origin
    objects: tuple[Subject, ...]


class Sources:
    """The sources of findings; what those of one binding share is worked out once."""

    def __init__(self) -> None:
        self._of_binding: dict[int, dict[int, Source]] = {}

    def of(self, grants: tuple[Grant, ...]) -> Source:
        """The source of a finding with this evidence."""
        first = grants[0]
        if len(grants) > 1 or isinstance(first, AbacGrant) or first.binding.origin.file == _SHIPPED_FILE:
            return Source(_by(grants), _origin(first), _objects(grants))
        binding = first.binding
        found = self._of_binding.get(id(binding))
        if found is None:
            by, objects = name_of(binding), (binding, first.role)
            places = zip(binding.subjects, _origins(binding), strict=True)
            # Of a subject that is named twice the first one counts.
            found = self._of_binding[id(binding)] = {}
            for subject, origin in places:
                found.setdefault(id(subject), Source(by, origin, objects))
        return found[id(first.subject)]


def account_of(principal: Principal, context: Context) -> tuple[Subject, ...]:
    """The ServiceAccount that holds it, where it is in the input: its annotations may waive the finding too."""
    if principal.kind != "ServiceAccount" or not context.service_accounts:
        return ()
    namespace, _, name = principal.name.partition("/")
    found = context.service_accounts.get((namespace, name))
    return () if found is None else (found,)


def limited(names: tuple[str, ...]) -> str:
    """What follows where a right is limited to names."""
    return f" (limited to {', '.join(names[:5])}{', …' if len(names) > 5 else ''})"


def _by(grants: tuple[Grant, ...]) -> str:
    """The bindings and lines, as far as there is room."""
    if len(grants) == 1:
        return _name(grants[0])
    names = list(dict.fromkeys(_name(grant) for grant in grants))
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")


def _name(grant: Grant) -> str:
    return name_of(grant.binding) if isinstance(grant, RbacGrant) else f"ABAC line {grant.policy.line}"


def _origin(grant: Grant) -> Origin:
    """The binding, or the one of its subjects that is meant; of a binding that every cluster has, the rule, which somebody added."""
    if isinstance(grant, AbacGrant):
        return grant.policy.origin
    if grant.binding.origin.file == _SHIPPED_FILE:
        return grant.role.rule_origin(grant.rule_index)
    subjects = grant.binding.subjects
    return _origins(grant.binding)[next((at for at, one in enumerate(subjects) if one is grant.subject), 0)]


def _origins(binding: Binding) -> list[Origin]:
    """Where to look for each subject of a binding: at the binding itself, if it is the only one."""
    origin = binding.origin
    return [origin] if len(binding.subjects) == 1 else [origin.child("subjects", at) for at in range(len(binding.subjects))]


def _objects(grants: tuple[Grant, ...]) -> tuple[Subject, ...]:
    found: dict[int, Subject] = {}
    for grant in grants:
        for one in (grant.binding, grant.role) if isinstance(grant, RbacGrant) else (grant.policy,):
            found.setdefault(id(one), one)
    return tuple(found.values())
