"""Access reviews read, validated and answered (SAR-05 to SAR-21)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rbaclens.errors import RequestError
from rbaclens.model.decision import Answer, Decision, Opinion, Verdict
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request
from rbaclens.requests.review import Review, parse_review, respond

CONFORMANCE = Path(__file__).parent.parent / "conformance"
ONE_BLOCK = "exactly one of nonResourceAttributes or resourceAttributes must be specified"


def raw(spec: Any, kind: str = "SubjectAccessReview", version: str = "v1", **more: Any) -> bytes:
    return json.dumps({"apiVersion": f"authorization.k8s.io/{version}", "kind": kind, "spec": spec, **more}).encode()


def asked(spec: Any, **more: Any) -> Request:
    return parse_review(raw(spec, **more)).request


def refusal(text: bytes) -> str:
    with pytest.raises(RequestError) as caught:
        parse_review(text)
    return caught.value.message


def selector_spec(field: str, selector: Any) -> dict[str, Any]:
    return {"user": "me", "resourceAttributes": {"verb": "list", field: selector}}


def test_a_review_says_who_asks_what() -> None:
    """Attributes are taken as given, groups are exactly those carried, an empty version is every version (SAR-05, SAR-11, SAR-12)."""
    attributes = {"namespace": "ns", "verb": "*", "group": "apps", "resource": "deployments", "subresource": "scale", "name": "web"}
    found = asked({"user": "bob", "groups": ["a", "b"], "uid": "7", "resourceAttributes": attributes})
    expected = Request("*", "deployments", "apps", "scale", "ns", "web", user="bob", groups=("a", "b"), uid="7")
    assert found == expected and found.version == "*"
    assert asked({"user": "bob", "resourceAttributes": {"version": "v1"}}) == Request("", user="bob", version="v1")
    assert asked({"user": "bob", "resourceAttributes": {"version": ""}}) == Request("", user="bob")
    assert asked({"groups": ["g"], "nonResourceAttributes": {"path": "/x", "verb": "get"}}) == Request("get", path="/x", groups=("g",))


def test_null_is_absent_and_unknown_fields_are_ignored() -> None:
    """Null means what absence means, and the empty string inside a list, as Go decodes it; what is unknown is no error."""
    spec = {"user": None, "groups": ["g", None], "uid": None, "extra": {"k": None, "l": ["v", None]}, "nonResourceAttributes": None}
    found = asked(spec | {"resourceAttributes": {"verb": None, "fieldSelector": None, "new": 1}, "new": {}}, metadata=None, new=[])
    assert found == Request("", groups=("g", ""), extra={"k": (), "l": ("v", "")})


def test_versions_differ_in_the_name_of_groups() -> None:
    """v1beta1 calls them ``group``; each version ignores the other's name (WH-02)."""
    spec = {"user": "u", "group": ["old"], "groups": ["new"], "nonResourceAttributes": {}}
    assert asked(spec, version="v1beta1").groups == ("old",)
    assert asked(spec).groups == ("new",)
    assert "spec.user: Invalid value" in refusal(raw({"groups": ["x"], "nonResourceAttributes": {}}, version="v1beta1"))


def test_selectors_of_a_review() -> None:
    """Selectors count for every verb, in the order given; what is dropped of them is noted (SEL-16, SEL-18, WH-05)."""
    requirements = [{"key": "b", "operator": "In", "values": ["y"]}, {"key": "a", "operator": "Bad"}]
    attributes = {"verb": "create", "fieldSelector": {"requirements": requirements}, "labelSelector": {"rawSelector": "!!bad syntax"}}
    found = asked({"user": "me", "resourceAttributes": attributes})
    assert found.field_selector == (FieldRequirement("b", "=", "y"),)
    assert found.label_selector == ()
    assert found.selector_notes == (
        "spec.resourceAttributes.fieldSelector partially ignored due to parse error",
        "spec.resourceAttributes.labelSelector ignored due to parse error",
    )
    found = asked(selector_spec("labelSelector", {"rawSelector": "b in (y,x),a"}))
    assert found.label_selector == (LabelRequirement("a", "exists"), LabelRequirement("b", "in", ("x", "y")))
    assert found.selector_notes == ()


VALID: list[Any] = [
    raw({"user": "me", "nonResourceAttributes": {}}),
    raw({"groups": ["mygroup"], "resourceAttributes": {}}),
    raw(selector_spec("fieldSelector", {"requirements": [{"key": "a", "operator": "bad"}]})),
    raw(selector_spec("labelSelector", {"requirements": [{"key": "a", "operator": "bad", "values": ["x"]}]})),
    raw(selector_spec("fieldSelector", {"rawSelector": "!!bad syntax"})),
    raw({"user": "me", "nonResourceAttributes": {}}, metadata={"labels": {}, "name": "", "creationTimestamp": None, "managedFields": [{}]}),
    raw({"resourceAttributes": {}}, kind="SelfSubjectAccessReview"),
    raw({"user": "me", "resourceAttributes": {"namespace": "a"}}, kind="LocalSubjectAccessReview", metadata={"namespace": "a"}),
]


@pytest.mark.parametrize("text", VALID)
def test_valid_reviews(text: bytes) -> None:
    """Table SAR-B, valid rows: little is checked (SAR-08 to SAR-10)."""
    assert parse_review(text)


BOTH = {"user": "me", "resourceAttributes": {}, "nonResourceAttributes": {"path": "/", "verb": "get"}}
LOCAL = {"kind": "LocalSubjectAccessReview"}
NON_RESOURCE = "spec.nonResourceAttributes"
FIELD, LABEL = "spec.resourceAttributes.fieldSelector", "spec.resourceAttributes.labelSelector"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (raw({"resourceAttributes": {}}), 'spec.user: Invalid value: "": at least one of user or group must be specified'),
        (
            raw(BOTH),
            f'{NON_RESOURCE}: Invalid value: {{"Path":"/","Verb":"get"}}: cannot be specified in combination with resourceAttributes',
        ),
        (raw({"user": "me"}), f"spec.resourceAttributes: Invalid value: null: {ONE_BLOCK}"),
        (
            raw({}),
            f"[spec.resourceAttributes: Invalid value: null: {ONE_BLOCK}, "
            'spec.user: Invalid value: "": at least one of user or group must be specified]',
        ),
        (
            raw(selector_spec("fieldSelector", {})),
            f"{FIELD}.requirements: Required value: when {FIELD} is specified, requirements or rawSelector is required",
        ),
        (
            raw(selector_spec("labelSelector", {"requirements": []})),
            f"{LABEL}.requirements: Required value: when {LABEL} is specified, requirements or rawSelector is required",
        ),
        (
            raw(selector_spec("fieldSelector", {"rawSelector": "a", "requirements": [{"key": "a"}]})),
            f'{FIELD}.rawSelector: Invalid value: "a": may not specified at the same time as requirements',
        ),
        (
            raw(selector_spec("fieldSelector", {"requirements": [{"key": "", "operator": "x"}]})),
            f"{FIELD}.requirements[0].key: Required value: must be specified",
        ),
        (
            raw(selector_spec("fieldSelector", {"requirements": [None]})),
            f"{FIELD}.requirements[0].key: Required value: must be specified",
        ),
        (
            raw(selector_spec("fieldSelector", {"requirements": [{"key": "a", "operator": "In"}]})),
            f"{FIELD}.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        ),
        (
            raw(selector_spec("labelSelector", {"requirements": [{"key": "a", "operator": "Exists", "values": ["b"]}]})),
            f"{LABEL}.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
        (
            raw({"nonResourceAttributes": {}, "resourceAttributes": {}}, kind="SelfSubjectAccessReview"),
            'spec.nonResourceAttributes: Invalid value: {"Path":"","Verb":""}: cannot be specified in combination with resourceAttributes',
        ),
        (
            raw({"user": "me", "resourceAttributes": {}}, **LOCAL, metadata={"namespace": "a"}),
            'spec.resourceAttributes.namespace: Invalid value: "": must match metadata.namespace',
        ),
        (
            raw({"user": "me", "nonResourceAttributes": {}}, **LOCAL, metadata={"namespace": "a"}),
            'spec.nonResourceAttributes: Invalid value: {"Path":"","Verb":""}: disallowed on this kind of request',
        ),
        (
            raw({"user": "me", "resourceAttributes": {}}, **LOCAL, metadata={"name": "x"}),
            'metadata: Invalid value: {"name":"x"}: must be empty except for namespace',
        ),
        (
            raw({"user": "me", "nonResourceAttributes": {}}, metadata={"labels": {"a": "b"}}),
            'metadata: Invalid value: {"labels":{"a":"b"}}: must be empty',
        ),
        (
            raw({"user": "me", "nonResourceAttributes": {}}, metadata={"deletionGracePeriodSeconds": 0}),
            'metadata: Invalid value: {"deletionGracePeriodSeconds":0}: must be empty',
        ),
    ],
)
def test_invalid_reviews(text: bytes, problem: str) -> None:
    """Table SAR-B, refused rows, with field, reason and order of the server (SAR-06 to SAR-09, SAR-16, SAR-17)."""
    kind = json.loads(text)["kind"]
    assert refusal(text) == f'{kind}.authorization.k8s.io "" is invalid: {problem}'


def test_label_selector_values_are_checked() -> None:
    """Label keys and values of requirements must be label keys and values (SAR-09)."""
    message = refusal(raw(selector_spec("labelSelector", {"requirements": [{"key": "-", "operator": "In", "values": ["$bad"]}]})))
    assert f'{LABEL}.requirements[0].key: Invalid value: "-": name part must consist of' in message
    assert f'{LABEL}.requirements[0].values[0]: Invalid value: "$bad": a valid label must be an empty string' in message


def test_local_review_without_namespace() -> None:
    """A namespaced review needs a namespace to be posted to (SAR-18)."""
    assert refusal(raw({"user": "me", "resourceAttributes": {}}, **LOCAL)) == "namespace is required on this type: "


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (raw({"user": 5}), "spec.user: expected a string, got a number"),
        (raw({"groups": "devs"}), "spec.groups: expected a list, got a string"),
        (raw({"groups": ["a", {}]}), "spec.groups[1]: expected a string, got an object"),
        (raw({"extra": {"a": "b"}}), "spec.extra[...]: expected a list, got a string"),
        (raw({"resourceAttributes": []}), "spec.resourceAttributes: expected an object, got a list"),
        (raw([]), "spec: expected an object, got a list"),
        (b"[]", "Expected an object, got a list"),
        (b"[" * 100_000, "Expected an object, got a list"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"{", "Input data was truncated"),
        (b"{}", "not an access review: apiVersion missing, kind missing"),
        (raw({}, kind="Pod"), "not an access review: apiVersion authorization.k8s.io/v1, kind Pod"),
        (raw({}, version="v2"), "not an access review: apiVersion authorization.k8s.io/v2, kind SubjectAccessReview"),
    ],
)
def test_what_is_no_review(text: bytes, message: str) -> None:
    """Broken JSON, wrong types and other kinds are refused with the field and what was expected there."""
    assert refusal(text) == message


def test_self_reviews_take_the_senders_identity() -> None:
    """A self review's user comes from the request that carries it, whatever its spec says (SAR-20)."""
    review = parse_review(raw({"user": "other", "nonResourceAttributes": {"path": "/", "verb": "get"}}, kind="SelfSubjectAccessReview"))
    assert review.needs_identity and review.request.user == ""
    found = review.with_identity("bob", ("devs",), "7", {"k": ("v",)})
    assert found.request == Request("get", path="/", user="bob", groups=("devs",), uid="7", extra={"k": ("v",)})
    other = parse_review(raw({"user": "a", "nonResourceAttributes": {}}))
    assert not other.needs_identity
    with pytest.raises(RequestError, match="says itself who is meant"):
        other.with_identity("bob")


def answer(review: Review, verdict: Verdict, text: str = "", error: str = "", doubts: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    known = Answer.YES if verdict is Verdict.ALLOW else Answer.UNKNOWN if doubts else Answer.NO
    line = respond(review, Decision(review.request, known, Opinion(verdict, "RBAC", text, error), doubts), **more)
    assert b"\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


BAD_FIELD = "spec.resourceAttributes.fieldSelector ignored due to parse error"
BAD_LABEL = "spec.resourceAttributes.labelSelector ignored due to parse error"


@pytest.mark.parametrize(
    ("verdict", "text", "error", "status"),
    [
        (Verdict.ALLOW, "allowed", "", {"allowed": True, "reason": "allowed"}),
        (Verdict.ALLOW, "", "", {"allowed": True}),
        (Verdict.NO_OPINION, "", "", {"allowed": False}),
        (Verdict.DENY, "denied", "", {"allowed": False, "denied": True, "reason": "denied"}),
        (Verdict.DENY, "no", "I'm sorry, Dave", {"allowed": False, "denied": True, "reason": "no", "evaluationError": "I'm sorry, Dave"}),
        (Verdict.NO_OPINION, 'my "reason"', "", {"allowed": False, "reason": 'my "reason"'}),
        (Verdict.NO_OPINION, "myreason", "myerror", {"allowed": False, "reason": "myreason", "evaluationError": "myerror"}),
    ],
)
def test_status(verdict: Verdict, text: str, error: str, status: dict[str, Any]) -> None:
    """Table SAR-A: what the authorizers said as a status (SAR-13)."""
    review = parse_review(VALID[0])
    assert answer(review, verdict, text, error) == json.loads(VALID[0]) | {"status": status}


def test_status_names_ignored_selectors() -> None:
    """Table SAR-A: an answer, even yes, comes with the note on a selector (SAR-14, SEL-16)."""
    requirements = [{"key": "a", "operator": "bad"}, {"key": "b", "operator": "In", "values": ["c"]}]
    review = parse_review(raw(selector_spec("fieldSelector", {"requirements": requirements})))
    partly = "spec.resourceAttributes.fieldSelector partially ignored due to parse error"
    assert answer(review, Verdict.ALLOW, "r")["status"] == {"allowed": True, "reason": "r", "evaluationError": partly}
    spec = {"user": "me", "resourceAttributes": {"fieldSelector": {"rawSelector": "&"}, "labelSelector": {"rawSelector": "&"}}}
    status = answer(parse_review(raw(spec)), Verdict.NO_OPINION, "", "e")["status"]
    assert status == {"allowed": False, "evaluationError": f"e; {BAD_FIELD}; {BAD_LABEL}"}


def test_unknown_is_not_no() -> None:
    """An answer that could not be known says so, and why."""
    status = answer(parse_review(VALID[0]), Verdict.NO_OPINION, "", "e", ("roles of ns: unreadable",))["status"]
    expected = {"allowed": False, "unknown": True, "evaluationError": "e; the answer is not known: roles of ns: unreadable"}
    assert status == expected


def test_the_object_comes_back_as_sent() -> None:
    """Everything but the status is echoed, a status that was sent is replaced, grants are added on demand (SAR-03)."""
    sent = {"user": "é", "extra": {"k": ["v"]}, "nonResourceAttributes": {"verb": "get"}, "unknown": [1.50, {}]}
    pretty = json.dumps(json.loads(raw(sent, metadata={})), indent=1).encode()
    for text in (
        raw(sent, metadata={}) + b" \n",
        pretty.replace(b"\n", b"\r\n"),
        raw(sent, metadata={}, status={"allowed": False}, grants=["old"]),
    ):
        review = parse_review(text)
        sent_back = json.loads(raw(sent, metadata={}))
        assert answer(review, Verdict.ALLOW) == sent_back | {"status": {"allowed": True}}
        assert answer(review, Verdict.ALLOW, grants=["a", "b"]) == sent_back | {"status": {"allowed": True}, "grants": ["a", "b"]}
        assert answer(review, Verdict.NO_OPINION, grants=[])["grants"] == []


def test_recorded_reviews() -> None:
    """Every recorded review is valid, and a recorded note on a selector is ours (SEL-16)."""
    count = 0
    for file in sorted(CONFORMANCE.glob("*/requests.jsonl")):
        expected = (file.parent / "expected.jsonl").read_text().splitlines()
        for line, status in zip(file.read_bytes().splitlines(), expected, strict=True):
            notes = parse_review(line).request.selector_notes
            error = json.loads(status).get("evaluationError", "")
            assert "; ".join(notes) == "; ".join(part for part in error.split("; ") if part.startswith("spec.resourceAttributes."))
            count += 1
    assert count


TEXTS = st.none() | st.sampled_from(["", "a", "*", "system:masters", "é"])
SELECTORS = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "rawSelector": TEXTS,
        "requirements": st.none()
        | st.lists(
            st.none()
            | st.fixed_dictionaries({"key": TEXTS, "operator": st.sampled_from(["In", "Exists", "Bad"]), "values": st.lists(TEXTS)})
        ),
    },
)
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "user": TEXTS,
        "groups": st.none() | st.lists(TEXTS, max_size=2),
        "uid": TEXTS,
        "extra": st.none() | st.dictionaries(st.text(max_size=2), st.none() | st.lists(TEXTS, max_size=2), max_size=2),
        "nonResourceAttributes": st.none() | st.fixed_dictionaries({"path": TEXTS, "verb": TEXTS}),
        "resourceAttributes": st.none()
        | st.fixed_dictionaries({"verb": TEXTS}, optional={"version": TEXTS, "fieldSelector": SELECTORS, "labelSelector": SELECTORS}),
    },
)


@settings(max_examples=200, deadline=None)
@given(SPECS, st.sampled_from(["SubjectAccessReview", "LocalSubjectAccessReview", "SelfSubjectAccessReview"]))
def test_well_typed_reviews(spec: dict[str, Any], kind: str) -> None:
    """The fast path and the general one mean the same: an explicit null, which only the latter takes, changes nothing."""
    try:
        review = parse_review(raw(spec, kind=kind))
    except RequestError as error:
        assert refusal(raw(spec | {"user": spec.get("user")}, kind=kind, metadata={})) == error.message
        return
    assert parse_review(raw(spec, kind=kind, metadata={})).request == review.request
    assert json.loads(review.raw) == json.loads(raw(spec, kind=kind))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["spec", "kind", "user", "resourceAttributes"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=20) | JSON.map(msgspec.json.encode) | JSON.map(raw))
@example(b'{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"\\ud800"}}')
@example(b'{"\xff": 1}')
def test_any_bytes_are_a_review_or_refused(text: bytes) -> None:
    """Nothing but a ``RequestError`` comes out."""
    try:
        parse_review(text)
    except RequestError as error:
        assert error.message
