"""The pytest plug-in: files of facts are collected, one test a fact, and nothing is imported without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).resolve().parents[1]
FACTS = """
- id: bob
  allow: bob get pods in projectCaribou
- nobody can get secrets in shop
- nobody can get pods in namespaces labelled env=prod
"""


@pytest.fixture
def facts(pytester, monkeypatch):
    """A folder with a copy of the sample policies; runs pytest on a text of facts."""
    # Where rbaclens is installed, its entry point names the plug-in already; here it is named once, by -p.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    folder = pytester.mkdir("policies")
    for name in ("bob.jsonl", "shop.yaml"):
        (folder / name).write_bytes((ROOT / "policies" / name).read_bytes())

    def run(text, *options):
        (pytester.path / "my.facts.yaml").write_text(text)
        return pytester.runpytest("-p", "rbaclens.pytest_plugin", "-p", "no:cacheprovider", *options)

    return run


def test_one_test_for_each_fact(facts):
    """Named by id or text; what fails shows the counterexample with its evidence, and unknown is no pass."""
    result = facts(FACTS, "-v")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "my.facts.yaml::bob PASSED*",
            "my.facts.yaml::nobody can get secrets in shop FAILED*",
            "fails: nobody can get secrets in shop",
            "fact      my.facts.yaml:4",
            "*request   get secrets registry in namespace shop",
            "*rule 2: get secrets named registry  (*shop.yaml:44)",
            "unknown: nobody can get pods in namespaces labelled env=prod",
        ]
    )


def test_the_policy_is_an_option(facts, pytester):
    """The policy comes from the option, a setting, or the folder policies; without any, collecting fails and says so."""
    (pytester.path / "policies").rename(pytester.path / "elsewhere")
    text = "- allow: bob get pods in projectCaribou"
    facts(text, "--rbaclens-policy", "elsewhere/bob.jsonl", "--rbaclens-policy", "elsewhere/shop.yaml").assert_outcomes(passed=1)
    result = facts(text)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*there is no policy to judge by*", "*--rbaclens-policy*"])
    (pytester.path / "pytest.ini").write_text("[pytest]\nrbaclens_policy = elsewhere\n")
    facts(text).assert_outcomes(passed=1)


def test_identities_are_an_option(facts, pytester):
    """Who is in which group comes from a file."""
    (pytester.path / "ids.yaml").write_text("alice: [devs]\n")
    text = "- allow: user:alice get pods in shop"
    facts(text).assert_outcomes(failed=1)
    facts(text, "--rbaclens-identities", "ids.yaml").assert_outcomes(passed=1)


def test_a_broken_file_fails_to_collect(facts):
    """An error in the facts is shown with its line and what was expected."""
    result = facts("- nobody cna get pods")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['*my.facts.yaml:1:10: expected "can", found "cna"*'])


def test_facts_can_be_selected(facts):
    """A fact is chosen by its id, as any test."""
    facts(FACTS, "-k", "bob").assert_outcomes(passed=1, deselected=2)


def test_nothing_is_imported_without_facts(tmp_path):
    """A run without a file of facts never imports the engine, YAML or the command line."""
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        "def pytest_sessionfinish():\n"
        "    loaded = [name for name in sys.modules if name.startswith('rbaclens.') or name in ('yaml', 'click', 'msgspec')]\n"
        "    print('loaded:', sorted(loaded))\n"
    )
    (tmp_path / "test_x.py").write_text("def test_x():\n    pass\n")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "rbaclens.pytest_plugin", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    found = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert "loaded: ['rbaclens.pytest_plugin']" in found.stdout, found.stdout + found.stderr
