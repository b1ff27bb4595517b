"""Reading ABAC files: recorded server behaviour, and the conversion tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import AbacFileError
from rbaclens.sources import read_abac
from rbaclens.sources.abac import MAX_LINE_BYTES, is_abac

CONFORMANCE = Path(__file__).parents[1] / "conformance"
FILES = [json.loads(line) for line in (CONFORMANCE / "abac-files" / "abac-files.jsonl").read_text("utf-8").splitlines()]
V1BETA1 = "abac.authorization.kubernetes.io/v1beta1"
V0 = "abac.authorization.kubernetes.io/v0"
EVERYONE = "system:authenticated"


def may_get_pods(policies, user):
    """Spec 5.3 for one request: get pods in projectCaribou, by an authenticated user."""
    return any(
        (policy.user or policy.group)
        and policy.user in ("", user)
        and policy.group in ("", EVERYONE)
        and policy.namespace in ("*", "projectCaribou")
        and policy.resource in ("*", "pods")
        and policy.api_group in ("*", "")
        for policy in policies
    )


def read(text):
    return read_abac(text if isinstance(text, bytes) else text.encode(), "policy.jsonl")


def line(spec, **more):
    return json.dumps({"apiVersion": V1BETA1, "kind": "Policy", "spec": spec, **more})


@pytest.mark.parametrize("recorded", FILES, ids=range(len(FILES)))
def test_recorded_files(recorded):
    """Which files a server starts with, its exact words where it does not, and what they allow (ABAC-02 to ABAC-09)."""
    if not recorded["loads"]:
        with pytest.raises(AbacFileError) as caught:
            read(recorded["file"])
        error = caught.value
        words = f"invalid authorization config: error reading policy file policy.jsonl, line {error.line}: {error.message}"
        assert words == json.loads(recorded["error"])
        return
    policies = read(recorded["file"])
    assert {user: may_get_pods(policies, user) for user in ("bob", "zed")} == recorded["getPodsInProjectCaribou"]


@pytest.mark.parametrize("path", sorted(CONFORMANCE.glob("abac-*/policy.jsonl")), ids=lambda path: path.parent.name)
def test_recorded_policies_load(path):
    """Every file that a server ran with loads, a policy for every line."""
    data = path.read_bytes()
    assert len(read_abac(data, "f")) == len([one for one in data.splitlines() if one.strip() and not one.strip().startswith(b"#")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", ("", EVERYONE, "*", "*", "*", "*")),
        ('{"user":"*"}', ("", EVERYONE, "*", "*", "*", "*")),
        ('{"group":"*"}', ("", EVERYONE, "*", "*", "*", "*")),
        ('{"user":"bob"}', ("bob", "", "*", "*", "*", "*")),
        ('{"group":"bob"}', ("", "bob", "*", "*", "*", "*")),
        ('{"resource":"foo"}', ("", EVERYONE, "*", "foo", "*", "")),
        ('{"namespace":"ns","resource":"foo"}', ("", EVERYONE, "ns", "foo", "*", "")),
        ('{"namespace":"foo"}', ("", EVERYONE, "foo", "*", "*", "")),
        ('{"user":"*","group":"admins"}', ("", EVERYONE, "*", "*", "*", "*")),
        ('{"user":"bob","readonly":true,"nonResourcePath":"*"}', ("bob", "", "*", "*", "*", "*")),
        ('{"kind":"Policy","spec":{"user":"bob","resource":"pods"}}', ("", EVERYONE, "*", "*", "*", "*")),
        (line({"user": "*"}), ("", EVERYONE, "", "", "", "")),
        (line({"group": "*"}), ("", EVERYONE, "", "", "", "")),
        (line({"user": "*", "group": "admins"}), ("", EVERYONE, "", "", "", "")),
        (line({"user": "bob"}), ("bob", "", "", "", "", "")),
        (line({"group": "bob"}), ("", "bob", "", "", "", "")),
        (line(None), ("", "", "", "", "", "")),
        (line({"User": "bob"}), ("", "", "", "", "", "")),
        (line({"user": "u", "apiGroup": "g", "nonResourcePath": "/p"}), ("u", "", "", "", "g", "/p")),
        ('{"User":"bob"}', ("", EVERYONE, "*", "*", "*", "*")),
        ("user: bob", ("bob", "", "*", "*", "*", "*")),
        ("---", ("", EVERYONE, "*", "*", "*", "*")),
        (json.dumps({"apiVersion": V0, "kind": "Policy", "user": "bob"}), ("bob", "", "*", "*", "*", "*")),
        (json.dumps({"apiVersion": V0, "user": "bob"}), ("bob", "", "*", "*", "*", "*")),
        (json.dumps({"kind": "Policy", "user": "bob"}), ("bob", "", "*", "*", "*", "*")),
        ('{"user":"a","user":"b"}', ("b", "", "*", "*", "*", "*")),
        ('{"user":"a","user":null}', ("a", "", "*", "*", "*", "*")),
        (
            f'{{"apiVersion":"{V1BETA1}","kind":"Policy","spec":{{"user":"a"}},"spec":{{"resource":"r"}}}}',
            ("a", "", "", "r", "", ""),
        ),
        (json.dumps({"ApiVersion": V1BETA1, "KIND": "Policy", "spec": {"user": "a"}}), ("a", "", "", "", "", "")),
    ],
)
def test_conversion(text, expected):
    """Examples ABAC-A, and what leniency makes of odd lines (ABAC-08 to ABAC-14)."""
    (policy,) = read(text)
    assert (policy.user, policy.group, policy.namespace, policy.resource, policy.api_group, policy.non_resource_path) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (json.dumps({"apiVersion": V1BETA1, "spec": {}}), "converting (v1beta1.Policy) to (v0.Policy): unknown conversion"),
        (json.dumps({"apiVersion": "v1", "kind": "Policy"}), 'no kind "Policy" is registered for version "v1"'),
        (json.dumps({"kind": "Polcy"}), 'no kind "Polcy" is registered'),
        (json.dumps({"apiVersion": "a/b/c", "kind": "Policy"}), "unexpected GroupVersion string: a/b/c"),
        ('{"user":"bob"} # bob', "invalid character '#' after top-level value"),
        ('{"user":}', "invalid character '}' looking for beginning of value"),
        ('{"user" "bob"}', "invalid character '\"' after object key"),
        ('{"user":"bob" "group":"x"}', "invalid character '\"' after object key:value pair"),
        ('{"user":"bo', "unexpected end of JSON input"),
        ('{"user":NaN}', "looking for beginning of value"),
        ('{"readonly":"yes"}', "cannot unmarshal string into Go struct field Policy.readonly of type bool"),
        (line("x"), "cannot unmarshal string into Go struct field Policy.spec of type v1beta1.PolicySpec"),
        (line({"user": []}), "cannot unmarshal array into Go struct field PolicySpec.spec.user of type string"),
        ('{"kind":1}', "cannot unmarshal number into Go struct field .kind of type string"),
        ("user: [bob", "not valid YAML"),
        ('{"user":' * 3000, ""),
        ('{"user":' + "9" * 6000 + "}", "cannot unmarshal number"),
    ],
)
def test_refused_lines(text, words):
    """A bad line stops the server, and the error names its physical line (ABAC-06, ABAC-07)."""
    with pytest.raises(AbacFileError, match=r"^policy\.jsonl:3: ") as caught:
        read(f"# one\n\n{text}\n{{}}\n")
    assert words in caught.value.message
    assert caught.value.line == 3


def test_long_lines():
    """A line may have one byte less than 64 KiB before its end, and no more (ABAC-03)."""
    fits = '{"user":"' + "b" * (MAX_LINE_BYTES - 11) + '"}'
    assert len(read(fits + "\n{}")) == 2
    with pytest.raises(AbacFileError, match="token too long"):
        read(" " + fits)


def test_lines_and_evidence():
    """Blank and comment lines count; the evidence is the line as written (ABAC-02, ABAC-06)."""
    first, second = read('# c\r\n\r\n  {"user":"bob"}\u00a0\r\n\t# c\n{"group":"x"}')
    assert (first.line, first.written, first.version) == (3, '{"user":"bob"}', "v0")
    assert (second.line, second.origin.file) == (5, "policy.jsonl")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (line({}), True),
        ("# comment\n\n" + line({}), True),
        ("\ufeff" + line({}), True),
        ('{"user":"bob"}', True),
        ('{"user":"bob","nonResourcePath":"*"}', True),
        (json.dumps({"apiVersion": V0, "user": "x"}), True),
        (json.dumps({"apiVersion": "abac.authorization.kubernetes.io/v9"}), True),
        ("{}", False),
        ('{"user":"bob","name":"x"}', False),
        (json.dumps({"apiVersion": "v1", "kind": "List", "items": []}), False),
        (json.dumps({"kind": "Policy", "spec": {}}), False),
        ('{"user":\n"bob"}', False),
        ("user: bob", False),
        ("", False),
        ("# only", False),
    ],
)
def test_recognition(text, expected):
    """A file is an ABAC file by its first line that is no comment."""
    assert is_abac(text.encode()) is expected


TOKENS = [
    "{",
    "}",
    '"user"',
    '"spec"',
    ":",
    ",",
    '"bob"',
    "true",
    "null",
    "1",
    "[",
    "]",
    " ",
    "\n",
    "#",
    "-",
    "\t",
    "\\",
    "\x85",
    "é",
    "user: x",
]


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60) | st.lists(st.sampled_from(TOKENS), max_size=14).map(lambda parts: "".join(parts).encode()))
def test_any_bytes_load_or_are_refused(data):
    """Whatever the bytes, only policies or an ``AbacFileError`` come out."""
    try:
        read(data)
    except AbacFileError as error:
        assert error.line
