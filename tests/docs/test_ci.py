"""docs/ci.md says what the action, the hooks and the version really are."""

import configparser
import re

import yaml
from composite_action import ACTION, ROOT

DOCUMENT = (ROOT / "docs" / "ci.md").read_text()
BLOCKS = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)]


def test_inputs_and_outputs():
    """The table has every input of the action and no other, in its order; every output is named."""
    cells = re.findall(r"^\| (`.*?) \|", DOCUMENT, re.MULTILINE)
    assert [name for cell in cells for name in re.findall(r"`(.*?)`", cell)] == list(ACTION["inputs"])
    outputs = DOCUMENT[DOCUMENT.index("Outputs:") :].split(". ")[0]
    assert re.findall(r"`(.*?)`", outputs) == list(ACTION["outputs"])


def test_examples_use_what_there_is():
    """The workflow gives inputs that exist and uploads the file that is written; the hooks exist."""
    workflow, hooks = BLOCKS
    _, use, upload = workflow["jobs"]["rbaclens"]["steps"]
    assert set(use["with"]) <= set(ACTION["inputs"])
    assert upload["with"]["sarif_file"] == ACTION["inputs"]["sarif-file"]["default"]
    defined = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {hook["id"] for hook in hooks["repos"][0]["hooks"]} == defined


def test_versions():
    """Every example names the version that this is."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    version = parser["metadata"]["version"]
    for page in ("README.md", "docs/ci.md", "docs/gitlab-ci.yml"):
        found = re.findall(r"rbaclens[@:]v?(\d[\w.]*)|rev: v(\S+)", (ROOT / page).read_text())
        assert found
        assert {one or other for one, other in found} == {version}
