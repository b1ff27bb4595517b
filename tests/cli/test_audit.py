"""``rbaclens audit`` and ``rbaclens rules``: exit codes, settings that are found, files that are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import run

from rbaclens.errors import PolicyFileError, UsageError

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "policies" / "samples"


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


def test_settings_beside_the_policy_are_no_mistake(folder):
    """audit.yaml is not told of as something that is no Kubernetes object; other files are."""
    for name in ("audit.yaml", "other.yaml"):
        (folder / "policies" / name).write_text("waivers: []\n")
    result = run("audit")
    assert "policies/audit.yaml" not in result.stderr
    assert "policies/other.yaml:1: no Kubernetes object" in result.stderr


def test_a_manifest_may_be_called_audit_yaml(folder):
    """Roles in a file of that name are policy, and no settings."""
    (folder / "policies" / "certificates.yaml").rename(folder / "policies" / "audit.yaml")
    assert "policies/audit.yaml:11" in run("audit").stdout
    (folder / "policies" / "audit.yaml").write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n")
    assert run("audit").exit_code == 0


def test_waivers_in_toml(folder):
    """A waiver in rbaclens.toml waives; one that covers nothing is a finding at its line."""
    waiver = '[[audit.waivers]]\nrule = "{}"\nreason = "by design"\nowner = "platform"\nexpires = 2999-12-31\n'
    (folder / "rbaclens.toml").write_text("[audit]\nfail-on = 'low'\n" + waiver.format("RL1101") + waiver.format("RL1107"))
    result = run("audit", "--only", "RL1101,RL1107")
    assert "rbaclens.toml:8" in result.stdout
    assert "1 waived; 1 at or above low: failed" in result.stderr


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
        run("audit", "-q", "-o", "csv=a.sarif/a.csv")
    run("audit", "-q", "-o", "csv=new/folder/a.csv", "-o", "text")
    assert (folder / "new" / "folder" / "a.csv").exists()


@pytest.mark.parametrize("output", ["text", "table", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown", "html", "csv"])
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


def test_bad_abac_lines_are_findings(tmp_path):
    """The audit goes on without them, says of each that it is a gap, and fails."""
    result = run("audit", "-f", str(SAMPLES / "RL3518" / "vulnerable.abac"), "--skip", "RL3519")
    assert (result.exit_code, result.stdout.count("HIGH RL3518")) == (1, 2)
    assert "vulnerable.abac:2: the API server would not start with this line" in result.stderr


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--anonymous-auth", "true"), 1),
        (("--anonymous-auth", "false"), 0),
        (("--authentication-config", str(SAMPLES / "RL3605" / "vulnerable.yaml")), 1),
        (("--authentication-config", str(SAMPLES / "RL3605" / "hardened.yaml")), 0),
        ((), 0),
    ],
)
def test_anonymous_requests(words, count):
    """As the API server is told, by its flag or its file."""
    result = run("audit", "-q", "--only", "RL3605", "-f", str(SAMPLES / "RL1101" / "hardened.yaml"), *words)
    assert (result.exit_code, result.stdout.count("LOW RL3605")) == (0, count)


def test_anonymous_requests_are_told_once():
    """The API server does not take both."""
    file = str(SAMPLES / "RL3605" / "hardened.yaml")
    with pytest.raises(UsageError, match="two answers"):
        run("audit", "-f", str(SAMPLES / "RL1101"), "--anonymous-auth", "true", "--authentication-config", file)


def test_the_authorizer_configuration_is_judged():
    """The file of --authorization-config, beside the policy."""
    file = str(SAMPLES / "RL3601" / "vulnerable.yaml")
    result = run("audit", "-q", "--only", "RL3601", "-f", str(SAMPLES / "RL1101" / "hardened.yaml"), "--authorization-config", file)
    assert (result.exit_code, "CRITICAL RL3601" in result.stdout) == (1, True)


def test_an_audit_log(tmp_path):
    """What nobody needed in it; lines that are no events are told and left out, and a file without any event is an error."""
    sample = SAMPLES / "RL3108"
    words = ("audit", "--only", "RL3108", "-f", str(sample / "vulnerable.yaml"), "--audit-log")
    result = run(*words, str(sample / "audit.log"))
    assert (result.exit_code, "nobody needed delete on deployments" in result.stdout) == (0, True)
    assert "audit log: 3 allowed requests\n" in result.stderr
    (tmp_path / "cut.log").write_text((sample / "audit.log").read_text() + '{"kind"\n')
    result = run(*words, str(tmp_path / "cut.log"))
    assert "3 allowed requests, lines left out: 1" in result.stderr
    assert f"warning: {tmp_path}/cut.log:4: " in result.stderr
    (tmp_path / "none.log").write_text("{}\n")
    with pytest.raises(PolicyFileError, match="holds no audit event"):
        run(*words, str(tmp_path / "none.log"))
    with pytest.raises(PolicyFileError, match="no such file"):
        run(*words, str(tmp_path / "missing.log"))
