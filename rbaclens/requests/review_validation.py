"""What the API server refuses in an access review, field by field and in its words (SAR-06 to SAR-10, SAR-16, SAR-17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from rbaclens.model.decision import quote
from rbaclens.requests.review_objects import MetadataObject, NonResourceAttributes, ReviewObject, SelectorObject, SpecObject
from rbaclens.requests.selector_syntax import label_key_problems, label_value_problems
from rbaclens.requests.selectors import SelectorTerm

ReviewKind = Literal["SubjectAccessReview", "LocalSubjectAccessReview", "SelfSubjectAccessReview"]

_ATTRIBUTES = "spec.resourceAttributes"


def review_problems(kind: ReviewKind, review: ReviewObject, has_subject: bool) -> Iterator[str]:
    """The field errors of ``review`` in the server's order; none when it is valid.

    ``has_subject`` says whether it names a user or a group, under the name that its version has for groups (SAR-07).
    """
    spec, metadata = review.spec or SpecObject(), review.metadata or MetadataObject()
    yield from _one_block(spec)
    if kind != "SelfSubjectAccessReview" and not has_subject:
        yield 'spec.user: Invalid value: "": at least one of user or group must be specified'
    if spec.resource is not None:
        yield from _selector_problems(f"{_ATTRIBUTES}.fieldSelector", spec.resource.field_selector, labels=False)
        yield from _selector_problems(f"{_ATTRIBUTES}.labelSelector", spec.resource.label_selector, labels=True)
    local = kind == "LocalSubjectAccessReview"
    if _carries_metadata(msgspec.structs.replace(metadata, namespace="") if local else metadata):
        value = msgspec.json.encode(metadata).decode()
        yield f"metadata: Invalid value: {value}: must be empty{' except for namespace' if local else ''}"
    if local:
        yield from _place_problems(spec, metadata.namespace or "")


def _one_block(spec: SpecObject) -> Iterator[str]:
    if spec.resource is not None and spec.non_resource is not None:
        yield _non_resource_problem(spec.non_resource, "cannot be specified in combination with resourceAttributes")
    if spec.resource is None and spec.non_resource is None:
        yield f"{_ATTRIBUTES}: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"


def _non_resource_problem(attributes: NonResourceAttributes, what: str) -> str:
    # The server prints its internal type here, whose fields have Go's names.
    value = msgspec.json.encode({"Path": attributes.path or "", "Verb": attributes.verb or ""}).decode()
    return f"spec.nonResourceAttributes: Invalid value: {value}: {what}"


def _carries_metadata(metadata: MetadataObject) -> bool:
    """Whether anything is set; Go takes empty texts, maps, lists and a zero generation for unset, but not a zero grace period."""
    if metadata.deletion_grace_period_seconds is not None:
        return True
    return any(getattr(metadata, name) for name in metadata.__struct_fields__)


def _place_problems(spec: SpecObject, namespace: str) -> Iterator[str]:
    """A LocalSubjectAccessReview asks about its own namespace (SAR-17)."""
    if spec.resource is not None and (spec.resource.namespace or "") != namespace:
        yield f"{_ATTRIBUTES}.namespace: Invalid value: {quote(spec.resource.namespace or '')}: must match metadata.namespace"
    if spec.non_resource is not None:
        yield _non_resource_problem(spec.non_resource, "disallowed on this kind of request")


def _selector_problems(field: str, selector: SelectorObject | None, *, labels: bool) -> Iterator[str]:
    """SAR-09. A rawSelector is not parsed here: what is wrong with it only narrows less (SEL-16)."""
    if selector is None:
        return
    if selector.raw_selector and selector.requirements:
        yield f"{field}.rawSelector: Invalid value: {quote(selector.raw_selector)}: may not specified at the same time as requirements"
    if not selector.raw_selector and not selector.requirements:
        yield f"{field}.requirements: Required value: when {field} is specified, requirements or rawSelector is required"
    for index, term in enumerate(selector.terms):
        yield from _term_problems(f"{field}.requirements[{index}]", term, labels=labels)


def _term_problems(field: str, term: SelectorTerm, *, labels: bool) -> Iterator[str]:
    if not labels and not term.key:
        yield f"{field}.key: Required value: must be specified"
    if term.operator in ("In", "NotIn") and not term.values:
        yield f"{field}.values: Required value: must be specified when `operator` is 'In' or 'NotIn'"
    if term.operator in ("Exists", "DoesNotExist") and term.values:
        yield f"{field}.values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
    if labels:
        for problem in label_key_problems(term.key):
            yield f"{field}.key: Invalid value: {quote(term.key)}: {problem}"
        for index, value in enumerate(term.values):
            for problem in label_value_problems(value):
                yield f"{field}.values[{index}]: Invalid value: {quote(value)}: {problem}"
