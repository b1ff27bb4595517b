"""Reports in several formats at once: ``-o FORMAT`` prints one, ``-o FORMAT=FILE`` writes others to files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from rbaclens.cli.options import Decorator
from rbaclens.errors import UsageError


def outputs_option(formats: Sequence[str]) -> Decorator:
    """The option ``-o``; the first format is the default."""
    text = f"Repeatable; one of {', '.join(formats)} (default: {formats[0]})."
    return click.option("-o", "--output", "outputs", multiple=True, metavar="FORMAT[=FILE]", help=text)


def take_outputs(given: Iterable[str], formats: Sequence[str]) -> list[tuple[str, str]]:
    """Formats and files; the empty file is stdout, which one format may have."""
    found = [(name, file) for name, _, file in (one.partition("=") for one in given)] or [(formats[0], "")]
    for name, _ in found:
        if name not in formats:
            raise UsageError(f'"{name}" is no output format', f"one of {', '.join(formats)}; {formats[-1]}=FILE writes to a file")
    if sum(not file for _, file in found) > 1:
        raise UsageError("two formats would be printed into one another", f"write all but one of them to files: -o {formats[-1]}=FILE")
    return found


def write_file(file: str, pieces: Iterable[bytes]) -> None:
    """Write a report, and make the folder that it stands in. Raises UsageError."""
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        with Path(file).open("wb") as stream:
            stream.writelines(pieces)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {os.strerror(error.errno or 0)}") from None
