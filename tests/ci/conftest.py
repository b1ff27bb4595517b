"""What stands in for an installed program in the tests of the ways into CI."""

import sys
from pathlib import Path

import pytest

PROGRAM = f"#!{sys.executable}\nfrom rbaclens.cli import main\nmain()\n"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with the command rbaclens, which starts the program of this tree (with it on PYTHONPATH)."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "rbaclens").write_text(PROGRAM)
    (folder / "rbaclens").chmod(0o755)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project without policies yet."""
    folder = tmp_path / "project"
    (folder / "policies").mkdir(parents=True)
    return folder
