"""Durations in Go's notation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.model.duration import format_duration, parse_duration

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("2s", 2 * SECOND),
        ("1m30s", 90 * SECOND),
        ("500ms", SECOND // 2),
        ("1.5h", 5400 * SECOND),
        ("-1s", -SECOND),
        ("+.5s", SECOND // 2),
        ("1us", 1000),
        ("1µs", 1000),
        ("3ns", 3),
    ],
)
def test_parse(text: str, nanoseconds: int) -> None:
    """Signed sequences of decimal numbers with units are summed."""
    assert parse_duration(text) == nanoseconds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        ("x", 'time: invalid duration "x"'),
        (".s", 'time: invalid duration ".s"'),
        ("5", 'time: missing unit in duration "5"'),
        ("5d", 'time: unknown unit "d" in duration "5d"'),
        ("1s ", 'time: unknown unit "s " in duration "1s "'),
        ("9999999999h", 'time: invalid duration "9999999999h"'),
    ],
)
def test_parse_refuses(text: str, problem: str) -> None:
    """What Go cannot parse is refused in Go's words."""
    with pytest.raises(ValueError) as caught:
        parse_duration(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (3, "3ns"),
        (1500, "1.5µs"),
        (500 * 10**6, "500ms"),
        (2 * SECOND, "2s"),
        (90 * SECOND, "1m30s"),
        (3600 * SECOND, "1h0m0s"),
        (-1500 * 10**6, "-1.5s"),
    ],
)
def test_format(nanoseconds: int, text: str) -> None:
    """Durations are shown as Go shows them."""
    assert format_duration(nanoseconds) == text


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_round_trip(nanoseconds: int) -> None:
    """What is shown is read back as the same duration."""
    assert parse_duration(format_duration(nanoseconds)) == nanoseconds
