"""Commands of the program, run by tests inside of their own process."""

from __future__ import annotations

from importlib import import_module

from click.testing import CliRunner, Result


def run(name: str, *words: str) -> Result:
    """The result of a command; its errors are raised."""
    result = CliRunner().invoke(import_module(f"rbaclens.cli.{name}").command, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
