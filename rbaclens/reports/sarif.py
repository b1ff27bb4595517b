"""Findings as SARIF 2.1.0, the form that code scanning reads.

Code scanning shows a rule's ``security-severity`` with all of its findings: it is that of the worst one in the report, so that a
grant in one namespace is not shown as one over the cluster. Each result carries its own besides, as ``rank`` and property. It
shows a related place where the message leads there, so the message does. A finding keeps its identity by
``partialFingerprints``, and what is waived is a suppressed result, not a missing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import msgspec

from rbaclens import beside
from rbaclens.audit.finding import Finding, Related, Subject, name_of
from rbaclens.audit.registry import load_rule
from rbaclens.audit.rule import CapabilityRule, Rule
from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.index.lookup import BOOTSTRAP_FILE
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Location, Origin
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import links, waiver_text
from rbaclens.reports.sarif_log import (
    Artifact,
    Configuration,
    Descriptor,
    Driver,
    Invocation,
    Log,
    Logical,
    Message,
    Notification,
    Physical,
    Place,
    Region,
    Result,
    Run,
    Suppression,
    Tool,
)

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "rbaclensGrant/v1"
MAX_RESULTS = 25_000
AT_ONCE = 64
"""As many results make a piece."""
_MAX_RELATED = 20
_MAX_LINKS = 4
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "note"}
_PRECISION = {"high": "high", "medium": "medium", "low": "low"}


def sarif_pieces(verdict: Verdict, locate: Locate, rules: Iterable[Rule], program_version: str) -> Iterator[bytes]:
    """The report, piece by piece; ``rules`` are all that were asked, also those without findings.

    The worst MAX_RESULTS findings are in it, as code scanning takes no more; a notification says how many are not.
    """
    worst: dict[str, float] = {}
    for judged in verdict.judged:
        worst.setdefault(judged.finding.rule, judged.finding.score)
    listed = {rule.id: rule for rule in rules}
    listed |= {rule: load_rule(rule) for rule in worst if rule not in listed}
    index = {rule: number for number, rule in enumerate(listed)}
    descriptors = tuple(_descriptor(rule, worst.get(rule.id, rule.top_score)) for rule in listed.values())
    driver = Driver(name="rbaclens", semantic_version=program_version, rules=descriptors)
    left_out = len(verdict.judged) - MAX_RESULTS
    text = f"{left_out} findings are left out: code scanning takes {MAX_RESULTS}"
    notes = [Notification(level="warning", message=Message(text=text))] if left_out > 0 else []
    notes += [Notification(level="error", message=Message(text=str(doubt))) for doubt in verdict.doubts]
    invocation = Invocation(execution_successful=True, tool_execution_notifications=tuple(notes))
    run = Run(tool=Tool(driver=driver), invocations=(invocation,), column_kind="unicodeCodePoints", results=())
    log = Log(schema=SCHEMA_URI, version="2.1.0", runs=(run,))
    # Inside of a text a quotation mark is escaped, so that this is the one list of results.
    before, results, after = msgspec.json.format(msgspec.json.encode(log), indent=1).decode().rpartition('"results": [')
    yield (before + results).encode()
    makers = _Makers(locate)

    def piece(some: Iterable[Judged]) -> bytes:
        return b",\n".join([msgspec.json.encode(makers.result(one, index, verdict.has_baseline)) for one in some])

    shown = verdict.judged[:MAX_RESULTS]
    jobs = [partial(piece, some) for some in beside.cut(shown, AT_ONCE)]
    between = b"\n"
    for made in beside.results(jobs, much=len(shown) >= beside.MANY):
        yield between + made
        between = b",\n"
    yield after.encode()


def _descriptor(rule: Rule, score: float) -> Descriptor:
    tags = ["security", f"tier{rule.tier}"]
    tags += [f"external/cis/{one}" for one in rule.cis]
    tags += [f"external/mitre/{one}" for one in (*rule.attack, *rule.microsoft)]
    tags += [f"external/owasp-k8s/{one}" for one in rule.owasp]
    return Descriptor(
        id=rule.id,
        name="".join(word.capitalize() for word in "".join(char if char.isalnum() else " " for char in rule.title).split()),
        short_description=Message(text=rule.title),
        full_description=Message(text=rule.gives),
        help=Message(text=f"{rule.gives} {rule.fix}", markdown=f"**What it gives.** {rule.gives}\n\n**What to do.** {rule.fix}"),
        default_configuration=Configuration(level=_LEVELS[rule.severity]),
        help_uri=next((link for link in rule.links if link.startswith(("https://", "http://"))), None),
        properties={
            "security-severity": f"{score:.1f}",
            "precision": _PRECISION[rule.confidence],
            "tags": tags,
            "problem.severity": "recommendation" if rule.severity <= Severity.LOW and not isinstance(rule, CapabilityRule) else "error",
        },
    )


class _Makers:
    """Results; what many of them share (places, grants in words) is made once."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._places: dict[Origin, Physical] = {}
        self._objects: dict[int, Logical] = {}
        self._chains: dict[int, tuple[Related, ...]] = {}

    def result(self, judged: Judged, index: dict[str, int], has_baseline: bool) -> Result:
        """One finding."""
        finding = judged.finding
        # What every cluster has from its start stands in no file that could be opened.
        places = (one for one in (*self._chain(finding), *finding.related) if one.origin.file != BOOTSTRAP_FILE)
        related = [one for one in places if one.origin != finding.origin][:_MAX_RELATED]
        state = ("unchanged" if judged.state == "known" else "new") if has_baseline else None
        return Result(
            rule_id=finding.rule,
            rule_index=index[finding.rule],
            level=_LEVELS[finding.severity],
            rank=round(finding.score * 10, 1),
            message=Message(text=_message(finding, related)),
            locations=(self._place(finding),),
            related_locations=tuple(
                [
                    Place(id=number, physical_location=self._physical(one.origin), message=Message(text=one.text))
                    for number, one in enumerate(related)
                ]
            )
            or None,
            partial_fingerprints={FINGERPRINT: finding.fingerprint},
            baseline_state=state,
            suppressions=_suppressions(judged),
            properties=_properties(finding),
        )

    def _chain(self, finding: Finding) -> Iterator[Related]:
        for grant in finding.evidence[:_MAX_RELATED]:
            found = self._chains.get(id(grant))
            if found is None:
                found = self._chains[id(grant)] = tuple(links(grant))
            yield from found

    def _place(self, finding: Finding) -> Place:
        named = [one for one in finding.objects[:_MAX_RELATED] if not isinstance(one, AbacPolicy)]
        objects = tuple([self._objects.get(id(one)) or self._logical(one) for one in named])
        # Code scanning refuses a file in which one result has no place; an empty policy has none.
        return Place(physical_location=self._physical(finding.origin or Origin(".")), logical_locations=objects or None)

    def _logical(self, one: Subject) -> Logical:
        found = self._objects[id(one)] = Logical(fully_qualified_name=name_of(one), kind="object")
        return found

    def _physical(self, origin: Origin) -> Physical:
        found = self._places.get(origin)
        if found is None:
            found = self._places[origin] = _physical(self._locate(origin))
        return found


def _message(finding: Finding, related: list[Related]) -> str:
    """What is wrong, then links to the first places beside the finding's own, by their ids."""
    text = _plain(finding.message)
    places = ", ".join(f"[{_plain(one.text)}]({number})" for number, one in enumerate(related[:_MAX_LINKS]))
    more = len(related) - _MAX_LINKS
    return text + (f" See {places}" + (f" and {more} more places." if more > 0 else ".") if places else "")


def _plain(text: str) -> str:
    """``text`` with nothing in it that a message takes for a link."""
    return text.replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]")


def _suppressions(judged: Judged) -> tuple[Suppression, ...] | None:
    waiver = judged.waiver
    if waiver is None:
        return None
    return (Suppression(kind="external" if waiver.file else "inSource", status="accepted", justification=waiver_text(judged)),)


def _properties(finding: Finding) -> dict[str, Any]:
    return {
        "security-severity": f"{finding.score:.1f}",
        "severity": finding.severity.title.lower(),
        "confidence": finding.confidence,
        "principal": str(finding.principal or ""),
        "scopes": finding.scopes,
        "partOf": finding.part_of,
    }


def _physical(found: Location) -> Physical:
    file = found.file.removeprefix("./")
    # Names are relative to where the audit ran, which is the root of the repository in CI.
    base = None if file.startswith("/") else "%SRCROOT%"
    region = Region(start_line=found.line or 1, start_column=found.column or 1)
    uri = quote("stdin" if file == "-" else file)
    return Physical(artifact_location=Artifact(uri=f"file://{uri}" if base is None else uri, uri_base_id=base), region=region)
