"""Matrices: verbs against resources, subjects or namespaces, in every format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from rbaclens.index.atoms import Atom, Target, bits, verb_order
from rbaclens.index.matrix import Matrix, Person, Reach, Row
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data
from rbaclens.reports.permissions import CLUSTER_SCOPE, scope_text
from rbaclens.reports.tables import csv_text, markdown_text, plain_text

SCHEMA = "rbaclens.matrix/v1"
YES = "yes"
NAMES = "/names"
"""What stands behind a scope in which a permission is held on certain object names only: ``shop/names``, ``*/names``."""

LEGEND = "yes: everywhere   3: in that many namespaces   ~: somewhere on certain names only   (-o wide names the namespaces)"
LOCAL_LEGEND = "yes: on every name   names: on certain names only"
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Grid(msgspec.Struct, frozen=True):
    """A matrix ready to be written: what begins a row, what stands over the cells, and the rows, made as they are read.

    A cell is empty, ``yes``, or the scopes in which the permission is held, joined by spaces. ``extra`` stands beside the rows
    in JSON and YAML. ``scoped`` is false where cells are words or numbers of their own, and no lists of scopes.
    """

    titles: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Iterable[tuple[tuple[str, ...], Sequence[str]]]
    extra: Data = {}
    legend: str = LEGEND
    scoped: bool = True


class Cells:
    """The cells of rows over one matrix. What many rows have in common is written once."""

    def __init__(self, atoms: Sequence[Atom], namespace: str | None = None) -> None:
        """``namespace`` confines the cells to requests there (empty: at the cluster scope)."""
        self._count = len(atoms)
        self._namespace = namespace
        self._bases: dict[Reach, list[str]] = {}
        self._numbers: dict[int, tuple[int, ...]] = {}

    def of(self, row: Row) -> list[str]:
        """The cells of ``row``, one an atom."""
        if self._namespace is not None:
            return list(self._base(row.within(self._namespace), "names"))
        cells = list(self._base(row.reaches.get(EVERYWHERE, Reach()), EVERYWHERE + NAMES))
        for scope in sorted(row.reaches):
            if scope != EVERYWHERE:
                # A namespace may be called "yes"; no namespace has a slash in its name.
                label = f"namespace/{YES}" if scope == YES else scope_text(scope)
                for mask, text in zip(row.reaches[scope], (label, label + NAMES), strict=True):
                    for number in self._set_in(mask):
                        cells[number] = f"{cells[number]} {text}" if cells[number] else text
        return cells

    def _base(self, reach: Reach, named: str) -> list[str]:
        base = self._bases.get(reach)
        if base is None:
            base = self._bases[reach] = [""] * self._count
            for mask, text in zip(reach, (YES, named), strict=True):
                for number in bits(mask):
                    base[number] = text
        return base

    def _set_in(self, mask: int) -> tuple[int, ...]:
        found = self._numbers.get(mask)
        if found is None:
            found = self._numbers[mask] = bits(mask)
        return found


def everybody_grid(matrix: Matrix, people: Iterable[Person], namespace: str | None = None) -> Grid:
    """Subjects against every atom, the verb before the resource: ``get pods``."""
    cells = Cells(matrix.atoms, namespace)
    rows = (((row.person.kind, row.person.name), cells.of(row)) for row in matrix.rows(people))
    return Grid(("kind", "name"), tuple(map(str, matrix.atoms)), rows, {}, *_reading(namespace))


def verb_grid(matrix: Matrix, people: Iterable[Person], verb: str, namespace: str | None = None) -> Grid:
    """Subjects that hold anything of one verb against what they hold it on; ``matrix`` has atoms of that verb alone."""
    cells = Cells(matrix.atoms, namespace)
    rows = [((row.person.kind, row.person.name), cells.of(row)) for row in matrix.rows(people)]
    grid = Grid(("kind", "name"), tuple(str(atom.target) for atom in matrix.atoms), rows, {"verb": verb}, *_reading(namespace))
    return without_empty(grid)


def subject_grid(matrix: Matrix, person: Person, namespace: str | None = None) -> Grid:
    """Resources against verbs for one subject, where there is anything at all."""
    row = matrix.row(person)
    cells = dict(zip(matrix.atoms, Cells(matrix.atoms, namespace).of(row), strict=True))
    targets = sorted({atom.target for atom in matrix.atoms})
    verbs = sorted({atom.verb for atom in matrix.atoms}, key=verb_order)
    rows = [((str(target),), [cells.get(Atom(target, verb), "") for verb in verbs]) for target in targets]
    return without_empty(Grid(("resource",), tuple(verbs), rows, {}, *_reading(namespace)))


def namespace_grid(matrix: Matrix, person: Person, target: Target | None, namespace: str | None = None) -> Grid:
    """Namespaces against verbs for one subject: on ``target``, or (``None``) on how many resources and URLs.

    The first row is what holds everywhere; a namespace has one of its own where more is held there.
    """
    row = matrix.row(person)
    verbs = sorted({atom.verb for atom in matrix.atoms}, key=verb_order)
    masks = {verb: sum(1 << i for i, atom in enumerate(matrix.atoms) if atom.verb == verb) for verb in verbs}
    rows = []
    for scope in sorted({EVERYWHERE, *row.reaches}, key=lambda scope: (scope != EVERYWHERE, scope)) if namespace is None else [namespace]:
        full, named = row.within(scope)
        counts = [((full & mask).bit_count(), (named & mask).bit_count()) for mask in masks.values()]
        rows.append(((scope_text(scope),), [_counted(*count, single=target is not None) for count in counts]))
    legend = LOCAL_LEGEND if target else "3: on that many resources, subresources and URLs   ~: on others by certain names only"
    return without_empty(Grid(("namespace",), tuple(verbs), rows, {"resource": str(target)} if target else {}, legend, scoped=False))


def _counted(full: int, named: int, *, single: bool) -> str:
    if single:
        return YES if full else "names" if named else ""
    return (str(full) if full else "") + ("~" if named else "")


def _reading(namespace: str | None) -> tuple[str, bool]:
    """The legend, and whether cells are lists of scopes."""
    return (LEGEND, True) if namespace is None else (LOCAL_LEGEND, False)


def without_empty(grid: Grid) -> Grid:
    """``grid`` without the rows and columns in which there is nothing."""
    rows = [(head, cells) for head, cells in grid.rows if any(cells)]
    kept = [number for number in range(len(grid.columns)) if any(cells[number] for _, cells in rows)]
    return msgspec.structs.replace(
        grid, columns=tuple(grid.columns[i] for i in kept), rows=[(head, [cells[i] for i in kept]) for head, cells in rows]
    )


def csv_lines(grid: Grid) -> Iterator[str]:
    """The grid as CSV, line by line, each with its end; no spreadsheet takes a cell for a formula."""
    yield csv_text([[*grid.titles, *grid.columns]]) + "\n"
    checked: dict[str, bool] = {"": True, YES: True}

    def is_plain(cell: str) -> bool:
        found = checked.get(cell)
        if found is None:
            found = checked[cell] = all(map(_is_plain, cell.split(" ")))
        return found

    for head, cells in grid.rows:
        if all(map(is_plain, {*cells})):
            yield f"{csv_text([head])},{','.join(cells)}\n"
        else:
            yield csv_text([[*head, *cells]]) + "\n"


def _is_plain(word: str) -> bool:
    scope = word.removesuffix(NAMES)
    return scope in (EVERYWHERE, CLUSTER_SCOPE) or _PLAIN.fullmatch(scope) is not None


def grid_text(grid: Grid, output: str, width: int | None = None) -> tuple[str, tuple[str, ...]]:
    """The grid in a format other than CSV, and the columns left out because the table would be wider than ``width``."""
    if output in {"json", "yaml"}:
        rows = [
            {**dict(zip(grid.titles, head, strict=True)), "cells": {c: cell for c, cell in zip(grid.columns, cells, strict=True) if cell}}
            for head, cells in grid.rows
        ]
        return render({"schema": SCHEMA, **grid.extra, "columns": grid.columns, "rows": rows}, output), ()
    if output == "name":
        return "\n".join("/".join(head) for head, _ in grid.rows), ()
    titles = [*grid.titles, *grid.columns]
    if output in {"wide", "markdown"}:
        table = [[*head, *cells] for head, cells in grid.rows]
        return (markdown_text if output == "markdown" else plain_text)(titles, table), ()
    table = [[*head, *(map(short_cell, cells) if grid.scoped else cells)] for head, cells in grid.rows]
    kept = _fitting(titles, table, len(grid.titles), width) if width else len(titles)
    text = plain_text(titles[:kept], [row[:kept] for row in table])
    return f"{text}\n\n{grid.legend}", tuple(titles[kept:])


def short_cell(cell: str) -> str:
    """A cell for the terminal: ``yes``, the number of namespaces, and ``~`` where certain names count only."""
    if cell in ("", YES):
        return cell
    scopes = cell.split(" ")
    named = sum(scope.endswith(NAMES) for scope in scopes)
    full = len(scopes) - named
    return (str(full) if full else "") + ("~" if named else "")


def _fitting(titles: Sequence[str], rows: Sequence[Sequence[str]], least: int, width: int) -> int:
    """How many columns fit side by side, at least ``least``."""
    used = -3
    for number, column in enumerate(zip(titles, *rows, strict=True)):
        used += max(map(len, column)) + 3
        if used > width and number >= least:
            return number
    return len(titles)
