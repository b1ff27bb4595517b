"""Identities as CSV: ``user,groups`` or ``user,group``, with or without a header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Origin
from rbaclens.sources.identities import Collector
from rbaclens.sources.positions import LINE_STEP

_USER = ("user", "name", "username")
_GROUPS = ("groups", "group")
_HELP = "write user,groups with the groups separated by ; or one user,group a line"


class _Header(NamedTuple):
    """Which columns count; ``spaces``: groups may be separated by spaces as well."""

    width: int
    user: int
    groups: int
    spaces: bool


_NO_HEADER = _Header(2, 0, 1, False)


def read_csv(data: bytes, out: Collector) -> None:
    """Add the users and groups of CSV text. Raises PolicyFileError.

    A header may name more columns than these two. A ``groups`` column is split at ``;`` and, where there is none, at
    spaces; a ``group`` column and rows without a header at ``;`` only, so that a group's name may hold spaces.
    """
    header: _Header | None = None
    for line, row in _rows(data.decode(), out):
        if header is None:
            header = _header(row)
            if header is not None:
                continue
            header = _NO_HEADER
        if len(row) != header.width:
            raise _error(f"{len(row)} columns, where {header.width} are expected", line, out)
        user = row[header.user].strip()
        if not user:
            raise _error("the user name is empty", line, out)
        origin = Origin(out.name, 0, (LINE_STEP, line))
        out.add(user, [(group, origin) for group in _split(row[header.groups], header.spaces)])


def _rows(written: str, out: Collector) -> Iterator[tuple[int, list[str]]]:
    """The rows with the line that each starts on; blank ones and comments are passed over."""
    reader = csv.reader(io.StringIO(written, newline=""), strict=True, skipinitialspace=True)
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not row[0].startswith("#"):
                yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise _error(f"not valid CSV: {error}", start, out) from None


def _header(row: list[str]) -> _Header | None:
    titles = [cell.strip().lower() for cell in row]
    user = next((titles.index(title) for title in _USER if title in titles), None)
    groups = next((titles.index(title) for title in _GROUPS if title in titles), None)
    if user is None or groups is None:
        return None
    return _Header(len(row), user, groups, titles[groups] == "groups")


def _split(cell: str, spaces: bool) -> list[str]:
    parts = cell.split(";") if ";" in cell or not spaces else cell.split()
    return [part.strip() for part in parts if part.strip()]


def _error(message: str, line: int, out: Collector) -> PolicyFileError:
    return PolicyFileError(message, _HELP, file=out.name, line=line)
