"""docs/semantics.md tells the truth: its files exist, its tests hold its rules, and no rule is missing.

The rule for a row ``| rules | meaning | in | held by |``: all its files exist, each id of the row is cited somewhere in the
package or its tests, and together the tests of the row cite at least one of its ids. A citation is the id as text or a
range such as ``RI-01 to RI-38`` or ``RI-01..38``.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "semantics.md").read_text("utf-8")
RANGE = re.compile(r"\b(RI|ATTR|RBAC|SSRR|ABAC|NODE|WH|ESC|VAL|SEL|SAR|X)-(\d\d)(?:(?:\.\.| to )(?:\1-)?(\d\d)\b)?")

# Every number that a family has.
FAMILIES = {
    "X": [range(1, 9)],
    "RI": [range(1, 39)],
    "ATTR": [range(1, 33)],
    "RBAC": [range(1, 62)],
    "SSRR": [range(1, 24)],
    "ABAC": [range(1, 27), range(30, 35)],
    "NODE": [range(1, 29), range(30, 55), range(60, 68)],
    "WH": [range(1, 37)],
    "ESC": [range(1, 12), range(20, 28), range(30, 48), range(50, 76)],
    "VAL": [range(1, 24)],
    "SEL": [range(1, 19)],
    "SAR": [range(1, 25)],
}
ALL_RULES = {f"{family}-{number:02}" for family, parts in FAMILIES.items() for part in parts for number in part}


def cited(text: str) -> set[str]:
    """Every rule that ``text`` cites, ranges filled in (with what exists)."""
    found: set[str] = set()
    for family, first, last in RANGE.findall(text):
        found.update(f"{family}-{number:02}" for number in range(int(first), int(last or first) + 1))
    return found & ALL_RULES


@cache
def file_cites(path: Path) -> set[str]:
    return cited(path.read_text("utf-8"))


def rows(columns: int) -> list[list[str]]:
    """The cells of every table row with that many columns whose first cell is rule ids."""
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in DOCUMENT.splitlines() if line.startswith("| ")]
    return [cells for cells in found if len(cells) == columns and RANGE.match(cells[0])]


IMPLEMENTED, NAMED = rows(4), rows(3)


def files(cell: str, below: str) -> list[Path]:
    return [ROOT / below / name.strip() for name in cell.split(",")]


def test_every_table_is_read():
    """No row falls through the parser: each line of a table is a heading, a rule of dashes, a prefix or one of the rows."""
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("|")]
    prefixes = [line for line in lines if re.match(rf"\| ({'|'.join(FAMILIES)}) \|", line)]
    others = [line for line in lines if re.match(r"\|(---\|)+$", line) or line.startswith(("| rules |", "| prefix |"))]
    assert len(prefixes) == len(FAMILIES)
    assert len(lines) == len(IMPLEMENTED) + len(NAMED) + len(prefixes) + len(others)


@pytest.mark.parametrize("row", [*IMPLEMENTED, *NAMED], ids=lambda row: row[0])
def test_ids_are_written_one_way(row):
    """Ids are separated by commas, ranges go up, every one of them exists, and no cell is empty."""
    for part in row[0].split(", "):
        match = re.fullmatch(r"([A-Z]+)-(\d\d)(?:\.\.(\d\d))?", part)
        assert match, part
        first, last = int(match[2]), int(match[3] or match[2])
        assert first <= last
        assert {f"{match[1]}-{first:02}", f"{match[1]}-{last:02}"} <= ALL_RULES
    assert all(row)


@pytest.mark.parametrize("row", IMPLEMENTED, ids=lambda row: row[0])
def test_files_exist(row):
    """Modules and tests are where the row says."""
    assert [str(path) for path in files(row[2], "rbaclens") + files(row[3], "tests") if not path.is_file()] == []


@pytest.mark.parametrize("row", IMPLEMENTED, ids=lambda row: row[0])
def test_tests_cite_the_rules(row):
    """Together the row's tests cite at least one of its rules, and each test file cites some rule."""
    tests = [file_cites(path) for path in files(row[3], "tests")]
    assert all(tests)
    assert set().union(*tests) & cited(row[0])


def test_every_implemented_rule_is_cited():
    """Each id of the tables stands in the package or its tests, where a reader can find it."""
    found: set[str] = set()
    for folder in ("rbaclens", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            if path != Path(__file__):
                found |= file_cites(path)
    wanted = set().union(*(cited(row[0]) for row in IMPLEMENTED))
    assert sorted(wanted - found) == []


def test_no_rule_is_missing_or_stands_twice():
    """Every rule of every family stands in exactly one row."""
    counted = Counter(rule for row in [*IMPLEMENTED, *NAMED] for rule in cited(row[0]))
    assert sorted(ALL_RULES - set(counted)) == []
    assert sorted(rule for rule, times in counted.items() if times > 1) == []


def test_other_files_and_rules_in_the_text_exist():
    """Every file and rule that the text mentions outside of the first and last columns is real."""
    assert {f"{family}-{number}" for family, number, _ in RANGE.findall(DOCUMENT)} <= ALL_RULES
    for name in re.findall(r"\b[a-z_]+/test_[a-z_]+\.py", DOCUMENT):
        assert (ROOT / "tests" / name).is_file()
    for name in re.findall(r"`((?:rbaclens|tests)/[a-z_/]+)`", DOCUMENT):
        assert (ROOT / name).is_dir()
