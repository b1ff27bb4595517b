"""Installs the program in every way that CI does, for real: the action, pre-commit, and the commands of the Containerfile.

It needs a package index, as ``make`` does, and so it is no test: ``make check-installs`` runs it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from composite_action import ROOT, Job
from containerfile import copied, stages
from sarif_schema import validated

SAMPLES = ROOT / "policies" / "samples" / "RL1101"


def run(words: list[str], folder: Path, code: int = 0, **environment: str) -> str:
    """What a command prints, which must end with ``code``."""
    done = subprocess.run(
        words, cwd=folder, env=outside() | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == code, f"{words} ended with {done.returncode}, not {code}:\n{done.stdout}"
    return done.stdout


def outside() -> Mapping[str, str]:
    """The environment without what makes this tree importable: the installed program must do."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GIT_"))}


def project(folder: Path, policy: str) -> Path:
    """A project with a sample policy and a fact."""
    found = folder / policy
    (found / "policies").mkdir(parents=True)
    shutil.copy(SAMPLES / f"{policy}.yaml", found / "policies")
    (found / "permissions.facts.yaml").write_text("- only group:ops can list secrets\n")
    return found


def action(folder: Path) -> None:
    """The action's own installation from a clone, as a runner makes one, then its audit and tests."""
    run(["git", "clone", "--quiet", str(ROOT), "action"], folder)
    for policy, code in (("vulnerable", 1), ("hardened", 0)):
        workspace = project(folder, policy)
        job = Job(workspace, folder, {"facts": "permissions.facts.yaml", "python": sys.executable}, outside(), folder / "action")
        assert job.code == code, job.log
        assert len(validated((workspace / "rbaclens.sarif").read_text())["runs"][0]["results"]) >= code


def pre_commit(folder: Path) -> None:
    """The hooks by pre-commit itself, which installs the program from a clone."""
    run([sys.executable, "-m", "venv", "venv"], folder)
    run(["venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "pre-commit"], folder)
    for policy, code in (("vulnerable", 1), ("hardened", 0)):
        repository = project(folder, policy)
        run(["git", "init", "--quiet"], repository)
        run(["git", "add", "--all"], repository)
        words = [str(folder / "venv" / "bin" / "pre-commit"), "try-repo", str(ROOT), "--all-files"]
        output = run(words, repository, code, PRE_COMMIT_HOME=str(folder / "home"))
        assert output.count("Failed" if code else "Passed") == 2, output


def container(folder: Path) -> None:
    """The commands of the Containerfile, with its folders below ``folder``, and then its entry point."""

    def moved(text: str) -> str:
        return text.replace("/opt/rbaclens", f"{folder}/opt").replace("/src", f"{folder}/src")

    build, last = stages()
    (folder / "src").mkdir()
    for source, target in copied(build):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, moved(target), ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, moved(target))
    python = str(Path(sys.executable).parent)
    for one in build:
        if one.word == "RUN":
            run(["sh", "-c", moved(one.rest)], folder, PATH=f"{python}{os.pathsep}{os.environ['PATH']}")
    path = next(moved(one.rest.removeprefix("PATH=").removesuffix(":$PATH")) for one in last if one.rest.startswith("PATH="))
    entry, default = (json.loads(one.rest) for one in last if one.word in ("ENTRYPOINT", "CMD"))
    assert "Usage: rbaclens" in run([f"{path}/{entry[0]}", *default], folder)
    run([f"{path}/{entry[0]}", "audit"], project(folder, "vulnerable"), 1)
    run([f"{path}/{entry[0]}", "audit"], project(folder, "hardened"))


def main() -> None:
    """All three, one after the other."""
    for one in (action, pre_commit, container):
        with tempfile.TemporaryDirectory() as folder:
            one(Path(folder).resolve())
        print(f"{one.__name__.replace('_', '-')}: installed, passed and failed as it should", flush=True)


if __name__ == "__main__":
    main()
