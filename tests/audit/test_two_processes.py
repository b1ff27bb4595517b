"""An audit of which a second process does all, and one without it: the same findings about the same objects, the same reports."""

from __future__ import annotations

import datetime
import os
import select
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import msgspec
import pytest
from audit_rules import SAMPLES

from rbaclens import beside
from rbaclens.audit import run
from rbaclens.audit.baseline import Baseline, Known
from rbaclens.audit.finding import Finding
from rbaclens.audit.gathering import Gathering
from rbaclens.audit.judging import Judge, judge
from rbaclens.audit.registry import load_rules
from rbaclens.audit.rule import Rule
from rbaclens.audit.settings import Settings, read_settings
from rbaclens.audit.verdict import Judged, Summary, locator
from rbaclens.cli.audit import FORMATS
from rbaclens.cli.audit_reports import report_of
from rbaclens.index.engine import Engine
from rbaclens.model.policy import PolicySet
from rbaclens.reports import sarif
from rbaclens.sources import Objects, assemble, load

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="a second process is made on Linux only"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]
TODAY = datetime.date(2026, 1, 1)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """All samples together, with their ABAC lines."""
    files = [str(one) for one in sorted(SAMPLES.glob("*/vulnerable.yaml"))]
    lines = tmp_path_factory.mktemp("abac") / "policy.jsonl"
    lines.write_text("".join(one.read_text() for one in sorted(SAMPLES.glob("*/vulnerable.abac"))))
    return load(files, abac_file=str(lines), keep_bad_lines=True)


class Division:
    """How the jobs are divided: all of them are left to the second process, or ``own`` are done here before it begins."""

    def __init__(self) -> None:
        self.own = 0
        self.made: list[int] = []
        """How many the second process did, each time."""
        self.may_fail = False


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Iterator[Division]:
    """The second process does what it is left."""
    here, one_more, gather, read = os.getpid(), beside._one_more, beside.gather, beside._read
    division, given = Division(), [0]
    (begun, begin), done = os.pipe(), [0]

    def given_out(jobs: Sequence[Callable[[], object]], gatherer: Any, known: Callable[[], Iterable[object]] = tuple, **more: Any) -> None:
        given[0], done[0] = len(jobs), 0
        gather(jobs, gatherer, known, **(more | {"alike": 0}))

    def divided(left: int) -> bool:
        if os.getpid() != here:
            # It begins when this one has done its part.
            os.read(begun, 1) if not done[0] else None
            done[0] += 1
            return one_more(left)
        done[0] += 1
        if done[0] <= division.own:
            return one_more(left)
        os.write(begin, b".")
        return False

    def counted(file: BinaryIO, known: Callable[[], Iterable[object]]) -> Iterator[object]:
        found = list(read(file, known))
        assert found or division.may_fail, "the second process failed"
        division.made.append(given[0] - division.own if found else 0)
        return iter(found)

    monkeypatch.setattr(run, "MANY", 0)
    monkeypatch.setattr(beside, "can_help", lambda: True)
    monkeypatch.setattr(beside, "gather", given_out)
    monkeypatch.setattr(beside, "_read", counted)
    monkeypatch.setattr(beside, "_one_more", divided)
    yield division
    os.close(begun)
    os.close(begin)


def audited(policy: PolicySet) -> run.Audit:
    return run.audit(Engine(policy), assemble(Objects()))


def about(finding: Finding) -> list[int]:
    """The very objects of a finding."""
    grants = [(id(one.binding), id(one.role), id(one.subject)) for one in finding.evidence if hasattr(one, "binding")]
    return [*map(id, finding.objects), *(number for some in grants for number in some)]


def settings_for(findings: Sequence[Finding]) -> tuple[Settings, Baseline]:
    """Some findings waived, some known, some rules regraded, a waiver for nothing, one that is over, and one known that is gone."""
    last, first = findings[-1], findings[0]
    waivers = [{"rule": one.rule, "fingerprint": one.fingerprint, "reason": "so"} for one in findings[::7]]
    waivers += [{"rule": "RL1101", "subject": "user:nobody", "reason": "so"}]
    waivers += [{"rule": one.rule, "reason": "so", "expires": "2025-01-01"} for one in (first, last)]
    rules = {"RL1304": {"severity": "low"}, "RL3001": {"severity": "critical"}}
    known = {one.fingerprint: Known(one.fingerprint, one.rule, str(one.principal or ""), one.scopes) for one in findings[::5]}
    known["gone"] = Known("gone", first.rule)
    return read_settings({"waivers": waivers, "rules": rules}, "audit.yaml", list(range(len(waivers)))), Baseline(known)


def reported(policy: PolicySet, settings: Settings, baseline: Baseline | None, *, everything: bool) -> tuple[Summary, dict[str, bytes]]:
    """All reports of one run."""
    todo = run.work(Engine(policy), assemble(Objects()))
    judge, locate = Judge(settings, policy, TODAY, baseline), locator(policy)
    reports = [report_of(name, todo, locate, everything=everything) for name in FORMATS]
    gathering = Gathering(judge, reports)
    todo.gather(gathering)
    gathering.tell(len(todo.jobs), judge.about(todo.rules))
    summary = gathering.tally.summary(judge.fail_on(""), judge.gone(todo.rules), judge.has_baseline, todo.context.doubts)
    return summary, {name: b"".join(report.pieces(summary)) for name, report in zip(FORMATS, reports, strict=True)}


def test_an_audit(policy: PolicySet, second: Division, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule that speaks of the samples does so in both, of the same objects."""
    found = audited(policy)
    assert len(second.made) == 1
    monkeypatch.undo()
    alone = audited(policy)
    assert found.findings == alone.findings
    assert len({one.rule for one in alone.findings}) > 100
    assert list(map(about, found.findings)) == list(map(about, alone.findings))
    assert found.context.privileged == alone.context.privileged


@pytest.mark.parametrize("own", [0, 9, 60])
@pytest.mark.parametrize("everything", [False, True])
def test_reports(policy: PolicySet, second: Division, own: int, everything: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every format, to the byte, wherever the two processes meet, with waivers, a baseline and severities of one's own."""
    with monkeypatch.context() as alone:
        alone.setattr(beside, "can_help", lambda: False)
        settings, baseline = settings_for(audited(policy).findings)
        expected = reported(policy, settings, baseline, everything=everything)
    summary, texts = expected
    assert summary.waived
    assert summary.known
    assert [one.fingerprint for one in summary.gone] == ["gone"]
    assert b"RL0001" in texts["jsonl"]
    assert b"RL0002" in texts["jsonl"]
    assert not second.made
    second.own = own
    assert reported(policy, settings, baseline, everything=everything) == expected
    assert len(second.made) == 1
    assert reported(policy, Settings(), None, everything=everything) != expected


def test_reports_of_three_processes(policy: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    """This one looks at a part of everybody, a second one at all that is no such part, a third one at the other parts."""
    settings, baseline = settings_for(audited(policy).findings)
    expected = reported(policy, settings, baseline, everything=False)
    forks, fork = [], os.fork

    def counted() -> int:
        forks.append(1)
        return fork()

    def has_ended(second: Any) -> bool:
        return bool(select.select([second._ended], [], [], 60)[0])

    monkeypatch.setattr(run, "MANY", 0)
    monkeypatch.setattr(beside, "can_help", lambda: True)
    monkeypatch.setattr(beside._Second, "has_ended", property(has_ended))
    monkeypatch.setattr(os, "fork", counted)
    assert reported(policy, settings, baseline, everything=False) == expected
    assert len(forks) == 2


def test_findings_as_they_come_and_all_together(policy: PolicySet) -> None:
    """What is judged job by job is what is judged of the whole audit, in the same order."""
    found = audited(policy)
    settings, baseline = settings_for(found.findings)
    verdict = judge(found, settings, policy, TODAY, baseline)
    todo, kept = run.work(Engine(policy), assemble(Objects())), beside.Kept[Sequence[Judged]]()
    own = Judge(settings, policy, TODAY, baseline)
    gathering = Gathering(own, [kept])
    todo.gather(gathering)
    gathering.tell(len(todo.jobs), own.about(todo.rules))
    judged = sorted((one for some in kept.found for one in some), key=lambda one: (-one.finding.score, one.finding.rule))
    assert tuple(judged) == verdict.judged
    assert gathering.tally.summary(verdict.fail_on, verdict.gone, True, ()) == verdict.summary


def test_what_the_second_process_does_not_tell_is_told_here(policy: PolicySet, second: Division, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails at its last report: nothing of what it found comes twice or is missing."""
    here, settings = os.getpid(), Settings()
    with monkeypatch.context() as alone:
        alone.setattr(beside, "can_help", lambda: False)
        expected = reported(policy, settings, None, everything=False)
    packed = Gathering.packed

    def fails(self: Gathering) -> object:
        assert os.getpid() == here
        return packed(self)

    monkeypatch.setattr(Gathering, "packed", fails)
    second.own, second.may_fail = 5, True
    assert reported(policy, settings, None, everything=False) == expected
    assert second.made == [0]


def test_results_for_code_scanning_are_made_by_two(policy: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are known only when everything is found, and divided then."""
    verdict = judge(audited(policy), Settings(), policy, TODAY)

    def told() -> bytes:
        report = sarif.SarifReport(locator(policy), load_rules(), "1.2.3")
        report.take(0, verdict.judged)
        return b"".join(report.pieces(verdict.summary))

    expected, read, handed = told(), beside._read, list[int]()

    def counted(file: BinaryIO, known: Callable[[], Iterable[object]]) -> Iterator[object]:
        for packed in read(file, known):
            handed.append(len(packed))
            yield packed

    monkeypatch.setattr(sarif, "MANY", 0)
    monkeypatch.setattr(sarif, "AT_ONCE", 1)
    monkeypatch.setattr(beside, "can_help", lambda: True)
    monkeypatch.setattr(beside, "_read", counted)
    assert told().replace(b"\n", b"") == expected.replace(b"\n", b"")
    assert len(handed) == 1


def test_custom_rules_are_asked_here(policy: PolicySet, second: Division) -> None:
    """What they could not decide must not be lost with the process that asked them."""
    rules: list[Rule] = [msgspec.structs.replace(load_rules()[1], id="XX1", source="somewhere")]
    run.audit(Engine(policy), assemble(Objects()), rules)
    assert not second.made
