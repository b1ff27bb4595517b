"""Label and field selectors (SEL-01 to SEL-16)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import RequestError
from rbaclens.model.request import FieldRequirement, LabelRequirement
from rbaclens.requests.selector_syntax import is_int64, label_key_problems, label_value_problems
from rbaclens.requests.selectors import (
    SelectorError,
    SelectorTerm,
    field_requirements_from_review,
    label_requirements_from_review,
    parse_field_selector,
    parse_label_selector,
    selector_note,
)

Triple = tuple[str, str, str]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", [("a", "=", "b")]),
        ("a==b", [("a", "=", "b")]),
        ("a!=b", [("a", "!=", "b")]),
        ("z=c,x=a,y=b", [("x", "=", "a"), ("y", "=", "b"), ("z", "=", "c")]),
        ("x=a,a=x", [("a", "=", "x"), ("x", "=", "a")]),
        ("a=x,x=a", [("a", "=", "x"), ("x", "=", "a")]),
        ("", []),
        (",", []),
        ("a=a,", [("a", "=", "a")]),
        (",a=a", [("a", "=", "a")]),
        ("a=b,,", [("a", "=", "b")]),
        ("a=", [("a", "=", "")]),
        (r"k=\,,k2=v2", [("k2", "=", "v2"), ("k", "=", ",")]),
        (r"k=\\,k2=v2", [("k2", "=", "v2"), ("k", "=", "\\")]),
        (r"k=\\\,,k2=v2", [("k2", "=", "v2"), ("k", "=", "\\,")]),
        (r"x=a||y\=b", [("x", "=", "a||y=b")]),
        (r"x=a\=\=b", [("x", "=", "a==b")]),
        ("=b", [("", "=", "b")]),
        ("a!b=c", [("a!b", "=", "c")]),
        (" a = b ", [(" a ", "=", " b ")]),
        ("a=\nb", [("a", "=", "\nb")]),
    ],
)
def test_field_selectors(text: str, expected: list[Triple]) -> None:
    """Table SEL-A: terms sorted as text, empty ones skipped, values unescaped (SEL-01 to SEL-05)."""
    assert parse_field_selector(text) == tuple(FieldRequirement(*triple) for triple in expected)


@pytest.mark.parametrize(
    "text",
    ["x=a||y=b", "x==a==b", "a=b=c", "x", "x=a,b", "x in (a)", "x in (a,b,c)", "foo badoperator bar", r"a=\x", "a=\\", "a=\\\\\\"],
)
def test_bad_field_selectors(text: str) -> None:
    """Table SEL-A, errors (SEL-03, SEL-04)."""
    with pytest.raises(SelectorError):
        parse_field_selector(text)


def test_field_selector_message() -> None:
    """The message names the whole selector and the term (SEL-03)."""
    with pytest.raises(SelectorError) as caught:
        parse_field_selector("a=b,foo")
    assert caught.value.message == "invalid selector: 'a=b,foo'; can't understand 'foo'"


LABELS: list[tuple[str, list[tuple[str, str, list[str]]]]] = [
    ("", []),
    (" \t", []),
    ("\rx", [("x", "exists", [])]),
    ("x in (b,a),y", [("x", "in", ["a", "b"]), ("y", "exists", [])]),
    ("x,y in (a)", [("x", "exists", []), ("y", "in", ["a"])]),
    ("!x", [("x", "!", [])]),
    ("! x", [("x", "!", [])]),
    ("x=", [("x", "=", [""])]),
    ("x= ", [("x", "=", [""])]),
    ("x=,y", [("x", "=", [""]), ("y", "exists", [])]),
    ("x==a", [("x", "==", ["a"])]),
    ("x!=a", [("x", "!=", ["a"])]),
    ("x in ()", [("x", "in", [""])]),
    ("x notin ( )", [("x", "notin", [""])]),
    ("x in (abc,)", [("x", "in", ["", "abc"])]),
    ("x in (a,,,)", [("x", "in", ["", "a"])]),
    ("x notin (, a)", [("x", "notin", ["", "a"])]),
    ("x in (abc,abc)", [("x", "in", ["abc"])]),
    (
        "x notin (abc,,def),bar,z in (),w",
        [("bar", "exists", []), ("w", "exists", []), ("x", "notin", ["", "abc", "def"]), ("z", "in", [""])],
    ),
    ("x>1,z<5", [("x", "gt", ["1"]), ("z", "lt", ["5"])]),
    ("0.1.2.domain/99 notin (10.10.100.1, tick.tack.clock)", [("0.1.2.domain/99", "notin", ["10.10.100.1", "tick.tack.clock"])]),
    ("in in (in,notin)", [("in", "in", ["in", "notin"])]),
    ("notin=in", [("notin", "=", ["in"])]),
    ("b,a=2,a=1", [("a", "=", ["2"]), ("a", "=", ["1"]), ("b", "exists", [])]),
    ("a=b \0junk", [("a", "=", ["b"])]),
]


@pytest.mark.parametrize(("text", "expected"), LABELS)
def test_label_selectors(text: str, expected: list[tuple[str, str, list[str]]]) -> None:
    """Table SEL-B: sorted by key and stable, set values sorted, operators as written (SEL-06 to SEL-08)."""
    assert parse_label_selector(text) == tuple(LabelRequirement(key, operator, tuple(values)) for key, operator, values in expected)


@pytest.mark.parametrize(
    "text",
    [
        *["x<a", "x>a", "x>", "x==a==b", "x=a||y=b", "!x=a", "x,,y", ",x,y", "x=a,", "x nott in (y)", "x in (a", "a badop b", "&foo", ","],
        *[
            "!",
            "x in",
            "x in a",
            "x in (a b)",
            "x in (=)",
            "(x)",
            "x)",
            "x in (a),",
            "=v",
            "x=(a)",
            "a/b/c",
            "/a",
            "A.b/c",
            "a/",
            "-a",
            "x=-",
        ],
        *["x=" + "a" * 64, "a" * 64, "a" * 254 + "/x", "x>9223372036854775808", "x=é", "a\0b"],
    ],
)
def test_bad_label_selectors(text: str) -> None:
    """Table SEL-B, errors, and keys and values that are none (SEL-07, SEL-10)."""
    with pytest.raises(SelectorError):
        parse_label_selector(text)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "name part must be non-empty"),
        ("/a", "prefix part must be non-empty"),
        ("A/a", "prefix part a lowercase RFC 1123 subdomain must consist of"),
        ("a" * 254 + "/a", "prefix part must be no more than 253 bytes"),
        ("a" * 64, "name part must be no more than 63 bytes"),
        ("a b", "name part must consist of alphanumeric characters"),
        ("a/b/c", "a qualified name must consist of alphanumeric characters"),
    ],
)
def test_label_key_problems(key: str, problem: str) -> None:
    """Keys are qualified names, and the words are the server's (SEL-07)."""
    assert label_key_problems(key)[0].startswith(problem)
    assert not label_key_problems("example.com/My_Name.1")


def test_label_values_and_integers() -> None:
    """Values have the form of a name or are empty (SEL-07); integers are those of 64 bits."""
    assert not label_value_problems("") and not label_value_problems("A_b.c-1")
    assert label_value_problems("$bad")[0].startswith("a valid label must be an empty string or consist of")
    assert label_value_problems("a" * 64) == ["must be no more than 63 bytes"]
    assert [is_int64(text) for text in ("1", "+1", "-9223372036854775808", "", " 1", "1_0", "٣", "9223372036854775808")] == [True] * 3 + [
        False
    ] * 5


def fields(*terms: tuple[str, str, list[str]]) -> tuple[list[Triple], tuple[str, ...]]:
    kept, errors = field_requirements_from_review("", [SelectorTerm(key, operator, tuple(values)) for key, operator, values in terms])
    return [(item.key, item.operator, item.value) for item in kept], selector_note("fieldSelector", kept, errors)


def labels(*terms: tuple[str, str, list[str]]) -> tuple[list[tuple[str, str, tuple[str, ...]]], tuple[str, ...]]:
    kept, errors = label_requirements_from_review("", [SelectorTerm(key, operator, tuple(values)) for key, operator, values in terms])
    return [(item.key, item.operator, item.values) for item in kept], selector_note("labelSelector", kept, errors)


IGNORED = ("spec.resourceAttributes.fieldSelector ignored due to parse error",)
PARTLY = ("spec.resourceAttributes.fieldSelector partially ignored due to parse error",)


def test_field_requirements_of_reviews() -> None:
    """Table SEL-C, field rows: what can be kept is kept in its order, the rest is noted (SEL-14 to SEL-16)."""
    assert fields(("two", "NotIn", ["banana"]), ("one", "In", ["apple"])) == ([("two", "!=", "banana"), ("one", "=", "apple")], ())
    assert fields(("one", "In", ["a", "b"])) == ([], IGNORED)
    assert fields(("one", "In", [])) == fields(("one", "NotIn", [])) == ([], IGNORED)
    assert fields(("one", "Exists", [])) == ([], IGNORED)
    assert fields(("one", "bad", ["x"]), ("two", "In", ["y"])) == ([("two", "=", "y")], PARTLY)


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (SelectorTerm("a", "Exists", ("x", "y")), "fieldSelectors do not yet support multiple values"),
        (SelectorTerm("a", "In", ()), "fieldSelectors in must have one value"),
        (SelectorTerm("a", "NotIn", ()), "fieldSelectors not in must have one value"),
        (SelectorTerm("a", "Exists", ()), "fieldSelectors do not yet support Exists"),
        (SelectorTerm("a", "DoesNotExist", ()), "fieldSelectors do not yet support DoesNotExist"),
        (SelectorTerm("a", "b\n", ()), '"b\\n" is not a valid field selector operator'),
    ],
)
def test_field_requirement_errors(term: SelectorTerm, message: str) -> None:
    """Why a field requirement is dropped (SEL-14)."""
    assert field_requirements_from_review("", [term]) == ((), [message])


def test_label_requirements_of_reviews() -> None:
    """Table SEL-C, label rows (SEL-13, SEL-15, SEL-16)."""
    four = labels(("one", "In", ["b", "a"]), ("two", "NotIn", ["c"]), ("three", "Exists", []), ("four", "DoesNotExist", []))
    assert four == ([("one", "in", ("b", "a")), ("two", "notin", ("c",)), ("three", "exists", ()), ("four", "!", ())], ())
    partly = ("spec.resourceAttributes.labelSelector partially ignored due to parse error",)
    assert labels(("one", "bad", []), ("two", "Exists", [])) == ([("two", "exists", ())], partly)
    ignored = ("spec.resourceAttributes.labelSelector ignored due to parse error",)
    assert (
        labels(("$", "Exists", []))
        == labels(("a", "In", ["$"]))
        == labels(("a", "In", []))
        == labels(("a", "Exists", ["b"]))
        == ([], ignored)
    )


def test_raw_selectors_of_reviews() -> None:
    """Table SEL-C, raw rows: parsed like a query's; requirements win over them (SEL-12)."""
    assert field_requirements_from_review("foo=bar", []) == ((FieldRequirement("foo", "=", "bar"),), [])
    kept, errors = field_requirements_from_review("&foo", [])
    assert (kept, selector_note("fieldSelector", kept, errors)) == ((), IGNORED)
    assert label_requirements_from_review("foo badop bar", [])[1]
    assert field_requirements_from_review("&foo", [SelectorTerm("a", "In", ("b",))]) == ((FieldRequirement("a", "=", "b"),), [])


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text("ab.", max_size=3), st.sampled_from(["=", "==", "!="]), st.text("a\\,=! é", max_size=5)), max_size=4))
def test_field_selectors_round_trip(terms: list[Triple]) -> None:
    """What is written with escapes is read back, whatever the values hold (SEL-04)."""
    found = parse_field_selector(",".join(key + operator + escaped(value) for key, operator, value in terms))
    expected = [FieldRequirement(key, "!=" if operator == "!=" else "=", value) for key, operator, value in terms]
    assert sorted(found, key=repr) == sorted(expected, key=repr)


NAMES = st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,3}[A-Za-z0-9])?", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NAMES, st.sampled_from(["in", "notin"]), st.lists(NAMES | st.just(""), min_size=1, max_size=3)), max_size=3))
def test_label_selectors_round_trip(terms: list[tuple[str, str, list[str]]]) -> None:
    """Set requirements are read back, sorted and without duplicates (SEL-08)."""
    found = parse_label_selector(",".join(f"{key} {operator} ({','.join(values)})" for key, operator, values in terms))
    expected = [LabelRequirement(key, operator, tuple(sorted(set(values)))) for key, operator, values in terms]
    assert found == tuple(sorted(expected, key=lambda item: item.key))


@settings(max_examples=300, deadline=None)
@given(st.text("ab=!(),<> \\\0in1é", max_size=12) | st.text(max_size=12))
def test_any_selector_parses_or_is_refused(text: str) -> None:
    """Nothing but a ``RequestError`` comes out of either parser."""
    for parse in (parse_field_selector, parse_label_selector):
        try:
            parse(text)
        except RequestError as error:
            assert isinstance(error, SelectorError)
