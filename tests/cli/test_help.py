"""Every command says what it does, with examples that work."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.cli import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = [
    (name, line.strip())
    for name, (module, _) in COMMANDS.items()
    for line in import_module(f"rbaclens.cli.{module}").HELP.splitlines()
    if line.strip().startswith("rbaclens ")
]


@pytest.mark.parametrize("name", COMMANDS)
def test_help(name):
    """--help works and shows at least two examples."""
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    assert len([example for command, example in EXAMPLES if command == name]) >= 2


# These need a cluster: tests/docs/test_live.py and the tests of each command run them against the test server.
LIVE = {"watch", "snapshot", "whoami"}


@pytest.mark.parametrize(("name", "example"), [one for one in EXAMPLES if one[0] not in LIVE and "--context" not in one[1]])
def test_examples_work(name, example, monkeypatch, tmp_path):
    """Each example runs from the project's root on the sample policies (exit 0 or 1), the files that it names being there."""
    (tmp_path / "policies").symlink_to(ROOT / "policies")
    for file in (ROOT / "tests" / "data" / "examples").iterdir():
        (tmp_path / file.name).symlink_to(file)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)
    arguments = shlex.split(re.sub(r"\s[|>].*$", "", example))[1:]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code in (0, 1), result.output
