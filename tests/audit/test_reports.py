"""Every report on the same findings: valid, complete, and safe for whoever reads it."""

import csv
import datetime
import io
import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import msgspec
import pytest
from audit_rules import account, binding, grant, policy_of, role, rule, user
from sarif_schema import validated

from rbaclens.audit.baseline import read_baseline, write_baseline
from rbaclens.audit.judging import judge
from rbaclens.audit.registry import load_rules
from rbaclens.audit.run import audit
from rbaclens.audit.settings import read_settings
from rbaclens.index.engine import Engine
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.reports import findings_table
from rbaclens.reports import sarif as sarif_module
from rbaclens.reports.findings_json import json_report, jsonl_report
from rbaclens.reports.findings_text import summary_text, text_report
from rbaclens.reports.github import github_report
from rbaclens.reports.gitlab import gitlab_report
from rbaclens.reports.html_report import html_text
from rbaclens.reports.junit import junit_text
from rbaclens.reports.sarif import FINGERPRINT, SarifReport
from rbaclens.sources import Objects, assemble, read_manifests

NASTY = "<script>alert('x')</script>|\x1b[31m%0A::error::\x00"
RULES = tuple(one for one in load_rules() if one.id in {"RL1001", "RL1101", "RL1210", "RL3001", "RL0001", "RL0002"})
OBJECTS = [
    *grant("*", "*", "*", name="agent", to=account("agent", "tools")),
    *grant("get", "secrets", name="nasty", to=user(NASTY)),
    *grant("list", "secrets", name="waived", to=user("waived")),
    binding("dangling", user("x"), role="gone", namespace="shop"),
    role("latent", rule("get", "secrets")),
    role("maker", rule("get", "secrets")),
    *(binding(f"many-{n}", user(f"person-{n:02}"), role="maker") for n in range(12)),
]
SETTINGS = {"waivers": [{"rule": "RL1101", "subject": "user:waived", "reason": "known", "owner": "me", "expires": "2027-01-01"}]}


@pytest.fixture(scope="module")
def case():
    """The verdict and the way to places, with one finding known, one waived."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": OBJECTS}, indent=1).encode()
    reading = read_manifests(text, "deploy/policy.json")
    policy = assemble(reading.objects, locate=reading.text.locate)
    found = audit(Engine(policy), assemble(Objects()), RULES)
    settings = read_settings(json.loads(json.dumps(SETTINGS)), "audit.yaml", [3])
    known = read_baseline(write_baseline([one for one in found.findings if str(one.principal) == "user:person-00"]), "b.json")
    return judge(found, settings, policy, datetime.date(2026, 1, 1), known), policy.locate


def text_of(report, verdict):
    """The report on findings that are all there."""
    report.take(0, verdict.judged)
    return b"".join(report.pieces(verdict.summary)).decode()


def sarif(verdict, locate, rules):
    """The same for SARIF, as bytes."""
    return text_of(SarifReport(locate, rules, "1.2.3"), verdict).encode()


def test_sarif_is_valid(case):
    """The official schema accepts the log, and every result names a listed rule."""
    verdict, locate = case
    (run,) = validated(sarif(verdict, locate, RULES))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == [one.id for one in RULES]
    assert len(run["results"]) == len(verdict.judged)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["partialFingerprints"][FINGERPRINT]) == 32
    assert len({one["partialFingerprints"][FINGERPRINT] for one in run["results"]}) == len(run["results"])


def test_sarif_says_what_code_scanning_needs(case):
    """Severity as text, places relative to the root, related places, suppressions and baseline states."""
    verdict, locate = case
    log = validated(sarif(verdict, locate, RULES))
    (run,) = log["runs"]
    rule_of = {one["id"]: one for one in run["tool"]["driver"]["rules"]}
    assert rule_of["RL1101"]["properties"]["security-severity"] == "9.3"
    assert {"security", "external/mitre/T1552.007", "external/cis/5.1.2"} <= set(rule_of["RL1101"]["properties"]["tags"])
    first = next(one for one in run["results"] if one["ruleId"] == "RL1001")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "deploy/policy.json", "uriBaseId": "%SRCROOT%"}
    assert place["region"]["startLine"] > 1
    assert [one["message"]["text"].split()[0] for one in first["relatedLocations"]] == ["ClusterRole"]
    assert first["message"]["text"].endswith("See [ClusterRole agent: * * in API group *](0).")
    states = [(one.get("suppressions", [{}])[0].get("status"), one["baselineState"]) for one in run["results"]]
    assert states.count(("accepted", "new")) == 1
    assert states.count((None, "unchanged")) == 1


@pytest.mark.parametrize("at_once", [1, 4, 100])
def test_sarif_takes_the_worst(case, monkeypatch, at_once):
    """Of more findings than code scanning takes the worst are there, however they come; rules are as bad as those that are not."""
    verdict, locate = case
    whole = json.loads(sarif(verdict, locate, RULES))["runs"][0]
    monkeypatch.setattr(sarif_module, "MAX_RESULTS", 7)
    monkeypatch.setattr(sarif_module, "AT_ONCE", 2)
    report = SarifReport(locate, RULES, "1.2.3")
    # The milder ones come first, as where jobs are done from the last one on.
    starts = range(0, len(verdict.judged), at_once)
    for number, start in reversed([*enumerate(starts)]):
        report.take(number, verdict.judged[start : start + at_once])
    (run,) = validated(b"".join(report.pieces(verdict.summary)))["runs"]
    assert len(whole["results"]) == len(verdict.judged) > 14
    assert run["results"] == whole["results"][:7]
    assert run["tool"] == whole["tool"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith(f"{len(verdict.judged) - 7} findings are left out")


def test_sarif_keeps_no_more_than_it_may_show(case, monkeypatch):
    """When there are enough worse ones, what comes is not kept."""
    verdict, locate = case
    monkeypatch.setattr(sarif_module, "MAX_RESULTS", 3)
    report = SarifReport(locate, RULES, "1.2.3")
    for number, one in enumerate(verdict.judged):
        report.take(number, [one])
    least = verdict.judged[2].finding.score
    kept = [one.finding.score for some in report.found for one in some]
    assert len(kept) < len(verdict.judged)
    assert min(kept) == least


def test_sarif_severity_of_a_rule_is_that_of_its_findings():
    """Code scanning shows the rule's severity: what is held in one namespace only is not shown as the worst that it could be."""
    policy = policy_of(*grant("*", "*", "*", name="own", namespace="shop"))
    rules = tuple(one for one in load_rules() if one.id in {"RL1003", "RL1304", "RL1101"})
    verdict = judge(audit(Engine(policy), assemble(Objects()), rules), read_settings(None, "x"), policy, datetime.date(2026, 1, 1))
    (run,) = validated(sarif(verdict, policy.locate, rules))["runs"]
    shown = {one["id"]: one["properties"]["security-severity"] for one in run["tool"]["driver"]["rules"]}
    own = {one.rule: f"{one.score:.1f}" for one in verdict.open}
    assert shown["RL1304"] == own["RL1304"] != f"{rules[2].top_score:.1f}"
    assert shown["RL1101"] == "9.3", "a rule without findings says how bad it can be"


def test_sarif_names_no_file_that_is_none():
    """The API server's own roles stand in no file: a finding about a binding to one of them leads to the binding alone."""
    policy = policy_of(binding("b", user("x"), role="cluster-admin"))
    verdict = judge(audit(Engine(policy), assemble(Objects()), RULES), read_settings(None, "x"), policy, datetime.date(2026, 1, 1))
    results = validated(sarif(verdict, policy.locate, RULES))["runs"][0]["results"]
    assert results
    assert '"uri": "bootstrap"' not in json.dumps(results)


def test_sarif_messages_hold_no_link_but_ours():
    """Brackets in a name are text."""
    policy = policy_of(*grant("get", "secrets", name="x", to=user("[a](0) \\ b")))
    verdict = judge(audit(Engine(policy), assemble(Objects()), RULES), read_settings(None, "x"), policy, datetime.date(2026, 1, 1))
    (result,) = validated(sarif(verdict, policy.locate, RULES))["runs"][0]["results"]
    assert r"\[a\](0) \\ b" in result["message"]["text"]


@pytest.mark.parametrize(("objects", "uri"), [((), "."), (grant("get", "pods", name="x"), "test.json")])
def test_what_is_about_the_whole_policy_stands_in_its_first_file(objects, uri):
    """Code scanning wants a file for every result, also for those about no object and of an empty policy."""
    policy = policy_of(*objects)
    engine = Engine(policy, AuthorizerConfig((AuthorizerEntry("ABAC", "abac"), AuthorizerEntry("RBAC", "rbac"))))
    rules = tuple(one for one in load_rules() if one.id in {"RL3519", "RL3604"})
    verdict = judge(audit(engine, assemble(Objects()), rules), read_settings(None, "x"), policy, datetime.date(2026, 1, 1))
    results = validated(sarif(verdict, policy.locate, rules))["runs"][0]["results"]
    assert {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results} == {uri}
    assert len(results) == 2


def test_empty_sarif_is_valid():
    """A clean audit is a log without results."""
    policy = policy_of()
    found = audit(Engine(policy), assemble(Objects()), RULES)
    verdict = judge(found, read_settings(None, "x"), policy, datetime.date(2026, 1, 1))
    assert validated(sarif(verdict, policy.locate, RULES))["runs"][0]["results"] == []


def test_every_rule_makes_a_valid_descriptor():
    """The catalogue as a whole is valid SARIF."""
    policy = policy_of()
    verdict = judge(audit(Engine(policy), assemble(Objects()), []), read_settings(None, "x"), policy, datetime.date(2026, 1, 1))
    validated(sarif(verdict, policy.locate, load_rules()))


def test_junit(case):
    """One test case for each rule; failures, skipped and passed ones add up; any character survives."""
    verdict, locate = case
    root = ElementTree.fromstring(junit_text(verdict, locate, RULES))  # noqa: S314
    cases = root.findall(".//testcase")
    assert len(cases) == int(root.attrib["tests"]) == len(RULES)
    failed = {one.attrib["name"].split()[0] for one in cases if one.find("failure") is not None}
    assert failed == {"RL1001", "RL1101", "RL1210"}
    assert int(root.attrib["failures"]) == 3


def test_github(case):
    """One command a line, whatever names hold; nothing can begin a command of its own."""
    verdict, locate = case
    lines = text_of(github_report(locate), verdict).splitlines()
    assert all(line.startswith(("::error title=", "::warning title=", "::notice title=")) for line in lines)
    assert any("file=deploy/policy.json,line=" in line for line in lines)
    assert not any("user:person-05" in line for line in lines), "what one role causes stands together"


def test_gitlab(case):
    """A Code Quality report: an issue for each open finding, with what GitLab requires of one."""
    verdict, locate = case
    issues = json.loads(text_of(gitlab_report(locate), verdict))
    assert {(one["check_name"], one["severity"]) for one in issues} >= {("RL1001", "blocker"), ("RL3001", "minor")}
    assert all(one["description"] and one["location"]["path"] == "deploy/policy.json" for one in issues)
    assert all(one["location"]["lines"]["begin"] >= 1 for one in issues)
    assert len({one["fingerprint"] for one in issues}) == len(issues)
    assert not any("user:waived" in one["description"] for one in issues)
    assert json.loads(text_of(gitlab_report(locate), msgspec.structs.replace(verdict, judged=()))) == []


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.links = []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]


def test_html_needs_nothing_and_escapes_everything(case):
    """No reference leads out of the page; a name cannot become markup."""
    verdict, locate = case
    page = html_text(verdict, locate, "1.2.3")
    tags = _Tags()
    tags.feed(page)
    assert tags.links == []
    assert tags.found.count("script") == 1
    assert "&lt;script&gt;" in page
    assert tags.found.count("details") == len(verdict.judged)


def test_csv_and_jsonl_carry_every_finding(case):
    """A row for each, waived and known ones too; no cell is a formula."""
    verdict, locate = case
    rows = list(csv.DictReader(io.StringIO(text_of(findings_table.csv_report(locate), verdict))))
    assert len(rows) == len(verdict.judged)
    assert {row["state"] for row in rows} == {"open", "waived", "known"}
    lines = [json.loads(line) for line in text_of(jsonl_report(locate), verdict).splitlines()]
    assert [line["fingerprint"] for line in lines] == [row["fingerprint"] for row in rows]
    assert all(line["schema"] == "rbaclens.audit/v1" for line in lines)


def test_json(case):
    """Evidence from subject to rule with places; counts; the waiver."""
    verdict, locate = case
    data = json.loads(text_of(json_report(locate, RULES, (1, 36)), verdict))
    assert (data["schema"], data["kubeVersion"], data["summary"]["waived"], data["summary"]["known"]) == ("rbaclens.audit/v1", "1.36", 1, 1)
    waived = next(one for one in data["findings"] if one["state"] == "waived")
    assert waived["waiver"] == {"reason": "known", "owner": "me", "expires": "2027-01-01"}
    chain = waived["evidence"][0]
    assert [chain[key]["at"]["file"] for key in ("binding", "role", "rule")] == ["deploy/policy.json"] * 3
    dangling = next(one for one in data["findings"] if one["rule"] == "RL3001")
    assert dangling["patch"] == {
        "kind": "RoleBinding",
        "namespace": "shop",
        "name": "dangling",
        "text": "delete RoleBinding dangling",
        "delete": True,
    }


def test_text_table_and_markdown_put_things_together(case):
    """What one role or one broad grant causes is one entry; --all takes it apart; nothing steers the terminal."""
    verdict, locate = case
    for make in (text_report, findings_table.table_report, findings_table.markdown_report):
        short, long = text_of(make(locate), verdict), text_of(make(locate, everything=True), verdict)
        assert "and 10 more" in short
        assert "user:person-07" not in short
        assert "user:person-07" in long
        assert "nobody yet" in short
        assert ("(waived)" in short, "(waived)" in long, "(known)" in long) == (False, True, True)
    for make in (text_report, findings_table.table_report):
        assert "\x1b" not in text_of(make(locate, everything=True), verdict)
        assert "\x00" not in text_of(make(locate, everything=True), verdict)
    assert "<script" not in text_of(findings_table.markdown_report(locate), verdict)


def test_markdown_fits_a_comment():
    """However many findings and however long their names, a pull request's host takes the summary, and it says what is left out."""
    objects = [one for n in range(150) for one in grant("get", "secrets", name=f"r{n}" + "-long" * 50, to=user(f"u{n}" + "|" * 200))]
    policy = policy_of(*objects)
    verdict = judge(audit(Engine(policy), assemble(Objects()), RULES), read_settings(None, "x"), policy, datetime.date(2026, 1, 1))
    text = text_of(findings_table.markdown_report(policy.locate, everything=True), verdict)
    assert 10_000 < len(text) < 65_536
    assert "more are left out here" in text
    assert "What to do" in text


def test_summary(case):
    """The counts, and why it fails."""
    verdict, _ = case
    assert summary_text(verdict.summary).endswith(": failed")
    assert "1 waived; 1 known, 0 gone since the baseline" in summary_text(verdict.summary)
