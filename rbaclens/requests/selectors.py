"""Label and field selectors: parsed from text, or taken from the requirements of an access review (SEL-01 to SEL-16)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from rbaclens.model.decision import quote
from rbaclens.model.request import FieldRequirement, LabelRequirement
from rbaclens.requests.field_selectors import parse_field_selector
from rbaclens.requests.label_selectors import check_requirement, parse_label_selector
from rbaclens.requests.selector_syntax import SelectorError

__all__ = [
    "SelectorError",
    "SelectorTerm",
    "field_requirements_from_review",
    "label_requirements_from_review",
    "parse_field_selector",
    "parse_label_selector",
    "requirements_or_none",
    "selector_note",
]

_Requirement = TypeVar("_Requirement", FieldRequirement, LabelRequirement)
_LABEL_OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
_FIELD_OPERATORS = {"In": "=", "NotIn": "!="}
_ONE_VALUE = {"In": "fieldSelectors in must have one value", "NotIn": "fieldSelectors not in must have one value"}


class SelectorTerm(msgspec.Struct, frozen=True, gc=False):
    """One requirement of a selector as review objects write it; ``operator`` is free text here (SAR-09)."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


def requirements_or_none(parse: Callable[[str], tuple[_Requirement, ...]], text: str) -> tuple[_Requirement, ...]:
    """What ``parse`` makes of ``text``, and nothing where it cannot be parsed: the request goes on, broader (ATTR-03, SEL-11)."""
    try:
        return parse(text)
    except SelectorError:
        return ()


def field_requirements_from_review(raw: str, terms: Sequence[SelectorTerm]) -> tuple[tuple[FieldRequirement, ...], list[str]]:
    """The requirements of a review's field selector in force, and the errors of what was dropped (SEL-12, SEL-14).

    Requirements given as a list keep their order (WH-05) and win over ``raw``.
    """
    return _in_force(raw, terms, parse_field_selector, _field_requirement)


def label_requirements_from_review(raw: str, terms: Sequence[SelectorTerm]) -> tuple[tuple[LabelRequirement, ...], list[str]]:
    """The requirements of a review's label selector in force, and the errors of what was dropped (SEL-12, SEL-13)."""
    return _in_force(raw, terms, parse_label_selector, _label_requirement)


def selector_note(field: str, kept: Sequence[object], errors: Sequence[str]) -> tuple[str, ...]:
    """What a review's ``evaluationError`` says of the selector ``field`` when something of it was dropped (SEL-16)."""
    if not errors:
        return ()
    return (f"spec.resourceAttributes.{field} {'partially ' if kept else ''}ignored due to parse error",)


def _in_force(
    raw: str,
    terms: Sequence[SelectorTerm],
    parse: Callable[[str], tuple[_Requirement, ...]],
    convert: Callable[[SelectorTerm], _Requirement],
) -> tuple[tuple[_Requirement, ...], list[str]]:
    kept: list[_Requirement] = []
    errors: list[str] = []
    if not terms:
        try:
            return parse(raw), errors
        except SelectorError as error:
            return (), [error.message]
    for term in terms:
        try:
            kept.append(convert(term))
        except SelectorError as error:
            errors.append(error.message)
    return tuple(kept), errors


def _field_requirement(term: SelectorTerm) -> FieldRequirement:
    operator = _FIELD_OPERATORS.get(term.operator)
    if len(term.values) > 1:
        raise SelectorError("fieldSelectors do not yet support multiple values")
    if operator is None and term.operator in ("Exists", "DoesNotExist"):
        raise SelectorError(f"fieldSelectors do not yet support {term.operator}")
    if operator is None:
        raise SelectorError(f"{quote(term.operator)} is not a valid field selector operator")
    if not term.values:
        raise SelectorError(_ONE_VALUE[term.operator])
    return FieldRequirement(term.key, operator, term.values[0])


def _label_requirement(term: SelectorTerm) -> LabelRequirement:
    operator = _LABEL_OPERATORS.get(term.operator)
    if operator is None:
        raise SelectorError(f"{quote(term.operator)} is not a valid label selector operator")
    return check_requirement(term.key, operator, term.values)
