"""Files of access reviews."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.requests.review import Review
from rbaclens.requests.review_files import reviews_from_file_text


def review(user: str) -> dict[str, Any]:
    spec = {"user": user, "nonResourceAttributes": {"path": "/", "verb": "get"}}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}


def line(user: str) -> str:
    return json.dumps(review(user))


def read(text: str | bytes) -> list[tuple[int, str]]:
    data = text.encode() if isinstance(text, str) else text
    return [(number, item.request.user if isinstance(item, Review) else "error") for number, item in reviews_from_file_text(data)]


YAML = """\
# two of them
apiVersion: authorization.k8s.io/v1
kind: SubjectAccessReview
spec:
  user: {}
  nonResourceAttributes: {{path: /, verb: get}}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# nothing\n---\n", []),
        (line("a"), [(1, "a")]),
        (line("a") + "\r\n\n" + line("b") + "\n", [(1, "a"), (3, "b")]),
        ("\ufeff" + line("a") + "\n" + line("b"), [(1, "a"), (2, "b")]),
        (line("a") + "\n{broken\n" + line("b"), [(1, "a"), (2, "error"), (3, "b")]),
        (line("a")[:-5] + "\n" + line("b"), [(1, "error"), (2, "b")]),
        ("[]\n" + line("b"), [(1, "error"), (2, "b")]),
        (json.dumps(review("a"), indent="\t"), [(1, "a")]),
        (json.dumps(review("a"), indent=1) + "\n\n" + json.dumps(review("b"), indent=1), [(1, "a"), (13, "b")]),
        (json.dumps(review("a"), indent=1) + "\n{", [(1, "a"), (1, "error")]),
        (YAML.format("a") + "---\n" + YAML.format("b"), [(2, "a"), (9, "b")]),
        (YAML.format("5") + "---\n" + YAML.format("b"), [(2, "error"), (9, "b")]),
        ("a: [\n---\n" + YAML.format("b"), [(2, "error"), (4, "b")]),
        ("---\n" + line("a") + "\n---\n" + line("b"), [(2, "a"), (4, "b")]),
        (json.dumps({"kind": "List", "items": [review("a"), 5, review("b")]}), [(1, "a"), (1, "error"), (1, "b")]),
        ("kind: SubjectAccessReviewList\nitems:\n- " + line("a") + "\n- " + line("b"), [(1, "a"), (1, "b")]),
        ("just words", [(1, "error")]),
        ("a: &a [*a]", [(1, "error")]),
        ('a: "\\ud800"', [(1, "error")]),
        ("%YAML 1.1\n---\n" + YAML.format("a"), [(4, "a")]),
        ("%YAML 1.1\n", [(2, "error")]),
        (b"\x00\x01", [(1, "error")]),
        (b"a\n\xff", [(2, "error")]),
    ],
)
def test_files(text: str | bytes, expected: list[tuple[int, str]]) -> None:
    """Reviews come in order with their lines; what is broken comes in its place and spoils no other line or document."""
    assert read(text) == expected


def test_list_items_are_named() -> None:
    """An error in a list says which item it is about."""
    text = json.dumps({"kind": "List", "items": [review("a"), review("")]}).encode()
    found = [item for _, item in reviews_from_file_text(text)]
    assert str(found[1]).startswith('items[1]: SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user')


def test_yaml_is_answered_as_json() -> None:
    """What came as YAML is kept as one line of JSON."""
    ((_, found),) = reviews_from_file_text(YAML.format("a").encode())
    assert isinstance(found, Review)
    assert json.loads(found.raw) == review("a") and b"\n" not in found.raw


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=30) | st.text("{}[]:-&*!\"'#| \nab1", max_size=30).map(str.encode))
def test_any_file_is_read_without_raising(data: bytes) -> None:
    """Errors are answers here."""
    for number, found in reviews_from_file_text(data):
        assert number >= 1 and found
