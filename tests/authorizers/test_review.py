"""The review that webhooks are sent."""

from typing import Any

import pytest

from rbaclens.authorizers.review import review, review_spec
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request


def selectors(request: Request) -> tuple[Any, Any]:
    attributes = review_spec(request)["resourceAttributes"]
    return attributes.get("fieldSelector"), attributes.get("labelSelector")


def sent(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"key": key, "operator": operator, **({"values": list(values)} if values else {})}


def test_resource_request() -> None:
    """User and attributes, without the fields that are empty (WH-02, WH-03)."""
    request = Request("get", "pods", "apps", "log", "ns", "n", None, "bob", ("a", "b"), "u", {"k": ("1", "2")}, "v1")
    assert review(request, "v1") == {
        "kind": "SubjectAccessReview",
        "apiVersion": "authorization.k8s.io/v1",
        "metadata": {},
        "spec": {
            "user": "bob",
            "groups": ["a", "b"],
            "uid": "u",
            "extra": {"k": ["1", "2"]},
            "resourceAttributes": {
                "namespace": "ns",
                "verb": "get",
                "group": "apps",
                "version": "v1",
                "resource": "pods",
                "subresource": "log",
                "name": "n",
            },
        },
        "status": {"allowed": False},
    }


def test_non_resource_request() -> None:
    """Exactly one of the two blocks is there (WH-03)."""
    assert review_spec(Request("get", path="/healthz", user="bob")) == {
        "user": "bob",
        "nonResourceAttributes": {"path": "/healthz", "verb": "get"},
    }
    assert review_spec(Request("", path="")) == {"nonResourceAttributes": {}}


def test_v1beta1() -> None:
    """The older version calls the groups ``group``, and nothing else differs (WH-01, WH-02)."""
    request = Request("get", "pods", user="bob", groups=("a",), label_selector=(LabelRequirement("x", "exists"),))
    old, new = review(request, "v1beta1"), review(request, "v1")
    assert old["apiVersion"] == "authorization.k8s.io/v1beta1"
    assert old["spec"].pop("group") == new["spec"].pop("groups") == ["a"]
    assert old["spec"] == new["spec"]
    assert "group" not in review(Request("get", "pods"), "v1beta1")["spec"]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([("foo", "=", "bar")], [sent("foo", "In", "bar")]),
        ([("foo", "==", "bar")], [sent("foo", "In", "bar")]),
        ([("foo", "!=", "bar")], [sent("foo", "NotIn", "bar")]),
        ([("foo", "=", "")], [sent("foo", "In", "")]),
        ([("foo", "exists", "")], None),
        ([("foo", "unknown", "x")], None),
        ([], None),
        (
            [("metadata.name", "!=", "a"), ("metadata.name", "!=", "b"), ("spec.nodeName", "=", "mynode")],
            [sent("metadata.name", "NotIn", "a"), sent("metadata.name", "NotIn", "b"), sent("spec.nodeName", "In", "mynode")],
        ),
        ([("b", "=", "1"), ("c", "Unknown", "1"), ("a", "=", "1")], [sent("b", "In", "1"), sent("a", "In", "1")]),
    ],
)
def test_field_selectors(terms: list[tuple[str, str, str]], expected: Any) -> None:
    """Field terms become requirements in the order in which they came (WH-04, WH-05, examples WH-A)."""
    request = Request("list", "pods", field_selector=tuple(FieldRequirement(*term) for term in terms))
    assert selectors(request) == (expected and {"requirements": expected}, None)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([("a", "in", ("x", "y"))], [sent("a", "In", "x", "y")]),
        ([("a", "=", ("x",))], [sent("a", "In", "x")]),
        ([("a", "==", ("x",))], [sent("a", "In", "x")]),
        ([("a", "!=", ("x",))], [sent("a", "NotIn", "x")]),
        ([("a", "notin", ("x", "y"))], [sent("a", "NotIn", "x", "y")]),
        ([("a", "exists", ())], [sent("a", "Exists")]),
        ([("a", "!", ())], [sent("a", "DoesNotExist")]),
        ([("a", "gt", ("1",))], None),
        ([("a", "lt", ("1",))], None),
        ([("a", "gt", ("1",)), ("b", "=", ("x",))], [sent("b", "In", "x")]),
        (
            [("allow", "=", ("true",)), ("testselector", "in", ("a", "b"))],
            [sent("allow", "In", "true"), sent("testselector", "In", "a", "b")],
        ),
        ([("a", "in", ("",))], [sent("a", "In", "")]),
        ([("b", "!", ()), ("x", "Unknown", ()), ("a", "exists", ())], [sent("b", "DoesNotExist"), sent("a", "Exists")]),
    ],
)
def test_label_selectors(terms: list[tuple[str, str, tuple[str, ...]]], expected: Any) -> None:
    """Label terms become requirements; comparisons are dropped, and with them an empty selector (WH-04, examples WH-A)."""
    request = Request("list", "pods", label_selector=tuple(LabelRequirement(*term) for term in terms))
    assert selectors(request) == (None, expected and {"requirements": expected})
