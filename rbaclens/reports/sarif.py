"""Findings as SARIF 2.1.0, the form that code scanning reads.

Severity is the property ``security-severity`` of a rule; a finding of another score carries its own ``rank``. A finding keeps
its identity by ``partialFingerprints``, and what is waived is a suppressed result, not a missing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from rbaclens.audit.finding import Finding, Related, name_of
from rbaclens.audit.registry import load_rule
from rbaclens.audit.rule import CapabilityRule, Rule
from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Location, Origin
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import links

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "rbaclensGrant/v1"
MAX_RESULTS = 25_000
_MAX_RELATED = 20
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "note"}
_PRECISION = {"high": "high", "medium": "medium", "low": "low"}


class _Struct(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    pass


class Message(_Struct, frozen=True):
    """A text; ``markdown`` is the same for those who show it."""

    text: str
    markdown: str | None = None


class Artifact(_Struct, frozen=True):
    """A file, by its relative name."""

    uri: str
    uri_base_id: str | None = None


class Region(_Struct, frozen=True):
    """Line and column, from 1."""

    start_line: int
    start_column: int | None = None


class Physical(_Struct, frozen=True):
    """A place in a file."""

    artifact_location: Artifact
    region: Region | None = None


class Logical(_Struct, frozen=True):
    """An object of the cluster."""

    fully_qualified_name: str
    kind: str | None = None


class Place(_Struct, frozen=True):
    """A place, with what is there."""

    id: int | None = None
    physical_location: Physical | None = None
    logical_locations: tuple[Logical, ...] | None = None
    message: Message | None = None


class Suppression(_Struct, frozen=True):
    """Why a result does not count."""

    kind: str
    status: str
    justification: str


class Result(_Struct, frozen=True, kw_only=True):
    """One finding."""

    rule_id: str
    rule_index: int
    level: str
    rank: float
    message: Message
    locations: tuple[Place, ...]
    related_locations: tuple[Place, ...] | None = None
    partial_fingerprints: dict[str, str]
    baseline_state: str | None = None
    suppressions: tuple[Suppression, ...] | None = None
    properties: dict[str, Any]


class Configuration(_Struct, frozen=True):
    """A rule's usual level."""

    level: str


class Descriptor(_Struct, frozen=True):
    """One rule."""

    id: str
    name: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: Configuration
    properties: dict[str, Any]
    help_uri: str | None = None


class Driver(_Struct, frozen=True):
    """The program."""

    name: str
    semantic_version: str
    rules: tuple[Descriptor, ...]


class Tool(_Struct, frozen=True):
    """The program that made the report."""

    driver: Driver


class Notification(_Struct, frozen=True):
    """Something to know about the run itself."""

    level: str
    message: Message


class Invocation(_Struct, frozen=True):
    """How the run went."""

    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class Run(_Struct, frozen=True):
    """One audit."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    column_kind: str
    results: tuple[Result, ...]


class Log(_Struct, frozen=True):
    """The whole file."""

    schema: str = msgspec.field(name="$schema")
    version: str
    runs: tuple[Run, ...]


def sarif_pieces(verdict: Verdict, locate: Locate, rules: Iterable[Rule], program_version: str) -> Iterator[str]:
    """The report, piece by piece; ``rules`` are all that were asked, also those without findings.

    The worst MAX_RESULTS findings are in it, as code scanning takes no more; a notification says how many are not.
    """
    listed = {rule.id: rule for rule in rules}
    for judged in verdict.judged:
        if judged.finding.rule not in listed:
            listed[judged.finding.rule] = load_rule(judged.finding.rule)
    index = {rule: number for number, rule in enumerate(listed)}
    driver = Driver(name="rbaclens", semantic_version=program_version, rules=tuple(_descriptor(rule) for rule in listed.values()))
    left_out = len(verdict.judged) - MAX_RESULTS
    text = f"{left_out} findings are left out: code scanning takes {MAX_RESULTS}"
    notes = [Notification(level="warning", message=Message(text=text))] if left_out > 0 else []
    notes += [Notification(level="error", message=Message(text=str(doubt))) for doubt in verdict.doubts]
    invocation = Invocation(execution_successful=True, tool_execution_notifications=tuple(notes))
    run = Run(tool=Tool(driver=driver), invocations=(invocation,), column_kind="unicodeCodePoints", results=())
    log = Log(schema=SCHEMA_URI, version="2.1.0", runs=(run,))
    # Inside of a text a quotation mark is escaped, so that this is the one list of results.
    before, results, after = msgspec.json.format(msgspec.json.encode(log), indent=1).decode().rpartition('"results": [')
    yield before + results
    makers = _Makers(locate)
    separator = "\n"
    for one in verdict.judged[:MAX_RESULTS]:
        yield separator + msgspec.json.encode(makers.result(one, index, verdict.has_baseline)).decode()
        separator = ",\n"
    yield after


def _descriptor(rule: Rule) -> Descriptor:
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
            "security-severity": f"{rule.top_score:.1f}",
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
        self._chains: dict[int, tuple[Related, ...]] = {}

    def result(self, judged: Judged, index: dict[str, int], has_baseline: bool) -> Result:
        """One finding."""
        finding = judged.finding
        related = [one for one in (*self._chain(finding), *finding.related) if one.origin != finding.origin][:_MAX_RELATED]
        state = ("unchanged" if judged.state == "known" else "new") if has_baseline else None
        return Result(
            rule_id=finding.rule,
            rule_index=index[finding.rule],
            level=_LEVELS[finding.severity],
            rank=round(finding.score * 10, 1),
            message=Message(text=finding.message),
            locations=(self._place(finding),),
            related_locations=tuple(
                Place(id=number, physical_location=self._physical(one.origin), message=Message(text=one.text))
                for number, one in enumerate(related)
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
        objects = tuple(Logical(fully_qualified_name=name_of(one), kind="object") for one in named)
        return Place(physical_location=self._physical(finding.origin) if finding.origin else None, logical_locations=objects or None)

    def _physical(self, origin: Origin) -> Physical:
        found = self._places.get(origin)
        if found is None:
            found = self._places[origin] = _physical(self._locate(origin))
        return found


def _suppressions(judged: Judged) -> tuple[Suppression, ...] | None:
    waiver = judged.waiver
    if waiver is None:
        return None
    owner = f" ({waiver.owner})" if waiver.owner else ""
    return (Suppression(kind="external" if waiver.file else "inSource", status="accepted", justification=waiver.reason + owner),)


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
    region = Region(start_line=found.line or 1, start_column=found.column or None)
    uri = quote("stdin" if file == "-" else file)
    return Physical(artifact_location=Artifact(uri=f"file://{uri}" if base is None else uri, uri_base_id=base), region=region)
