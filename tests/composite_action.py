"""Runs the steps of ``action.yml`` as a runner does: expressions, environment, files for outputs and summary, one bash for each step."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")


class Step(NamedTuple):
    """What became of a step; ``code`` is ``None`` where its condition left it out."""

    name: str
    code: int | None
    log: str = ""
    outputs: Mapping[str, str] = {}


class Job:
    """A job that uses the action once. ``environment`` is beside what the runner sets; ``action`` is where the action stands."""

    def __init__(
        self,
        workspace: Path,
        temp: Path,
        inputs: Mapping[str, str],
        environment: Mapping[str, str] | None = None,
        action: Path = ROOT,
    ) -> None:
        unknown = set(inputs) - set(ACTION["inputs"])
        assert not unknown, f"the action has no inputs {unknown}"
        self.workspace, self.temp, self.action = workspace, temp, action
        self.inputs = {name: inputs.get(name, one["default"]) for name, one in ACTION["inputs"].items()}
        self.environment = dict(environment or {})
        self.summary = ""
        self.steps: dict[str, Step] = {}
        for number, step in enumerate(ACTION["runs"]["steps"]):
            done = self._run(step, number)
            self.steps[step.get("id", step["name"])] = done
            if done.code:
                break

    @property
    def code(self) -> int:
        """The exit code of the step that failed, or 0."""
        return next((step.code for step in self.steps.values() if step.code), 0)

    @property
    def log(self) -> str:
        """Everything that was printed."""
        return "".join(step.log for step in self.steps.values())

    @property
    def outputs(self) -> dict[str, str]:
        """What the workflow gets."""
        return {name: self.text(one["value"]) for name, one in ACTION["outputs"].items()}

    def text(self, template: str) -> str:
        """``template`` with the values of its expressions."""
        return EXPRESSION.sub(lambda found: self._value(found[1]), template)

    def _value(self, expression: str) -> str:
        match expression.split("."):
            case ["inputs", name]:
                return self.inputs[name]
            case ["github", "action_path"]:
                return str(self.action)
            case ["steps", step, "outputs", name] if any(one.get("id") == step for one in ACTION["runs"]["steps"]):
                return self.steps[step].outputs.get(name, "") if step in self.steps else ""
        raise AssertionError(f"the test does not know the expression {expression}")

    def _wanted(self, condition: str | None) -> bool:
        if condition is None:
            return True
        found = re.fullmatch(r"(\S+) != ''", condition)
        assert found, f"the test does not know the condition {condition}"
        return self._value(found[1]) != ""

    def _run(self, step: Mapping[str, Any], number: int) -> Step:
        if not self._wanted(step.get("if")):
            return Step(step["name"], None)
        script, outputs, summary = (self.temp / f"{number}.{kind}" for kind in ("sh", "outputs", "summary"))
        script.write_text(step["run"])
        outputs.touch()
        summary.touch()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(outputs),
            "GITHUB_STEP_SUMMARY": str(summary),
            **self.environment,
            **{name: self.text(value) for name, value in step.get("env", {}).items()},
        }
        assert step["shell"] == "bash"
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
        done = subprocess.run(
            command, cwd=self.workspace, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        self.summary += summary.read_text()
        said = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return Step(step["name"], done.returncode, done.stdout, said)
