"""Access reviews as requests, and the reviews answered (SAR-05 to SAR-21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from rbaclens.errors import RequestError
from rbaclens.model.decision import Answer, Decision, Verdict, aggregate
from rbaclens.model.request import Extra, Request
from rbaclens.requests.review_objects import ResourceAttributes, ReviewObject, SelectorObject, SpecObject, read_object, texts
from rbaclens.requests.review_validation import ReviewKind, review_problems
from rbaclens.requests.selectors import field_requirements_from_review, label_requirements_from_review, selector_note

_V1, _V1BETA1 = "authorization.k8s.io/v1", "authorization.k8s.io/v1beta1"
_KINDS: tuple[ReviewKind, ...] = ("SubjectAccessReview", "LocalSubjectAccessReview", "SelfSubjectAccessReview")
_NEWLINE = ord("\n")
_YES, _DENY = Answer.YES, Verdict.DENY  # bulk answers: reading a member from its enum costs more than the comparison


class Review(Struct, frozen=True, gc=False):
    """A valid access review: what it asks, and the JSON object that it was (on one line), to be answered with a status."""

    request: Request
    raw: bytes
    kind: ReviewKind = "SubjectAccessReview"
    has_status: bool = False

    @property
    def needs_identity(self) -> bool:
        """Whether the review speaks of whoever sends it, so that ``with_identity`` has to say who that is (SAR-20)."""
        return self.kind == "SelfSubjectAccessReview"

    def with_identity(self, user: str, groups: tuple[str, ...] = (), uid: str = "", extra: Extra | None = None) -> Review:
        """This self review as sent by that user, who has exactly these groups; no other kind leaves open who is meant."""
        if not self.needs_identity:
            raise RequestError(f"a {self.kind} says itself who is meant")
        request = msgspec.structs.replace(self.request, user=user, groups=groups, uid=uid, extra=extra or {})
        return msgspec.structs.replace(self, request=request)


# The plain review, which bulk input consists of, is decoded straight into strict types. Whatever is unusual (a null, a selector,
# extra, metadata, another kind or version) does not fit them and takes the general path, which means the same and is slower.
class _PlainAttributes(Struct, rename="camel", gc=False):
    verb: str = ""
    namespace: str = ""
    group: str = ""
    version: str = "*"
    resource: str = ""
    subresource: str = ""
    name: str = ""
    field_selector: None = None
    label_selector: None = None


class _PlainPath(Struct, gc=False):
    path: str = ""
    verb: str = ""


class _PlainSpec(Struct, rename="camel", gc=False):
    user: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: None = None
    resource_attributes: _PlainAttributes | None = None
    non_resource_attributes: _PlainPath | None = None


class _PlainReview(Struct, rename="camel", gc=False):
    api_version: Literal["authorization.k8s.io/v1"]
    kind: Literal["SubjectAccessReview"]
    spec: _PlainSpec
    metadata: None = None
    status: Literal["none"] = "none"


_decode_plain = msgspec.json.Decoder(_PlainReview).decode
_encode = msgspec.json.Encoder().encode


def parse_review(raw: bytes) -> Review:
    """The access review in ``raw``, one JSON object; ``RequestError`` says which field is wrong and why, as the API server would.

    Groups are exactly those that it carries (SAR-11). Unknown fields are ignored.
    """
    try:
        spec = _decode_plain(raw).spec
    except (ValueError, RecursionError):
        return _parse_unusual(raw)
    attributes, path = spec.resource_attributes, spec.non_resource_attributes
    if not (spec.user or spec.groups) or _NEWLINE in raw:
        return _parse_unusual(raw)
    if path is None and attributes is not None:
        a = attributes
        request = Request(
            a.verb, a.resource, a.group, a.subresource, a.namespace, a.name, None, spec.user, spec.groups, spec.uid, {}, a.version or "*"
        )
    elif path is not None and attributes is None:
        request = Request(path.verb, path=path.path, user=spec.user, groups=spec.groups, uid=spec.uid)
    else:
        return _parse_unusual(raw)
    return Review(request, raw.rstrip())


def _parse_unusual(raw: bytes) -> Review:
    review = read_object(raw)
    kind = _kind_of(review)
    spec = review.spec or SpecObject()
    groups = texts(spec.group if review.api_version == _V1BETA1 else spec.groups)
    problems = list(review_problems(kind, review, bool(spec.user or groups)))
    if problems:
        raise RequestError(f'{kind}.authorization.k8s.io "" is invalid: {aggregate(problems)}')
    if kind == "LocalSubjectAccessReview" and not (review.metadata and review.metadata.namespace):
        raise RequestError("namespace is required on this type: ", "write metadata.namespace")  # SAR-18
    request = _request(spec)
    if kind != "SelfSubjectAccessReview":
        extra = {key: texts(values) for key, values in (spec.extra or {}).items()}
        request = msgspec.structs.replace(request, user=spec.user or "", groups=groups, uid=spec.uid or "", extra=extra)
    one_line = raw.strip().replace(b"\n", b" ").replace(b"\r", b" ")
    return Review(request, one_line, kind, review.status is not msgspec.UNSET)


def _kind_of(review: ReviewObject) -> ReviewKind:
    if review.api_version in (_V1, _V1BETA1):
        for kind in _KINDS:
            if review.kind == kind:
                return kind
    expected = f"expected apiVersion {_V1} and kind {', '.join(_KINDS)}"
    raise RequestError(f"not an access review: apiVersion {review.api_version or 'missing'}, kind {review.kind or 'missing'}", expected)


def _request(spec: SpecObject) -> Request:
    """What the review asks, by nobody yet (SAR-11)."""
    if spec.non_resource is not None:
        return Request(spec.non_resource.verb or "", path=spec.non_resource.path or "")
    a = spec.resource or ResourceAttributes()
    by_field, by_label = a.field_selector or SelectorObject(), a.label_selector or SelectorObject()
    fields, field_errors = field_requirements_from_review(by_field.raw_selector or "", by_field.terms)
    labels, label_errors = label_requirements_from_review(by_label.raw_selector or "", by_label.terms)
    return Request(
        a.verb or "",
        a.resource or "",
        a.group or "",
        a.subresource or "",
        a.namespace or "",
        a.name or "",
        version=a.version or "*",
        field_selector=fields,
        label_selector=labels,
        selector_notes=selector_note("fieldSelector", fields, field_errors) + selector_note("labelSelector", labels, label_errors),
    )


def respond(review: Review, decision: Decision, *, grants: Sequence[str] | None = None) -> bytes:
    """The review as it was sent, with ``decision`` as its status, on one line without the line's end (SAR-03, SAR-13).

    A status that the client sent is replaced. An unknown answer says ``"unknown": true`` beside ``"allowed": false``, and why in
    ``evaluationError``. ``grants``, every reason that the server could give, becomes a field of the object.
    """
    opinion = decision.opinion
    if decision.doubts or opinion.error or decision.request.selector_notes or opinion.verdict is _DENY:
        status = _full_status(decision)
    elif reason := opinion.text or opinion.reason:
        allowed = b"true" if decision.answer is _YES else b"false"
        status = b'{"allowed": %b, "reason": %b}' % (allowed, _encode(reason))
    else:
        status = b'{"allowed": true}' if decision.answer is _YES else b'{"allowed": false}'
    if review.has_status:
        return _respond_over_status(review, status, grants)
    if grants is None:
        return b'%b, "status": %b}' % (review.raw[:-1], status)
    return b'%b, "status": %b, "grants": %b}' % (review.raw[:-1], status, _encode(grants))


def _respond_over_status(review: Review, status: bytes, grants: Sequence[str] | None) -> bytes:
    fields = msgspec.json.decode(review.raw, type=dict[str, msgspec.Raw])
    fields["status"] = msgspec.Raw(status)
    fields.pop("grants", None)
    if grants is not None:
        fields["grants"] = msgspec.Raw(_encode(grants))
    return _encode(fields)


def _full_status(decision: Decision) -> bytes:
    """The status object; what is false or empty is left out, except ``allowed``."""
    status: dict[str, Any] = {"allowed": decision.allowed}
    error = decision.evaluation_error
    if decision.denied:
        status["denied"] = True
    if decision.answer is Answer.UNKNOWN:
        status["unknown"] = True
        error = "; ".join([*([error] if error else []), "the answer is not known: " + ", ".join(decision.doubts)])
    if decision.reason:
        status["reason"] = decision.reason
    if error:
        status["evaluationError"] = error
    return _encode(status)
