"""Control: severities, waivers, the baseline, and what fails."""

import datetime

import msgspec
import pytest
from audit_rules import account, binding, given, grant, policy_of, rule

from rbaclens.audit.baseline import Baseline, read_baseline, write_baseline
from rbaclens.audit.judging import judge
from rbaclens.audit.registry import load_rule
from rbaclens.audit.run import audit
from rbaclens.audit.settings import Settings, parse_version, read_settings
from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import locator
from rbaclens.audit.waivers import ANNOTATION
from rbaclens.errors import PolicyFileError
from rbaclens.index.engine import Engine
from rbaclens.reports.findings_data import waiver_text
from rbaclens.sources import Objects, assemble

TODAY = datetime.date(2026, 6, 30)
RULES = ("RL1101", "RL3001")


def judged(*objects, settings=None, baseline=None, fail_on="", rules=RULES):
    """The verdict on these objects."""
    policy = policy_of(*objects)
    found = audit(Engine(policy), assemble(Objects()), [load_rule(one) for one in rules])
    return judge(found, read_settings(settings, "audit.yaml", [7, 8, 9]), policy, TODAY, baseline, fail_on)


def states(verdict):
    """Rule and state of each finding."""
    return [(one.finding.rule, one.state) for one in verdict.judged]


SECRETS = grant("get", "secrets", to=account("app", "shop"))


def waiver(**more):
    """Settings with one waiver of RL1101."""
    return {"waivers": [{"rule": "RL1101", "reason": "because", **more}]}


def test_fails_on_high_unless_told_otherwise():
    """The default threshold is high; the command line goes before the settings."""
    assert judged(SECRETS).failing == 1
    assert judged(SECRETS, fail_on="never").failing == 0
    assert judged(SECRETS, settings={"failOn": "never"}).failing == 0
    assert judged(SECRETS, settings={"failOn": "never"}, fail_on="low").failing == 1
    assert judged(binding("b", account("a", "b"), role="gone")).failing == 0
    assert judged(binding("b", account("a", "b"), role="gone"), fail_on="low").failing == 1


def test_severity_of_a_rule_can_be_set():
    """All findings of a rule at one level."""
    verdict = judged(SECRETS, settings={"rules": {"rl1101": {"severity": "low"}}})
    assert (verdict.failing, verdict.open[0].severity) == (0, Severity.LOW)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"subject": "sa:shop/app"},
        {"object": "ClusterRoleBinding tried"},
        {"object": "ClusterRole tried"},
        {"subject": "sa:shop/app", "object": "ClusterRole tried", "expires": datetime.date(2026, 6, 30)},
    ],
)
def test_waivers(more):
    """A waiver covers what it describes, up to and including its last day."""
    verdict = judged(SECRETS, settings=waiver(**more))
    assert states(verdict) == [("RL1101", "waived")]
    assert verdict.failing == 0


@pytest.mark.parametrize(
    "more", [{"subject": "sa:shop/other"}, {"namespace": "shop"}, {"object": "ClusterRole other"}, {"fingerprint": "0"}]
)
def test_waivers_that_do_not_match_are_findings(more):
    """What covers nothing is reported, at the line where it stands, and the finding counts."""
    verdict = judged(SECRETS, settings=waiver(**more))
    assert states(verdict) == [("RL1101", "open"), ("RL0002", "open")]
    policy = policy_of()
    assert str(locator(policy)(verdict.judged[1].finding.origin)) == "audit.yaml:7"


def test_waiver_by_fingerprint():
    """The beginning of a fingerprint is enough."""
    (finding,) = judged(SECRETS).open
    assert states(judged(SECRETS, settings=waiver(fingerprint=finding.fingerprint[:12]))) == [("RL1101", "waived")]


def test_expired_waiver_is_a_finding():
    """After its last day a waiver does not count, and says so."""
    verdict = judged(SECRETS, settings=waiver(expires=datetime.date(2026, 6, 29), owner="platform"))
    assert states(verdict) == [("RL1101", "open"), ("RL0001", "open")]
    assert "2026-06-29" in verdict.judged[1].finding.message


def test_waivers_of_rules_that_are_not_asked_are_left_alone():
    """--only does not make other rules' waivers look unused."""
    assert states(judged(SECRETS, settings=waiver(), rules=("RL3001",))) == []


@pytest.mark.parametrize("more", [{}, {"subject": "sa:shop/app"}, {"object": "ClusterRole tried"}])
def test_who_waives_a_broad_grant_waives_its_parts(more):
    """What is part of a waived finding is waived with it; the same rule's finding by another grant counts."""
    broad = {"waivers": [{"rule": "RL1001", "reason": "break glass", **more}]}
    objects = [*grant("*", "*", "*", to=account("app", "shop")), *grant("get", "secrets", name="other", to=account("other", "shop"))]
    verdict = judged(*objects, settings=broad, rules=("RL1001", "RL1101"))
    assert sorted((one.finding.rule, str(one.finding.principal), one.state) for one in verdict.judged) == [
        ("RL1001", "sa:shop/app", "waived"),
        ("RL1101", "sa:shop/app", "waived"),
        ("RL1101", "sa:shop/other", "open"),
    ]
    assert {one.waiver.reason for one in verdict.judged if one.waiver} == {"break glass"}


@pytest.mark.parametrize("on", ["role", "binding", "account"])
def test_inline_waivers(on):
    """An annotation on the role, the binding or the service account waives."""
    objects = given(rule("get", "secrets"), to=account("app", "shop"))
    objects.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "app", "namespace": "shop"}})
    at = {"role": 0, "binding": 1, "account": 2}[on]
    objects[at]["metadata"]["annotations"] = {ANNOTATION: "RL1101: reads them all, by design"}
    verdict = judged(*objects)
    assert states(verdict) == [("RL1101", "waived")]
    assert verdict.judged[0].waiver.reason == "reads them all, by design"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RL1101, RL3001 until 2026-06-30: fine", [("RL1101", "waived"), ("RL0002", "open")]),
        ("RL1101 until 2026-06-30 by team a: fine", [("RL1101", "waived")]),
        ("RL1101 by team a: fine", [("RL1101", "waived")]),
        ("RL1101 by : fine", [("RL1101", "open"), ("RL0002", "open")]),
        ("RL1101 until 2026-06-29: fine", [("RL1101", "open"), ("RL0001", "open")]),
        ("RL3001: fine", [("RL1101", "open"), ("RL0002", "open")]),
        ("RL1101", [("RL1101", "open"), ("RL0002", "open")]),
        ("RL1101:", [("RL1101", "open"), ("RL0002", "open")]),
        ("RL9999: fine", [("RL1101", "open"), ("RL0002", "open")]),
        ("RL1101 until 2026-99-99: fine", [("RL1101", "open"), ("RL0002", "open")]),
        ("RL1101: fine\nRL3001: too", [("RL1101", "waived"), ("RL0002", "open")]),
    ],
)
def test_inline_waivers_that_are_over_unused_or_unreadable(text, expected):
    """Several rules in a line, several lines, a last day; whatever waives nothing is a finding."""
    objects = given(rule("get", "secrets"), to=account("app", "shop"))
    objects[0]["metadata"]["annotations"] = {ANNOTATION: text}
    assert states(judged(*objects)) == expected


def test_inline_waiver_says_who_and_until_when():
    """Rule, last day, owner and reason, in that order."""
    objects = given(rule("get", "secrets"), to=account("app", "shop"))
    objects[0]["metadata"]["annotations"] = {ANNOTATION: "RL1101 until 2026-12-31 by team a: reads: all"}
    (one,) = judged(*objects).judged
    assert (one.waiver.owner, one.waiver.expires, one.waiver.reason) == ("team a", datetime.date(2026, 12, 31), "reads: all")
    assert waiver_text(one) == "reads: all (team a, until 2026-12-31)"


def test_baseline_knows_what_was_there():
    """Findings of the baseline do not fail; new ones do; what is gone is counted."""
    known = read_baseline(write_baseline(judged(SECRETS).open), "baseline.json")
    verdict = judged(SECRETS, grant("list", "secrets", name="new"), baseline=known)
    assert sorted(states(verdict)) == [("RL1101", "known"), ("RL1101", "open")]
    assert (verdict.failing, verdict.gone) == (1, ())
    assert [one.principal for one in judged(baseline=known).gone] == ["sa:shop/app"]


def test_a_new_scope_of_a_known_finding_is_new():
    """A baseline knows the scopes too: the same role in one more namespace fails."""
    rules = ("RL3001",)
    some = binding("b", account("a", "shop"), role="gone", namespace="one")
    (finding,) = judged(some, rules=rules).open
    assert Baseline({}).knows(finding) is False
    known = read_baseline(write_baseline([finding]), "baseline.json")
    assert known.knows(finding)
    assert not known.knows(msgspec.structs.replace(finding, scopes=("one", "two")))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"schema": "other/v1", "findings": []}'])
def test_unreadable_baselines(data):
    """A file that is no baseline is an error that names it."""
    with pytest.raises(PolicyFileError, match=r"baseline\.json"):
        read_baseline(data, "baseline.json")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"failOn": "severe"}, "failOn"),
        ({"fail-on": "high", "rules": {"RL4711": {}}}, "RL4711"),
        ({"rules": {"RL1101": {"severity": "never"}}}, "severity"),
        ({"rules": {"RL1101": {"level": "low"}}}, "level"),
        ({"waivers": [{"rule": "RL1101"}]}, "reason"),
        ({"waivers": [{"rule": "RL1101", "reason": " "}]}, "reason"),
        ({"waivers": [{"rule": "RL1101", "reason": "x", "expires": "soon"}]}, "expires"),
        ({"wavers": []}, "wavers"),
        (["high"], "object"),
    ],
)
def test_bad_settings(data, words):
    """An unknown key, rule or level, and a waiver without a reason, are errors."""
    with pytest.raises(PolicyFileError, match=words):
        read_settings(data, "audit.yaml")


@pytest.mark.parametrize("bad", [{"rule": "RL1101"}, {"rule": "RL1101", "reason": " "}, {"rule": "RL4711", "reason": "x"}])
def test_bad_waivers_are_found_by_their_line(bad):
    """The error names the line on which the waiver begins."""
    with pytest.raises(PolicyFileError, match=r"audit\.yaml:9"):
        read_settings({"waivers": [{"rule": "RL1101", "reason": "fine"}, bad]}, "audit.yaml", [7, 9])


def test_settings_on_top_of_one_another():
    """The nearer file wins where it says something; waivers add up."""
    lower = read_settings({"fail-on": "low", "kube-version": "1.34", **waiver()}, "rbaclens.toml")
    upper = read_settings({"failOn": "high", **waiver()}, "audit.yaml")
    both = upper.over(lower)
    assert (both.fail_on, both.kube_version, len(both.waivers)) == ("high", "1.34", 2)
    assert Settings().over(upper) == upper


@pytest.mark.parametrize(("text", "version"), [("1.36", (1, 36)), ("v1.9.3", (1, 9)), ("1", None), ("one.two", None), ("1.x", None)])
def test_versions(text, version):
    """Kubernetes versions in the forms that people write."""
    assert parse_version(text) == version


def test_waiving_one_role_does_not_waive_another():
    """An annotation is about findings that rest on its object only."""
    objects = [*given(rule("get", "secrets"), name="a"), *given(rule("get", "secrets"), name="b")]
    objects[0]["metadata"]["annotations"] = {ANNOTATION: "RL1101: fine"}
    assert sorted(states(judged(*objects))) == [("RL1101", "open"), ("RL1101", "waived")]
