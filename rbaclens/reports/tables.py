"""Tables in every format that a command offers: for eyes, for spreadsheets, for other programs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data

FORMATS = ("table", "wide", "json", "yaml", "csv", "markdown", "name")


class Column(msgspec.Struct, frozen=True):
    """One column: its heading, and the cell of a row. A ``wide`` column is left out of the plain table."""

    title: str
    cell: Callable[[Any], str]
    wide: bool = False


def _same(row: Any) -> Any:
    return row


class Table(msgspec.Struct, frozen=True):
    """Rows and how they are shown.

    ``schema`` names the data format and its version. JSON and YAML carry the ``data`` of every row under ``key``, beside
    ``extra``; the other formats show ``columns`` only, so that what only data needs (many places) is not looked up for
    them. ``name`` gives the one word that ``-o name`` prints for a row.
    """

    schema: str
    key: str
    columns: tuple[Column, ...]
    rows: Sequence[Any]
    name: Callable[[Any], str]
    extra: Data = {}
    data: Callable[[Any], Data] = _same


def render_table(table: Table, output: str) -> str:
    """``table`` in one of ``FORMATS``, without a final newline."""
    if output in {"json", "yaml"}:
        return render({"schema": table.schema, **table.extra, table.key: [table.data(row) for row in table.rows]}, output)
    if output == "name":
        return "\n".join(dict.fromkeys(map(table.name, table.rows)))
    columns = [column for column in table.columns if output != "table" or not column.wide]
    titles = [column.title for column in columns]
    cells = [[column.cell(row) for column in columns] for row in table.rows]
    if output == "csv":
        return csv_text([titles, *cells])
    if output == "markdown":
        return markdown_text(titles, cells)
    return plain_text(titles, cells)


def plain_text(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Columns padded with spaces, headings in capitals, as kubectl prints them."""
    widths = [max(map(len, column)) for column in zip(titles, *cells, strict=True)]
    pattern = "   ".join(f"{{:<{width}}}" for width in widths)
    rows = [[title.upper() for title in titles], *cells]
    return "\n".join([_printable(pattern.format(*row)).rstrip() for row in rows])


def markdown_text(titles: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A table for a pull request or a page; what would end a cell or begin markup is escaped."""
    from tabulate import tabulate

    escaped = [[cell.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;") for cell in row] for row in cells]
    return tabulate(escaped, titles, tablefmt="pipe", disable_numparse=True)


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Comma-separated values that no spreadsheet takes for formulas."""
    import csv

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().rstrip("\n")


def harmless(cell: str) -> str:
    """``cell`` with an apostrophe before it where a spreadsheet would read a formula (a leading = + - @, tab or return)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(char if char.isprintable() else "?" for char in line)


def place_cell(key: str) -> Callable[[Data], str]:
    """A cell that shows ``row[key]``, a place, as ``file:line``."""

    def cell(row: dict[str, Any]) -> str:
        at = row.get(key)
        return (f"{at['file']}:{at['line']}" if at.get("line") else str(at["file"])) if at else ""

    return cell


def text_cell(key: str) -> Callable[[Data], str]:
    """A cell that shows ``row[key]``; a list is joined by commas."""

    def cell(row: dict[str, Any]) -> str:
        value = row.get(key, "")
        return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)

    return cell
