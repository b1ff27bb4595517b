"""``rbaclens audit`` and ``rbaclens rules``: exit codes, settings that are found, files that are written."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from rbaclens.errors import PolicyFileError, UsageError

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "policies" / "samples"


def run(name, *words):
    """The result of a command; its errors are raised."""
    result = CliRunner().invoke(import_module(f"rbaclens.cli.{name}").command, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project with the vulnerable sample of RL1101 as its policy."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "certificates.yaml").write_text((SAMPLES / "RL1101" / "vulnerable.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RBACLENS_POLICIES", raising=False)
    return tmp_path


def test_findings_fail(folder):
    """Exit code 1, the finding with its place on stdout, the counts on stderr."""
    result = run("audit", "--only", "RL1101")
    assert result.exit_code == 1
    assert "policies/certificates.yaml:" in result.stdout
    assert "1 critical; 1 at or above high: failed" in result.stderr


def test_clean_is_zero():
    """The hardened sample passes and prints nothing on stdout."""
    result = run("audit", "-q", "--only", "RL1101", "-f", str(SAMPLES / "RL1101" / "hardened.yaml"))
    assert (result.exit_code, result.output) == (0, "")


def test_gaps_make_a_clean_audit_unknown(folder):
    """What could not be read may hold anything: exit code 3."""
    (folder / "policies" / "certificates.yaml").write_text("{")
    result = run("audit", "-q", "--skip-bad-files")
    assert result.exit_code == 3


def test_settings_are_found(folder):
    """rbaclens.toml, and audit.yaml beside the policies above it."""
    (folder / "rbaclens.toml").write_text('[audit]\nfail-on = "low"\n[audit.rules.RL1101]\nseverity = "low"\n')
    assert run("audit", "--only", "RL1101").exit_code == 1
    (folder / "policies" / "audit.yaml").write_text("failOn: high\n")
    (folder / "policies" / ".rbaclensignore").write_text("audit.yaml\n")
    assert run("audit", "--only", "RL1101").exit_code == 0
    (folder / "other.yaml").write_text("rules: {RL1101: {enabled: false}}\n")
    assert '"findings": []' in run("audit", "-q", "--config", "other.yaml", "--skip", "RL3001", "-o", "json").stdout


def test_bad_settings_name_the_place(folder):
    """YAML and TOML that cannot be read, and a file that is not there, are errors."""
    (folder / "bad.yaml").write_text("failOn: [\n")
    with pytest.raises(PolicyFileError) as caught:
        run("audit", "--config", "bad.yaml")
    assert str(caught.value).startswith("bad.yaml:2")
    (folder / "bad.toml").write_text("= 1\n")
    for name in ("bad.toml", "missing.yaml"):
        with pytest.raises(PolicyFileError):
            run("audit", "--config", name)


def test_waiver_in_a_file_is_placed(folder):
    """A waiver for nothing is a finding at its line."""
    (folder / "settings.yaml").write_text("# waivers\nwaivers:\n- rule: RL1101\n  reason: fine\n  subject: user:nobody\n")
    result = run("audit", "-q", "--only", "RL1101", "--config", "settings.yaml")
    assert "settings.yaml:3" in result.stdout


def test_baseline_round_trip(folder):
    """Written once, the findings of that day do not fail any more."""
    written = run("audit", "--baseline", "known.json", "--write-baseline")
    assert (written.exit_code, json.loads((folder / "known.json").read_text())["schema"]) == (0, "rbaclens.audit-baseline/v1")
    assert run("audit", "--baseline", "known.json").exit_code == 0
    with pytest.raises(UsageError):
        run("audit", "--write-baseline")
    with pytest.raises(PolicyFileError):
        run("audit", "--baseline", "nowhere.json")


def test_several_outputs(folder):
    """Files for machines, one format for people; two formats are not printed into one another."""
    result = run("audit", "-q", "-o", "sarif=a.sarif", "-o", "junit=a.xml", "-o", "table")
    assert result.stdout.startswith("SEVERITY")
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert (folder / "a.xml").read_text().startswith("<?xml")
    for words in (("-o", "json", "-o", "csv"), ("-o", "pdf")):
        with pytest.raises(UsageError):
            run("audit", *words)
    with pytest.raises(UsageError):
        run("audit", "-q", "-o", "csv=missing/a.csv")


@pytest.mark.parametrize("output", ["text", "table", "json", "jsonl", "sarif", "junit", "github", "markdown", "html", "csv"])
def test_every_format_prints(folder, output):
    """Each format has something to say about a finding."""
    assert "RL1101" in run("audit", "-q", "-o", output).stdout


def test_filters(folder):
    """-n and --subject leave only what concerns them, and decide about failing."""
    assert run("audit", "-q", "--only", "RL1101", "--subject", "sa:edge/certificates").exit_code == 1
    assert run("audit", "-q", "--only", "RL1101", "--subject", "bob").exit_code == 0
    assert run("audit", "-q", "--only", "RL1101", "-n", "edge").exit_code == 0


def test_wrong_words():
    """Unknown rules and versions are usage errors."""
    for words in (("--only", "RL4711"), ("--skip", "RL4711"), ("--kube-version", "latest")):
        with pytest.raises(UsageError):
            run("audit", "-q", "-f", str(SAMPLES / "RL1101"), *words)


def test_rules():
    """The catalogue as a list, one rule in full, in several formats; an unknown id has nearest ones."""
    assert "RL1101" in run("rules").stdout
    assert "gives:" in run("rules", "rl1101").stdout
    assert json.loads(run("rules", "RL1101", "-o", "json").stdout)["cis"] == ["5.1.2"]
    assert run("rules", "RL1101", "-o", "name").stdout == "RL1101\n"
    assert "RL1001" not in run("rules", "--find", "secrets", "-o", "name").stdout.split()[0]
    with pytest.raises(UsageError, match="RL110"):
        run("rules", "RL110")


def test_the_samples_are_no_policy_of_the_project():
    """The default policy folder leaves its samples and the audit's settings out."""
    from rbaclens import sources

    policy = sources.load([str(ROOT / "policies")])
    assert not [one for one in policy.roles if "samples" in one.origin.file]
    assert not [one for one in policy.notices if "audit.yaml" in (one.origin.file if one.origin else "")]


@pytest.mark.parametrize("tier", ["1", "2", "3"])
@pytest.mark.parametrize("version", ["1.20", "1.36"])
def test_a_cluster_of_its_own_policy_is_clean(tier, version, tmp_path):
    """The bootstrap policy and nothing else: no finding in any tier, for old and new versions."""
    (tmp_path / "empty.yaml").write_text("")
    result = run("audit", "-q", "-f", str(tmp_path / "empty.yaml"), "--tier", tier, "--kube-version", version, "--fail-on", "info")
    assert (result.exit_code, result.output) == (0, "")
