"""Findings as SARIF 2.1.0, the form that code scanning reads.

Code scanning shows a rule's ``security-severity`` with all of its findings: it is that of the worst one in the report, so that a
grant in one namespace is not shown as one over the cluster. Each result carries its own besides, as ``rank`` and property. It
shows a related place where the message leads there, so the message does. A finding keeps its identity by
``partialFingerprints``, and what is waived is a suppressed result, not a missing one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import quote

import msgspec

from rbaclens.audit.finding import Finding, Related, name_of
from rbaclens.audit.registry import load_rule
from rbaclens.audit.rule import CapabilityRule, Rule
from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Summary
from rbaclens.beside import Kept, gather
from rbaclens.index.lookup import BOOTSTRAP_FILE
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Location, Origin
from rbaclens.reports.evidence import Locate
from rbaclens.reports.findings_data import links, waiver_text
from rbaclens.reports.report import place
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
AT_ONCE = 256
"""As many results make a piece."""
MANY = 4096
"""For fewer results a second process is no help."""
_MAX_RELATED = 20
_MAX_LINKS = 4
_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "note"}
_PRECISION = {"high": "high", "medium": "medium", "low": "low"}


class SarifReport(Kept[Sequence[Judged]]):
    """The report; ``rules`` are all that were asked, also those without findings. See :class:`~rbaclens.reports.report.Report`.

    The worst MAX_RESULTS findings are in it, as code scanning takes no more; a notification says how many are not.
    """

    def __init__(self, locate: Locate, rules: Iterable[Rule], program_version: str) -> None:
        super().__init__()
        self._locate = locate
        self._rules = {rule.id: rule for rule in rules}
        self._program_version = program_version
        self._worst: dict[str, float] = {}
        self._seen: Counter[float] = Counter()

    def take(self, number: int, found: Sequence[Judged]) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        scores = [one.finding.score for one in found]
        for one, score in zip(found, scores, strict=True):
            rule = one.finding.rule
            if score > self._worst.get(rule, -1.0):
                self._worst[rule] = score
        self._seen.update(scores)
        least = self._no_room_for()
        super().take(number, [one for one, score in zip(found, scores, strict=True) if score > least])

    def _no_room_for(self) -> float:
        """The score that enough worse findings have been seen than to take it; -1 while there is room."""
        worse = 0
        for score, count in sorted(self._seen.items(), reverse=True):
            if worse >= MAX_RESULTS:
                return score
            worse += count
        return -1.0

    def clear(self) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        super().clear()
        self._worst = {}

    def packed(self) -> object:
        """See :class:`~rbaclens.beside.Gatherer`."""
        return super().packed(), self._worst

    def unpack(self, packed: Any) -> None:
        """See :class:`~rbaclens.beside.Gatherer`."""
        found, worst = packed
        super().unpack(found)
        self._worst |= {rule: max(score, self._worst.get(rule, 0.0)) for rule, score in worst.items()}

    def pieces(self, summary: Summary) -> Iterator[bytes]:
        """See :class:`~rbaclens.reports.report.Report`."""
        # What is wrong with waivers is told by rules that need not have been asked.
        listed = self._rules | {rule: load_rule(rule) for rule in sorted(self._worst) if rule not in self._rules}
        descriptors = tuple(_descriptor(rule, self._worst.get(rule.id, rule.top_score)) for rule in listed.values())
        driver = Driver(name="rbaclens", semantic_version=self._program_version, rules=descriptors)
        run = Run(tool=Tool(driver=driver), invocations=(_invocation(summary),), column_kind="unicodeCodePoints", results=())
        log = Log(schema=SCHEMA_URI, version="2.1.0", runs=(run,))
        # Inside of a text a quotation mark is escaped, so that this is the one list of results.
        before, results, after = msgspec.json.format(msgspec.json.encode(log), indent=1).decode().rpartition('"results": [')
        yield (before + results).encode()
        shown = sorted(chain.from_iterable(self.found), key=place)[:MAX_RESULTS]
        index = {rule: number for number, rule in enumerate(listed)}
        between = b"\n"
        for some in _told(shown, _Makers(self._locate, index, summary.has_baseline)):
            yield between + some
            between = b",\n"
        yield after.encode()


def _told(shown: Sequence[Judged], makers: _Makers) -> list[bytes]:
    """The results, some at a time; a second process makes a part of them where they are many."""

    def piece(start: int) -> bytes:
        return b",\n".join([msgspec.json.encode(makers.result(one)) for one in shown[start : start + AT_ONCE]])

    kept: Kept[bytes] = Kept()
    gather([partial(piece, start) for start in range(0, len(shown), AT_ONCE)], kept, much=len(shown) >= MANY)
    return kept.found


def _invocation(summary: Summary) -> Invocation:
    left_out = summary.every - MAX_RESULTS
    text = f"{left_out} findings are left out: code scanning takes {MAX_RESULTS}"
    notes = [Notification(level="warning", message=Message(text=text))] if left_out > 0 else []
    notes += [Notification(level="error", message=Message(text=str(doubt))) for doubt in summary.doubts]
    return Invocation(execution_successful=True, tool_execution_notifications=tuple(notes))


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


class _Around(msgspec.Struct, frozen=True, gc=False):
    """What findings by the same evidence share: where they are, the other places as JSON, and links to these behind the message."""

    place: msgspec.Raw
    related: msgspec.Raw | None
    links: str


class _Makers:
    """Results; what many of them share (places, grants in words) is made once."""

    def __init__(self, locate: Locate, index: dict[str, int], has_baseline: bool) -> None:
        self._locate = locate
        self._index = index
        self._has_baseline = has_baseline
        self._places: dict[Origin, Physical] = {}
        # By what is there as long as the findings are.
        self._arounds: dict[tuple[int, ...], _Around] = {}

    def result(self, judged: Judged) -> Result:
        """One finding."""
        finding = judged.finding
        key = (id(finding.origin), *map(id, finding.evidence), *map(id, finding.related), *map(id, finding.objects))
        around = self._arounds.get(key)
        if around is None:
            around = self._arounds[key] = self._around(finding)
        state = ("unchanged" if judged.state == "known" else "new") if self._has_baseline else None
        return Result(
            rule_id=finding.rule,
            rule_index=self._index[finding.rule],
            level=_LEVELS[finding.severity],
            rank=round(finding.score * 10, 1),
            message=Message(text=_plain(finding.message) + around.links),
            locations=(around.place,),
            related_locations=around.related,
            partial_fingerprints={FINGERPRINT: finding.fingerprint},
            baseline_state=state,
            suppressions=_suppressions(judged),
            properties=_properties(finding),
        )

    def _around(self, finding: Finding) -> _Around:
        chain = [one for grant in finding.evidence[:_MAX_RELATED] for one in links(grant)]
        # What every cluster has from its start stands in no file that could be opened.
        places = (one for one in (*chain, *finding.related) if one.origin.file != BOOTSTRAP_FILE)
        related = [one for one in places if one.origin != finding.origin][:_MAX_RELATED]
        others = [
            Place(id=number, physical_location=self._physical(one.origin), message=Message(text=one.text))
            for number, one in enumerate(related)
        ]
        return _Around(
            msgspec.Raw(msgspec.json.encode(self._place(finding))),
            msgspec.Raw(msgspec.json.encode(others)) if others else None,
            _links(related),
        )

    def _place(self, finding: Finding) -> Place:
        named = [one for one in finding.objects[:_MAX_RELATED] if not isinstance(one, AbacPolicy)]
        objects = tuple([Logical(fully_qualified_name=name_of(one), kind="object") for one in named])
        # Code scanning refuses a file in which one result has no place; an empty policy has none.
        return Place(physical_location=self._physical(finding.origin or Origin(".")), logical_locations=objects or None)

    def _physical(self, origin: Origin) -> Physical:
        found = self._places.get(origin)
        if found is None:
            found = self._places[origin] = _physical(self._locate(origin))
        return found


def _links(related: list[Related]) -> str:
    """Links to the first places beside the finding's own, by their ids."""
    places = ", ".join(f"[{_plain(one.text)}]({number})" for number, one in enumerate(related[:_MAX_LINKS]))
    more = len(related) - _MAX_LINKS
    return f" See {places}" + (f" and {more} more places." if more > 0 else ".") if places else ""


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
