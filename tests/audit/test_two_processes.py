"""An audit of which a second process does all, and one without it: the same findings about the same objects, the same reports."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

import msgspec
import pytest
from audit_rules import SAMPLES

from rbaclens import beside
from rbaclens.audit import run
from rbaclens.audit.finding import Finding
from rbaclens.audit.registry import load_rules
from rbaclens.audit.settings import Settings
from rbaclens.audit.verdict import Verdict, judge, locator
from rbaclens.index.engine import Engine
from rbaclens.model.policy import PolicySet
from rbaclens.reports import findings_table, findings_text
from rbaclens.reports.findings_json import json_pieces, jsonl_pieces
from rbaclens.reports.sarif import sarif_pieces
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


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Whatever may be divided is left to a second process; the list says how many jobs each of them did, all of which it has to."""
    here, one_more, results, read = os.getpid(), beside._one_more, beside.results, beside._read
    made: list[int] = []
    given: list[int] = []

    def given_out(jobs: Sequence[Callable[[], object]], known: Iterable[object] = (), *, much: bool) -> Iterator[object]:
        given.append(len(jobs))
        return results(jobs, known, much=much)

    def counted(file: BinaryIO, known: Sequence[object]) -> Iterator[object]:
        found = list(read(file, known))
        assert len(found) == given[-1], "the second process failed"
        made.append(len(found))
        return iter(found)

    monkeypatch.setattr(run, "MANY", 0)
    monkeypatch.setattr(beside, "MANY", 0)
    monkeypatch.setattr(beside, "can_help", lambda: True)
    monkeypatch.setattr(beside, "results", given_out)
    monkeypatch.setattr(beside, "_read", counted)
    monkeypatch.setattr(beside, "_one_more", lambda left: os.getpid() != here and one_more(left))
    yield made
    monkeypatch.undo()


def audited(policy: PolicySet) -> run.Audit:
    return run.audit(Engine(policy), assemble(Objects()))


def about(finding: Finding) -> list[int]:
    """The very objects of a finding."""
    grants = [(id(one.binding), id(one.role), id(one.subject)) for one in finding.evidence if hasattr(one, "binding")]
    return [*map(id, finding.objects), *(number for some in grants for number in some)]


def reports(verdict: Verdict, policy: PolicySet) -> Iterator[bytes]:
    """What the reports say that may be made by two processes."""
    locate = locator(policy)
    yield b"".join(json_pieces(verdict, locate, load_rules(), (1, 36)))
    yield b"".join(jsonl_pieces(verdict, locate))
    yield b"".join(sarif_pieces(verdict, locate, load_rules(), "1.2.3"))
    for everything in (False, True):
        yield findings_text.findings_text(verdict, locate, everything=everything).encode()
        yield findings_table.table_text(verdict, locate, everything=everything).encode()
    yield findings_table.csv_report(verdict, locate).encode()


def test_an_audit(policy: PolicySet, second: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every rule that speaks of the samples does so in both, of the same objects."""
    found = audited(policy)
    assert len(second) == 1
    monkeypatch.undo()
    alone = audited(policy)
    assert found.findings == alone.findings
    assert len({one.rule for one in alone.findings}) > 100
    assert list(map(about, found.findings)) == list(map(about, alone.findings))
    assert found.context.privileged == alone.context.privileged


def test_reports(policy: PolicySet, second: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """To the byte."""
    with monkeypatch.context() as alone:
        alone.setattr(beside, "can_help", lambda: False)
        verdict = judge(audited(policy), Settings(), policy, TODAY)
        expected = list(reports(verdict, policy))
    assert not second
    assert list(reports(verdict, policy)) == expected
    assert len(second) == 8


def test_custom_rules_are_asked_here(policy: PolicySet, second: list[int]) -> None:
    """What they could not decide must not be lost with the process that asked them."""
    rules = [msgspec.structs.replace(load_rules()[1], id="XX1", source="somewhere")]
    run.audit(Engine(policy), assemble(Objects()), rules)
    assert not second
