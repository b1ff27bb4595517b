"""Custom rules on the command line: where they are found, and that all that works for the catalogue's rules works for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.errors import PolicyFileError, UnknownNameError

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "docs" / "custom-rules"
POLICY = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: devs, namespace: shop}
subjects: [{kind: User, name: ann@acme.example, apiGroup: rbac.authorization.k8s.io}]
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
"""
DOUBTFUL = """\
id: T-1
title: T
gives: G.
fix: F.
severity: high
kinds: [RoleBinding]
when: object.metadata.labels['team'] == 'web'
"""


def run(name, *words):
    """The result of a command; its errors are raised."""
    result = CliRunner().invoke(import_module(f"rbaclens.cli.{name}").command, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project with a policy, and the samples of the docs as its rules."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "devs.yaml").write_text(POLICY)
    (tmp_path / "rules").mkdir()
    for path in SAMPLES.glob("*.rules.yaml"):
        (tmp_path / "rules" / path.name).write_text(path.read_text())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)
    return tmp_path


def findings(*words):
    """Rule, severity and state of each finding."""
    result = run("audit", "-q", "-o", "json", *words)
    return sorted((one["rule"], one["severity"], one["state"]) for one in json.loads(result.stdout)["findings"])


BOTH = [("ACME-002", "low", "open"), ("ACME-003", "medium", "open")]


def test_rules_are_named_by_option_or_settings(folder):
    """A file, a folder, customRules in rbaclens.toml and in audit.yaml, from where that stands; a file that is named twice counts once."""
    assert findings() == []
    assert findings("--rules", "rules") == BOTH
    assert findings("--rules", "rules/owners.rules.yaml", "--rules", "./rules") == BOTH
    (folder / "rbaclens.toml").write_text('[audit]\ncustom-rules = ["rules"]\n')
    assert findings() == BOTH
    assert findings("--rules", "rules") == BOTH
    (folder / "rbaclens.toml").unlink()
    (folder / "policies" / "audit.yaml").write_text("customRules: [../rules/owners.rules.yaml]\n")
    (folder / "policies" / ".rbaclensignore").write_text("audit.yaml\n")
    assert findings() == BOTH


def test_files_of_rules_are_no_policy(folder):
    """A file *.rules.yaml among the policies is not read as one."""
    (folder / "policies" / "own.rules.yaml").write_text(DOUBTFUL)
    result = run("audit", "-o", "json")
    assert (result.exit_code, result.stderr.count("warning")) == (0, 0)


def test_severity_waivers_only_skip_and_subject(folder):
    """Settings, waivers (listed and on the object) and filters take the ids of custom rules."""
    (folder / "rbaclens.toml").write_text(
        '[audit]\ncustom-rules = ["rules"]\n[audit.rules.acme-003]\nseverity = "critical"\n'
        '[[audit.waivers]]\nrule = "acme-002"\nreason = "known"\nobject = "RoleBinding shop/devs"\n'
    )
    assert findings() == [("ACME-002", "low", "waived"), ("ACME-003", "critical", "open")]
    assert run("audit").exit_code == 1
    assert findings("--only", "acme-002") == [("ACME-002", "low", "waived")]
    assert findings("--skip", "ACME-002,ACME-003") == []
    assert findings("--subject", "ann@acme.example", "--only", "ACME-003") == [("ACME-003", "critical", "open")]
    assert findings("--subject", "bob", "--only", "ACME-003") == []
    waived = POLICY.replace("namespace: shop}", 'namespace: shop, annotations: {rbaclens.dev/waive: "ACME-003: she is on call"}}')
    (folder / "policies" / "devs.yaml").write_text(waived)
    # A waiver of a rule that is not asked in this run is neither unused nor broken.
    assert findings("--only", "ACME-002,RL0002") == [("ACME-002", "low", "waived")]
    assert findings() == [("ACME-002", "low", "waived"), ("ACME-003", "critical", "waived")]


def test_unknown_ids(folder):
    """An id that nobody has is an error, in settings and options; without the rules, so are theirs."""
    (folder / "rbaclens.toml").write_text('[audit]\ncustom-rules = ["rules"]\n[audit.rules.ACME-999]\nseverity = "low"\n')
    with pytest.raises(PolicyFileError, match="ACME-999"):
        run("audit")
    (folder / "rbaclens.toml").write_text('[audit.rules.ACME-002]\nseverity = "low"\n')
    with pytest.raises(PolicyFileError, match="ACME-002"):
        run("audit")
    (folder / "rbaclens.toml").unlink()
    with pytest.raises(UnknownNameError, match="ACME-01"):
        run("audit", "--rules", "rules", "--only", "ACME-01")


def test_baseline(folder):
    """Findings of custom rules are known by a baseline."""
    run("audit", "-q", "--rules", "rules", "--baseline", "b.json", "--write-baseline")
    assert findings("--rules", "rules", "--baseline", "b.json") == [("ACME-002", "low", "known"), ("ACME-003", "medium", "known")]


@pytest.mark.parametrize("output", ["text", "table", "json", "jsonl", "sarif", "junit", "github", "markdown", "html", "csv"])
def test_every_report(folder, output):
    """Each format carries them."""
    result = run("audit", "--rules", "rules", "-o", output)
    assert "ACME-003" in result.stdout
    assert "ann@acme.example is bound by name" in result.stdout or output in ("table", "markdown")


def test_rules_in_sarif(folder):
    """Every rule that was asked is described, with the page to read about it."""
    found = json.loads(run("audit", "-q", "--rules", "rules", "-o", "sarif").stdout)
    described = {one["id"]: one for one in found["runs"][0]["tool"]["driver"]["rules"]}
    assert described["ACME-001"]["helpUri"] == "https://wiki.acme.example/pipelines"
    assert described["ACME-001"]["properties"]["security-severity"] == "9.5"


def test_what_cannot_be_told_is_unknown(folder):
    """Exit code 3 and a warning with the place, also with -q; findings that fail are still 1; reports say it."""
    (folder / "own.rules.yaml").write_text(DOUBTFUL)
    words = ("audit", "--rules", "own.rules.yaml", "--only", "T-1")
    result = run(*words, "-q")
    warning = "own.rules.yaml:7:7: T-1 cannot tell about RoleBinding shop/devs: no such key: team"
    assert (result.exit_code, result.stderr) == (3, f"warning: {warning}\n")
    assert "unknown: 1 custom rule(s) could not be decided everywhere" in run(*words).stderr
    data = json.loads(run(*words, "-q", "-o", "json").stdout)["unknown"]
    assert data == [{"rule": "T-1", "at": "own.rules.yaml:7:7", "reason": "no such key: team", "on": "RoleBinding shop/devs", "count": 1}]
    sarif = json.loads(run(*words, "-q", "-o", "sarif").stdout)
    notes = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert notes == [{"level": "error", "message": {"text": warning}}]
    assert 'errors="1"' in run(*words, "-q", "-o", "junit").stdout
    assert f"::warning title=T-1 is unknown::{warning}" in run(*words, "-q", "-o", "github").stdout
    result = run("audit", "-q", "--rules", "own.rules.yaml", "--rules", "rules", "--fail-on", "medium")
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "missing.rules.yaml: cannot be read: No such file or directory"),
        ("", "own.rules.yaml: holds no rules"),
        ("a: [", "own.rules.yaml:2:1: not valid YAML"),
        ("id: T-1\nid: T-2\n", "own.rules.yaml:2:1: key 'id' stands twice in this mapping"),
        (DOUBTFUL.replace("labels", "lables"), "own.rules.yaml:7:23: when: a Metadata has no field"),
        (f"{DOUBTFUL}---\n{DOUBTFUL}", 'own.rules.yaml:9:5: the id "T-1" is taken by the rule of own.rules.yaml:1:5'),
    ],
)
def test_bad_files(folder, text, words):
    """One error with file, line and column, for both commands and both ways to name a file; exit code 2 from outside."""
    name = "missing.rules.yaml" if text is None else "own.rules.yaml"
    if text is not None:
        (folder / name).write_text(text)
    for command in ("audit", "rules"):
        with pytest.raises(PolicyFileError) as caught:
            run(command, "--rules", name)
        assert str(caught.value).startswith(words)
    (folder / "rbaclens.toml").write_text(f'[audit]\ncustom-rules = ["{name}"]\n')
    with pytest.raises(PolicyFileError) as caught:
        run("audit")
    assert str(caught.value).startswith(words)
    if text is None:
        assert caught.value.help == "rbaclens.toml names it under customRules"


def test_bad_settings(folder):
    """customRules that are no list, and a folder without rules."""
    (folder / "rbaclens.toml").write_text('[audit]\ncustom-rules = "x"\n')
    with pytest.raises(PolicyFileError, match="customRules is no list of file names"):
        run("audit")
    (folder / "empty").mkdir()
    (folder / "rbaclens.toml").unlink()
    with pytest.raises(PolicyFileError, match="holds no file of rules"):
        run("audit", "--rules", "empty")


def test_catalogue(folder):
    """rbaclens rules lists them with where they come from, and shows one in full."""
    listed = run("rules", "--rules", "rules").stdout.splitlines()
    assert [line.split()[-1] for line in listed if line.startswith("ACME-002")] == ["rules/owners.rules.yaml:3:7"]
    (folder / "rbaclens.toml").write_text('[audit]\ncustom-rules = ["rules"]\n')
    shown = run("rules", "acme-001").stdout
    assert "principal.kind == 'ServiceAccount'" in shown
    assert "see:        https://wiki.acme.example/pipelines" in shown
    data = json.loads(run("rules", "ACME-002", "-o", "json").stdout)
    assert (data["id"], data["source"]) == ("ACME-002", "rules/owners.rules.yaml:3:7")
    assert "FROM" not in run("rules", "--config", "/dev/null", "--find", "secret").stdout


def _install(folder, text):
    """A distribution with an entry point, in a folder that is no project's."""
    (folder / "acme_plugin.py").write_text(text)
    info = folder / "acme_plugin-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-plugin\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[rbaclens.rules]\nacme = acme_plugin:RULES\n")


def _process(folder, *words):
    """A whole process that sees the distribution."""
    path = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "rbaclens", *words], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


def test_rules_of_an_installed_package(folder, tmp_path_factory):
    """They are asked by every audit and listed with the distribution; a broken one is one error."""
    site = tmp_path_factory.mktemp("site")
    _install(site, (SAMPLES / "python" / "acme_rules.py").read_text())
    listed = _process(site, "rules", "--find", "ACME-101")
    assert listed.stdout.splitlines()[1].endswith("Service account from elsewhere   acme-plugin 2.0, entry point acme")
    policy = SAMPLES / "policy" / "pipelines.yaml"
    done = _process(site, "audit", "-q", "-f", str(policy), "--only", "acme-101", "--fail-on", "low", "-o", "csv")
    assert (done.returncode, done.stdout.count("ACME-101")) == (1, 2)
    (site / "acme_plugin.py").write_text("import nothing_of_that_name\n")
    done = _process(site, "audit", "-q")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "error: acme-plugin 2.0, entry point acme: acme_plugin:RULES cannot be loaded: ModuleNotFoundError: No module named 'nothing_of_"
    )
    assert "acme_plugin.py:1:" in done.stderr
    assert "Traceback" not in done.stderr


SLOW = "cel_expr_python google.protobuf importlib.metadata rbaclens.audit.custom.rules rbaclens.sources.placed_yaml"
WITHOUT = f"""
import sys
from rbaclens.cli.audit_settings import load_catalogue
before = set(sys.modules)
assert not load_catalogue([]).custom
print([name for name in {SLOW!r}.split() if name in set(sys.modules) - before])
"""


def test_without_custom_rules_nothing_is_imported_for_them(tmp_path):
    """Neither the CEL engine, nor the reader, nor the finder of entry points."""
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
