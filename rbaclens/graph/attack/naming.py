"""What a technique needs about one object, where a grant is limited to its name."""

from __future__ import annotations

import msgspec

from rbaclens.analysis.capability import AllOf, AnyOf, Atom, Expression, form
from rbaclens.graph.attack.technique import Technique
from rbaclens.model.pattern import Pattern


def takes_name(technique: Technique, pattern: Pattern) -> bool:
    """Whether a grant of this may be limited to names for the technique; a create carries none, whatever the others are limited to."""
    return pattern.resource not in technique.any_name and pattern.is_resource and form(pattern, True).name is None


def with_name(technique: Technique, name: str) -> Expression:
    """What a technique needs, about the object ``name``; empty: about any object."""
    return _with_name(technique.needs, technique, name)


def _with_name(expression: Expression, technique: Technique, name: str) -> Expression:
    if isinstance(expression, Atom):
        pattern = expression.pattern
        if not takes_name(technique, pattern):
            return Atom(form(pattern, True))
        return Atom(msgspec.structs.replace(pattern, name=name if pattern.resource in technique.named else ""))
    assert isinstance(expression, (AllOf, AnyOf))  # noqa: S101
    return type(expression)(tuple(_with_name(part, technique, name) for part in expression.parts))
