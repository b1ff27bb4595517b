"""``action.yml``: each step's script, run with the environment that a runner gives it."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from composite_action import ACTION, EXPRESSION, ROOT, Job
from sarif_schema import validated

SAMPLES = ROOT / "policies" / "samples" / "RL1101"
PIP = '#!/bin/sh\nprintf "%s\\n" "$@" > "$RUNNER_TEMP/pip.txt"\n'
PYTHON = f"""#!/usr/bin/env bash
[ "$1" = -m ] || exec {sys.executable} "$@"
mkdir -p "$3/bin"
cp "$PROGRAMS"/* "$3/bin"
"""
HOSTILE = "$(touch pwned)`touch pwned`\"; touch pwned; ' \\"


@pytest.fixture
def use(tmp_path, programs, project):
    """Uses the action on a policy; only what it installs is a stand-in, which starts the program of this tree."""
    temp = tmp_path / "temp"
    temp.mkdir()
    for name, text in (("pip", PIP), ("python", PYTHON)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)

    def use(policy="hardened", **inputs):
        shutil.copy(SAMPLES / f"{policy}.yaml", project / "policies" / "policy.yaml")
        given = {"python": str(programs / "python")} | {name.replace("_", "-"): value for name, value in inputs.items()}
        return Job(project, temp, given, {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "PROGRAMS": str(programs)})

    use.workspace, use.temp = project, temp
    return use


def test_clean_policy(use):
    """Everything passes; the SARIF log is valid and empty; nothing is tested without facts."""
    job = use()
    assert (job.code, job.outputs) == (0, {"sarif-file": "rbaclens.sarif", "audit-code": "0", "test-code": ""})
    assert validated((use.workspace / "rbaclens.sarif").read_text())["runs"][0]["results"] == []
    assert job.summary.startswith("### rbaclens audit: passed")
    assert job.steps["test"].code is None
    assert (use.temp / "pip.txt").read_text().splitlines()[-1] == f"{ROOT}[all]"


def test_findings(use):
    """The step fails at its end, with annotations, SARIF, outputs and a summary."""
    job = use("vulnerable")
    assert (job.code, job.outputs["audit-code"], job.steps["audit"].code) == (1, "1", 0)
    (result, *_) = validated((use.workspace / "rbaclens.sarif").read_text())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "policies/policy.yaml"
    assert "::error title=RL1101 Read all secrets (Critical),file=policies/policy.yaml,line=" in job.log
    assert job.summary.startswith("### rbaclens audit: failed")


def test_inputs_reach_the_program(use):
    """Paths, level, settings, baseline, further words and the file for SARIF, each as it was given."""
    (use.workspace / "other dir").mkdir()
    shutil.copy(SAMPLES / "vulnerable.yaml", use.workspace / "other dir" / "x.yaml")
    assert use(path="policies\nother dir\n").code == 1
    assert use("vulnerable", fail_on="never", sarif_file="out of it.sarif").outputs["sarif-file"] == "out of it.sarif"
    assert (use.workspace / "out of it.sarif").exists()
    assert use("vulnerable", args="--skip\nRL1101\n--tier\n1\n").code == 0
    (use.workspace / "own.yaml").write_text("failOn: never\n")
    assert use("vulnerable", config="own.yaml").code == 0
    (use.workspace / "known.json").write_text(json.dumps({"schema": "rbaclens.audit-baseline/v1", "findings": []}))
    assert use("vulnerable", baseline="known.json").code == 1


def test_wrong_input(use):
    """What cannot be read is exit code 2, with the message in the log."""
    job = use(path="nowhere")
    assert (job.code, job.outputs["audit-code"]) == (2, "2")
    assert "nowhere" in job.log


@pytest.mark.parametrize(("fact", "code"), [("nobody can delete nodes", 0), ("nobody can get configmaps in edge", 1)])
def test_permission_tests(use, fact, code):
    """A fact that fails fails the job, even where the audit is clean; the counterexample is in log and summary."""
    (use.workspace / "a b.facts.yaml").write_text(f"- {fact}\n")
    (use.workspace / "policies" / "own.yaml").write_text(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r, namespace: edge}\n"
        "rules:\n- {apiGroups: [''], resources: [configmaps], verbs: [get]}\n---\n"
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: edge}\n"
        "subjects:\n- {apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}\n"
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\n"
    )
    job = use(facts="a b.facts.yaml\n")
    assert (job.code, job.outputs["audit-code"], job.outputs["test-code"]) == (code, "0", str(code))
    assert f"### rbaclens test: {'failed' if code else 'passed'}" in job.summary
    assert ("get configmaps in namespace edge" in job.summary) == bool(code)
    assert ("::error title=rbaclens test::" in job.log) == bool(code)


def test_policy_cannot_speak_to_the_runner(use):
    """Between stop-commands and its token nothing of the report is a command."""
    (use.workspace / "x.facts.yaml").write_text('- id: "::set-output name=x::y"\n  fact: nobody can delete nodes\n')
    log = use(facts="x.facts.yaml").steps["test"].log
    token = log.splitlines()[0].removeprefix("::stop-commands::")
    assert log.index("::set-output") < log.index(f"::{token}::\n")
    assert len(token) > len("rbaclens-") + 3


def test_mutation_score(use):
    """Facts that hold and catch too little fail."""
    (use.workspace / "x.facts.yaml").write_text("- nobody can delete nodes\n")
    assert use(facts="x.facts.yaml", mutation_score="0").code == 0
    job = use(facts="x.facts.yaml", mutation_score="100")
    assert job.code == 1
    assert "mutation score" in job.summary


@pytest.mark.parametrize("name", [name for name in ACTION["inputs"] if name != "python"])
def test_inputs_are_never_run(use, name):
    """No input is part of a script: what looks like one is a strange name, and no more."""
    job = use(**{"facts": "x.facts.yaml", name.replace("-", "_"): HOSTILE})
    assert not (use.workspace / "pwned").exists()
    assert all(step.code is None or step.code in (0, 1, 2) for step in job.steps.values())


def test_scripts_hold_no_expressions():
    """Whatever comes from outside comes by the environment; every input is used, and every value refers to one."""
    steps = ACTION["runs"]["steps"]
    assert not [step["name"] for step in steps if EXPRESSION.search(step["run"])]
    used = {text for step in steps for value in step["env"].values() for text in EXPRESSION.findall(value)}
    assert {text.removeprefix("inputs.") for text in used if text.startswith("inputs.")} == set(ACTION["inputs"])
    for step in steps:
        missing = [name for name in step["env"] if f"${name}" not in step["run"] and f"${{{name}" not in step["run"]]
        assert missing == [], step["name"]


def test_old_python(use):
    """A Python that is too old is said, and nothing is installed."""
    old = use.temp / "old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    job = use(python=str(old))
    assert (job.code, list(job.steps)) == (2, ["Install rbaclens"])
    assert "Python 3.11" in job.log


def test_runs_where_bash_is_old():
    """macOS runners have bash 3.2: no mapfile, no associative arrays, and no unset-variable check on empty arrays."""
    text = "".join(step["run"] for step in ACTION["runs"]["steps"])
    assert not [word for word in ("mapfile", "readarray", "declare -A", "set -u", "${words[-1]}") if word in text]
    assert os.fspath(Path("bin/rbaclens")) in text
