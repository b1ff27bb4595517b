"""``docs/gitlab-ci.yml``: each job's script, run as GitLab's runner does, leaves the reports that the job names."""

import json
import os
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
import yaml
from composite_action import ROOT
from sarif_schema import validated

TEMPLATE = yaml.safe_load((ROOT / "docs" / "gitlab-ci.yml").read_text())
JOBS = [name for name, job in TEMPLATE.items() if "script" in job]
CHECKS = {
    "rbaclens.sarif": validated,
    "gl-code-quality-report.json": json.loads,
    "rbaclens-audit.xml": ElementTree.fromstring,
    "rbaclens-test.xml": ElementTree.fromstring,
}


@pytest.fixture
def run(project, programs):
    """The exit code of a job, in a project with the sample policy of that name."""

    def run(name, policy):
        shutil.copy(ROOT / "policies" / "samples" / "RL1101" / f"{policy}.yaml", project / "policies")
        fact = "nobody can delete nodes" if policy == "hardened" else "nobody can list secrets in edge"
        (project / "permissions.facts.yaml").write_text(f"- {fact}\n")
        variables = {key: value for key, value in TEMPLATE["variables"].items() if "$" not in value}
        environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **variables}
        script = "\n".join(TEMPLATE[name]["script"])
        return subprocess.run(["sh", "-e", "-c", script], cwd=project, env=environment, capture_output=True, check=False).returncode

    return run


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize(("policy", "code"), [("hardened", 0), ("vulnerable", 1)])
def test_jobs(run, project, job, policy, code):
    """A job passes or fails with the policy; its reports are there and valid in either case."""
    assert run(job, policy) == code
    artifacts = TEMPLATE[job]["artifacts"]
    assert artifacts["when"] == "always"
    for name in [*artifacts.get("paths", ()), *artifacts["reports"].values()]:
        text = (project / name).read_text()
        CHECKS[name](text)
        # The log says the places too: what fails is in the report.
        assert ("policies/vulnerable.yaml" in text) == bool(code)


def test_jobs_are_whole():
    """Every job extends what is there, in an image whose entry point leaves the shell alone."""
    assert JOBS == ["rbaclens-audit", "rbaclens-test"]
    assert all(TEMPLATE[job]["extends"] == ".rbaclens" for job in JOBS)
    assert TEMPLATE[".rbaclens"]["image"]["entrypoint"] == [""]
