"""The meaning of YAML as Kubernetes reads it, and its limits."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import PolicyFileError
from rbaclens.sources.text import yaml_documents
from rbaclens.sources.yaml_text import MAX_DEPTH, compose
from rbaclens.sources.yaml_values import Constructor


def value(text, first_line=0):
    data = text if isinstance(text, bytes) else text.encode()
    node = compose(data, "f.yaml", 0, first_line)
    return None if node is None else Constructor("f.yaml", 0, first_line).value(node)


def refused(text):
    with pytest.raises(PolicyFileError) as caught:
        value(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *[(word, True) for word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")],
        *[(word, False) for word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")],
        *[(word, None) for word in ("", "~", "null", "Null", "NULL")],
        ("yEs", "yEs"),
        ("'yes'", "yes"),
        ("2001-12-14", "2001-12-14"),
        ("2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"),
        ("12:30", "12:30"),
        ("1:2:3", "1:2:3"),
        ("1e3", 1000.0),
        ("1_000", 1000),
        ("-12", -12),
        ("+12", 12),
        ("0x1F", 31),
        ("-0b101", -5),
        ("0o17", 15),
        ("017", 15),
        ("018", 18.0),
        ("0", 0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        (".inf", float("inf")),
        ("-.inf", float("-inf")),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("9" * 6000, float("inf")),
        ("0x", "0x"),
        ("1.2.3", "1.2.3"),
        ("-", None),
        ("=", "="),
        ("*.example.com", None),
        ("!!str 12", "12"),
        ("!!int '12'", 12),
        ("!!float 1", 1.0),
        ("!!bool yes", True),
        ("!!null ''", None),
        ("!!binary aGVsbG8=", "hello"),
        ("!!timestamp 2001-12-14", "2001-12-14"),
        ("!!seq [a]", ["a"]),
        ("!!map {a: b}", {"a": "b"}),
    ],
)
def test_scalars(text, expected):
    """Plain scalars mean what go-yaml v2 takes them for: YAML 1.1 without dates and sexagesimal numbers."""
    if text == "*.example.com":
        assert "alias" in refused(text).message
    elif text == "-":
        assert value(text) == [None]
    else:
        got = value(text)
        assert got == expected
        assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on: 1", {"true": 1}),
        ("8080: x", {"8080": "x"}),
        ("010: x", {"8": "x"}),
        ("'on': 1", {"on": 1}),
        ("1.0: x", {"1": "x"}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("d: {c: 3, <<: [{b: 1, c: 2}, {b: 9, e: 5}]}", {"d": {"b": 1, "c": 3, "e": 5}}),
        ("'<<': {a: 1}", {"<<": {"a": 1}}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("a: |\n  x\n  ---y\n", {"a": "x\n---y\n"}),
    ],
)
def test_mappings(text, expected):
    """Keys become texts, aliases and merges are written out."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "words", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3", "'a' stands twice", 3, 1),
        ("x:\n  yes: 1\n  'true': 2", "'true' stands twice", 3, 3),
        ("a: 1\n? [b]\n: c", "expected a text as key", 2, 3),
        ("{{ .Values.x }}: 1", "expected a text as key", 1, 1),
        ("~: 1", "expected a text as key", 1, 1),
        ("a: !custom b", "unknown tag !custom", 1, 4),
        ("a: !!python/object:os.system []", "unknown tag", 1, 4),
        ("a: !!set {b}", "unknown tag", 1, 4),
        ("a: !!int x", "is no !!int", 1, 4),
        ("a: !!binary '%'", "!!binary", 1, 4),
        ("<<: 1", "to merge", 1, 5),
        ("a: &x [*x]", "contains itself", 1, 4),
        ("a: [1\nb: 2", "not valid YAML", None, None),
        ("a: 'x", "not valid YAML", None, None),
        ("a:\n\t- b", "not valid YAML", 2, 1),
        ("a: *nowhere", "undefined alias", 1, 4),
        ("a: \x07", "not valid YAML", None, None),
    ],
)
def test_refused(text, words, line, column):
    """What is not plain data is refused, with the place."""
    error = refused(text)
    assert words in str(error)
    if line:
        assert (error.line, error.column) == (line, column)
    assert error.file == "f.yaml"


def test_lines_count_from_the_files_start():
    """Errors in a later document carry the line of the file."""
    with pytest.raises(PolicyFileError) as caught:
        value("a: 1\na: 2", first_line=10)
    assert caught.value.line == 12


def test_alias_bomb():
    """Nine levels of nine aliases are refused at once, a few hundred honest ones are not."""
    levels = ["a0: &a0 [x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10))]
    assert "aliases expand" in refused("\n".join(levels)).message
    honest = "a: &a [get, list]\nb:\n" + "- *a\n" * 500
    assert len(value(honest)["b"]) == 500


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "{a: " * 50_000,
        "- " * 50_000 + "x",
        "? " * 20_000,
        "\n".join(" " * i + "a:" for i in range(1000)),
        "['" + "]" * 300 + "', " * 1 + "[" * 20_000,
        "".join(f"['{']' * 3}'," for _ in range(20_000)),
        "\n".join(["a0: &a0 [x]", *(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 400))]),
    ],
    ids=["open", "flow", "mappings", "dashes", "questions", "block", "mixed", "decoys", "aliases"],
)
def test_deep_nesting(text):
    """Nesting that would overflow the C stack, or Python's, is refused before it can."""
    error = refused(text)
    assert "nested deeper" in error.message or "not valid YAML" in error.message


def test_nesting_up_to_the_limit():
    """The limit itself is fine."""
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert value(text)
    assert "nested deeper" in refused(f"[{text}]").message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n---\nb: 2\n", [(0, b"a: 1\n"), (9, b"b: 2\n")]),
        ("---\na: 1\n", [(4, b"a: 1\n")]),
        ("# c\n---\n# d\n---\n\n", []),
        ("--- # c\na: 1\n...\n", [(8, b"a: 1\n")]),
        ("%YAML 1.1\n---\na: 1\n---\nb: 2", [(0, b"%YAML 1.1\n---\na: 1\n"), (23, b"b: 2")]),
        ("a: 1\n...\n%YAML 1.1\n---\nb: 2", [(0, b"a: 1\n"), (9, b"%YAML 1.1\n---\nb: 2")]),
        ("--- {a: 1}\n---x: 2\n", [(0, b"--- {a: 1}\n---x: 2\n")]),
        ("a: 1\r\n---\r\nb: 2\r\n", [(0, b"a: 1\r\n"), (11, b"b: 2\r\n")]),
    ],
)
def test_documents(text, expected):
    """Files are split at ``---`` and ``...`` lines, directives stay with their document, empty documents are none."""
    assert [(chunk.start, chunk.data) for chunk in yaml_documents(text.encode())] == expected


def test_json_documents_between_markers():
    """A document that is JSON is read as JSON."""
    chunks = list(yaml_documents(b'{"a": 1}\n---\na: 1\n---\n\t{"b": 2}\n'))
    assert [chunk.json for chunk in chunks] == [True, False, True]


DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


class Dumper(yaml.SafeDumper):
    """PyYAML leaves y, n, 0e0 and the like unquoted, which its own loader takes for texts."""


Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("[yYnN]"), list("yYnN"))
Dumper.add_implicit_resolver("tag:yaml.org,2002:float", re.compile("."), list("-+.0123456789"))


@settings(max_examples=80, deadline=None)
@given(DATA, st.sampled_from([None, True, False]))
def test_dumped_data_come_back(data, flow):
    """What PyYAML writes is read back as it was."""
    assert value(yaml.dump(data, Dumper=Dumper, default_flow_style=flow)) == data


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@,? \n\t0<~.", max_size=60))
def test_any_text_is_read_or_refused(text):
    """Whatever the text, only a value or a ``PolicyFileError`` comes out."""
    try:
        value(text)
    except PolicyFileError as error:
        assert error.line
