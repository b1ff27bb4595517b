"""Requests in the review API's field names (WH-03 to WH-05)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import RequestError
from rbaclens.model.request import FieldRequirement, LabelRequirement, Request
from rbaclens.requests.attributes import attributes_line, attributes_object
from rbaclens.requests.http import HttpAttributes, attributes_from_http
from rbaclens.requests.review import parse_review

CONFORMANCE = Path(__file__).parent.parent / "conformance"


def line(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(attributes_line(json.dumps({"method": method, "path": path}).encode()))
    return found


def test_resource_and_path() -> None:
    """Exactly one block, with its empty fields left out (WH-03)."""
    assert line("PUT", "/apis/apps/v1/namespaces/ns/deployments/web/scale") == {
        "resourceAttributes": {
            "verb": "update",
            "namespace": "ns",
            "group": "apps",
            "version": "v1",
            "resource": "deployments",
            "subresource": "scale",
            "name": "web",
        }
    }
    assert line("OPTIONS", "/api/v1/pods") == {"resourceAttributes": {"version": "v1", "resource": "pods"}}
    assert line("HEAD", "/healthz/") == {"nonResourceAttributes": {"path": "/healthz/", "verb": "head"}}


@pytest.mark.parametrize("path", ["/api/v1/watch", "/api/v1/pods%"])
def test_refused_requests_are_answers(path: str) -> None:
    """What the server refuses comes as its error text (RI-11)."""
    with pytest.raises(RequestError) as caught:
        attributes_from_http("GET", path)
    assert line("GET", path) == {"error": caught.value.message} == attributes_object(caught.value)


F, L = FieldRequirement, LabelRequirement


@pytest.mark.parametrize(
    ("fields", "labels", "sent"),
    [
        ([F("foo", "=", "bar")], [], {"fieldSelector": [("foo", "In", ["bar"])]}),
        ([F("foo", "!=", "bar")], [], {"fieldSelector": [("foo", "NotIn", ["bar"])]}),
        ([F("foo", "exists", "")], [], {}),
        ([], [L("a", "in", ("x", "y"))], {"labelSelector": [("a", "In", ["x", "y"])]}),
        ([], [L("a", "=", ("x",)), L("a", "!=", ("x",))], {"labelSelector": [("a", "In", ["x"]), ("a", "NotIn", ["x"])]}),
        ([], [L("a", "exists"), L("a", "!")], {"labelSelector": [("a", "Exists", None), ("a", "DoesNotExist", None)]}),
        ([], [L("a", "gt", ("1",))], {}),
        ([], [L("a", "gt", ("1",)), L("b", "==", ("x",))], {"labelSelector": [("b", "In", ["x"])]}),
    ],
)
def test_selector_operators(fields: list[F], labels: list[L], sent: dict[str, list[tuple[str, str, list[str] | None]]]) -> None:
    """Table WH-A: operators in the API's names, what has none is left out, nothing left is no selector (WH-04)."""
    found = attributes_object(Request("list", "pods", version="", field_selector=tuple(fields), label_selector=tuple(labels)))
    expected: dict[str, Any] = {"verb": "list", "resource": "pods"}
    for name, terms in sent.items():
        items = [{"key": key, "operator": operator} | ({"values": values} if values else {}) for key, operator, values in terms]
        expected[name] = {"requirements": items}
    assert found == {"resourceAttributes": expected}


@pytest.mark.parametrize(
    ("query", "selectors"),
    [
        ("fieldSelector=b!=2,a=", {"fieldSelector": {"requirements": [("a", "In", [""]), ("b", "NotIn", ["2"])]}}),
        ("labelSelector=a>1,b=x", {"labelSelector": {"rawSelector": "a>1,b=x"}}),
        ("fieldSelector=bogus&labelSelector=,", {"fieldSelector": {"rawSelector": "bogus"}, "labelSelector": {"rawSelector": ","}}),
        ("fieldSelector=,&labelSelector=", {}),
    ],
)
def test_selectors_of_a_query(query: str, selectors: dict[str, Any]) -> None:
    """Requirements where they say it all, else the raw text; nothing where a selector selects everything (ATTR-03, WH-05)."""
    found = line("GET", f"/api/v1/pods?{query}")["resourceAttributes"]
    for selector in selectors.values():
        if "requirements" in selector:
            selector["requirements"] = [dict(zip(("key", "operator", "values"), term, strict=True)) for term in selector["requirements"]]
    assert found == {"verb": "list", "version": "v1", "resource": "pods"} | selectors


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"method": "GET"}', b'{"method": "GET", "path": 1}', b"\xff", b"[" * 100_000])
def test_unreadable_lines(raw: bytes) -> None:
    """A line that is no request is an error of the input, not an answer."""
    with pytest.raises(RequestError, match="not a line"):
        attributes_line(raw)


def test_recorded_requests() -> None:
    """Every recorded request gets the attributes of the server's audit log."""
    renamed = {"group": "apiGroup", "version": "apiVersion"}
    for file in sorted(CONFORMANCE.glob("http-*/http.jsonl")):
        for text in file.read_text().splitlines():
            row = json.loads(text)
            found = line(row["method"], row["path"])
            if "verb" not in row:
                assert list(found) == ["error"], row
                continue
            block = found.get("resourceAttributes", found.get("nonResourceAttributes"))
            assert block.pop("verb", "") == row["verb"], row
            reference = {renamed.get(key, key): value for key, value in block.items() if not key.endswith("Selector")}
            assert reference == (row["objectRef"] or {"path": row["path"].partition("?")[0]}), row


PARTS = st.lists(st.sampled_from(["namespaces", "pods", "a", "status", "watch", "proxy", "", "%2F", "é"]), max_size=5).map("/".join)
QUERIES = st.lists(
    st.sampled_from(["watch=1", "fieldSelector=metadata.name=x", "fieldSelector=a!=b,c=d", "labelSelector=a+in+(b)", "labelSelector=a>1"])
    | st.sampled_from(["labelSelector=,", "fieldSelector=x", "limit=", "watch=0", "labelSelector=!b,c"])
).map("&".join)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["GET", "DELETE", "POST", "HEAD"]), st.builds("/api/v1/{}?{}".format, PARTS, QUERIES))
def test_attributes_as_a_review_ask_the_same(method: str, path: str) -> None:
    """A review made of the printed attributes is the request that was printed."""
    try:
        http: HttpAttributes = attributes_from_http(method, path)
    except RequestError:
        return
    printed = attributes_object(http)
    document = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": "u", **printed}}
    asked = parse_review(json.dumps(document).encode()).request
    assert (asked.verb, asked.path, asked.combined, asked.name, asked.namespace) == (
        http.request.verb,
        http.request.path,
        http.request.combined,
        http.request.name,
        http.request.namespace,
    )
    assert asked.field_selector == http.request.field_selector
    as_review = {"==": "in", "=": "in", "!=": "notin"}
    if all(item.operator not in ("gt", "lt") for item in http.request.label_selector):
        expected = http.request.label_selector
        assert [(i.key, i.operator, i.values) for i in asked.label_selector] == [
            (i.key, as_review.get(i.operator, i.operator), i.values) for i in expected
        ]
