"""``.pre-commit-hooks.yaml``: each hook's command, run as pre-commit does (``tests/ci/installs.py`` has the real one do it)."""

import os
import re
import shlex
import shutil
import subprocess

import pytest
import yaml
from composite_action import ROOT

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize(("policy", "code"), [("hardened", 0), ("vulnerable", 1)])
def test_hooks(project, programs, name, policy, code):
    """A hook lets a sound policy pass and stops a bad one, without the names of the changed files."""
    shutil.copy(ROOT / "policies" / "samples" / "RL1101" / f"{policy}.yaml", project / "policies")
    (project / "permissions.facts.yaml").write_text("- only group:ops can list secrets\n")
    hook = HOOKS[name]
    assert hook["pass_filenames"] is False
    words = [*shlex.split(hook["entry"]), *hook.get("args", [])]
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert ("policies/vulnerable.yaml" in done.stdout) == bool(code)


@pytest.mark.parametrize("name", HOOKS)
def test_hooks_run_when_a_policy_changes(name):
    """Whatever may hold policy, settings or facts sets a hook off; a program's source does not."""
    for file in ("policies/shop.yaml", "deploy/roles.yml", "abac.jsonl", "snapshot.json", "permissions.facts.yaml", "policies/audit.yaml"):
        assert re.search(HOOKS[name]["files"], file)
    for file in ("main.py", "README.md", "yaml"):
        assert not re.search(HOOKS[name]["files"], file)
    assert re.search(HOOKS["rbaclens-audit"]["files"], "rbaclens.toml")
