"""What a finding says of the grants that it rests on, and of the places where they count."""

from __future__ import annotations

import msgspec

from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Subject, name_of
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.location import Origin

_SHIPPED_FILE = "bootstrap"


class Source(msgspec.Struct, frozen=True):
    """What a finding says of the grants that it rests on: their bindings in words, where to look, the objects."""

    by: str
    origin: Origin
    objects: tuple[Subject, ...]


class Sources:
    """The sources of findings; that of one subject of a binding is worked out once."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], Source] = {}

    def of(self, grants: tuple[Grant, ...]) -> Source:
        """The source of a finding with this evidence."""
        first = grants[0]
        if len(grants) > 1 or not isinstance(first, RbacGrant) or first.binding.origin.file == _SHIPPED_FILE:
            return _source_of(grants)
        key = id(first.binding), id(first.subject)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = _source_of(grants)
        return found


def account_of(principal: Principal, context: Context) -> tuple[Subject, ...]:
    """The ServiceAccount that holds it, where it is in the input: its annotations may waive the finding too."""
    if principal.kind != "ServiceAccount" or not context.service_accounts:
        return ()
    namespace, _, name = principal.name.partition("/")
    found = context.service_accounts.get((namespace, name))
    return () if found is None else (found,)


def where(scopes: tuple[str, ...]) -> str:
    """Scopes in words, with "everywhere" or "in"."""
    if len(scopes) == 1:
        return "everywhere" if scopes[0] == EVERYWHERE else f"in namespace {scopes[0]}"
    if len(scopes) <= 3:
        return f"in namespaces {', '.join(scopes)}"
    return f"in {len(scopes)} namespaces ({', '.join(scopes[:2])}, …)"


def limited(names: tuple[str, ...]) -> str:
    """What follows where a right is limited to names."""
    return f" (limited to {', '.join(names[:5])}{', …' if len(names) > 5 else ''})"


def _source_of(grants: tuple[Grant, ...]) -> Source:
    return Source(_by(grants), _origin(grants[0]), _objects(grants))


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
    if len(subjects) == 1:
        return grant.binding.origin
    return grant.binding.origin.child("subjects", next((at for at, one in enumerate(subjects) if one is grant.subject), 0))


def _objects(grants: tuple[Grant, ...]) -> tuple[Subject, ...]:
    found: dict[int, Subject] = {}
    for grant in grants:
        for one in (grant.binding, grant.role) if isinstance(grant, RbacGrant) else (grant.policy,):
            found.setdefault(id(one), one)
    return tuple(found.values())
