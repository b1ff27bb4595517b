"""Findings as ``-o json`` and ``-o jsonl`` carry them. There may be tens of thousands: what many of them share is encoded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from rbaclens.analysis.holder import Grant, Principal
from rbaclens.audit.context import Doubt
from rbaclens.audit.finding import Finding, Subject, name_of
from rbaclens.audit.rule import Rule
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.model.decision import RbacGrant
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding
from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data, Locate, evidence_data, granted_rule_data, object_data, place, subject_data
from rbaclens.reports.findings_data import summary_data

SCHEMA = "rbaclens.audit/v1"
AT_ONCE = 64
"""As many findings make a piece."""
_encode = msgspec.json.Encoder().encode
_encode_lines = msgspec.json.Encoder().encode_lines


def json_pieces(verdict: Verdict, locate: Locate, rules: tuple[Rule, ...], version: tuple[int, int]) -> Iterator[bytes]:
    """The whole report as JSON, a finding a line, piece by piece: a large cluster's is never in memory as a whole."""
    head: Data = {"schema": SCHEMA, "kubeVersion": ".".join(map(str, version)), "summary": summary_data(verdict)}
    head |= {"rules": [rule.id for rule in rules]}
    if verdict.doubts:
        head["unknown"] = [_doubt_data(one) for one in verdict.doubts]
    gone = [{"rule": one.rule, "principal": one.principal, "fingerprint": one.fingerprint} for one in verdict.gone]
    yield (render({**head, "gone": gone}, "json")[:-2] + ',\n  "findings": [').encode()
    if verdict.judged:
        yield b"\n    "
    yield from _Lines(locate, ",\n    ", "{").pieces(verdict.judged)
    yield b"\n  ]\n}" if verdict.judged else b"]\n}"


def jsonl_pieces(verdict: Verdict, locate: Locate) -> Iterator[bytes]:
    """A finding a line."""
    return _Lines(locate, "\n", f'{{"schema":{_text(SCHEMA)},').pieces(verdict.judged)


class _Rated(msgspec.Struct, frozen=True, gc=False):
    """What many findings of one rule share."""

    rule: str
    title: str
    severity: str
    score: float
    confidence: str
    state: str


class _Lines:
    """Puts the lines of findings together from members that are encoded once: those of rules, principals, bindings and roles.

    A member has a comma behind it; the fingerprint, which is never left out, closes a line. Pieces of text are copied once, when a
    piece of the report is joined of them. ``between`` stands between two lines, ``opening`` begins each.
    """

    def __init__(self, locate: Locate, between: str, opening: str) -> None:
        self._locate = locate
        self._between = between
        self._opening = opening
        self._rated: dict[tuple[str, str, float, str, str], tuple[str, str]] = {}
        self._remediations: dict[str, str] = {}
        self._scopes: dict[tuple[str, ...], str] = {}
        self._principals: dict[int, str] = {}
        self._places: dict[Origin, str] = {}
        self._objects: dict[tuple[int, ...], str] = {}
        self._bindings: dict[int, str] = {}
        self._subjects: dict[tuple[int, int], str] = {}
        self._rules: dict[tuple[int, int], str] = {}

    def pieces(self, judged: Sequence[Judged]) -> Iterator[bytes]:
        """The lines of AT_ONCE findings at a time."""
        for start in range(0, len(judged), AT_ONCE):
            some = judged[start : start + AT_ONCE]
            messages = _encode_lines([one.finding.message for one in some]).decode().split("\n")
            parts: list[str] = []
            for one, message in zip(some, messages, strict=False):
                self._add(parts, one, message)
            if not start:
                parts[0] = parts[0].removeprefix(self._between)
            yield "".join(parts).encode()

    def _add(self, parts: list[str], judged: Judged, message: str) -> None:
        """Add the pieces of a line; ``message`` is JSON."""
        finding = judged.finding
        key = finding.rule, finding.title, finding.score, finding.confidence, judged.state
        opening, rating = self._rated.get(key) or self._rating(finding, judged.state)
        fingerprint = finding.fingerprint
        parts += opening, fingerprint[:12], rating
        if finding.principal is not None:
            parts.append(self._principals.get(id(finding.principal)) or self._principal(finding.principal))
        if finding.scopes:
            parts.append(self._scopes.get(finding.scopes) or self._scoped(finding.scopes))
        if finding.latent:
            parts.append('"latent":true,')
        if finding.part_of:
            parts.append(_member("partOf", finding.part_of))
        parts += '"message":', message, ","
        if finding.remediation:
            parts.append(self._remediations.get(finding.remediation) or self._remediation(finding.remediation))
        if finding.origin is not None:
            parts.append(self._places.get(finding.origin) or self._place(finding.origin))
        if finding.objects:
            parts.append(self._objects.get(tuple(map(id, finding.objects))) or self._named(finding.objects))
        if finding.evidence:
            self._add_evidence(parts, finding.evidence)
        if finding.related or finding.patch or judged.waiver:
            parts.append(self._rare(judged))
        parts += '"fingerprint":"', fingerprint, '"}'

    def _add_evidence(self, parts: list[str], evidence: tuple[Grant, ...]) -> None:
        """As :func:`evidence.evidence_data`."""
        before = '"evidence":['
        for grant in evidence:
            if isinstance(grant, RbacGrant):
                binding = self._bindings.get(id(grant.binding)) or self._binding(grant.binding)
                subject = self._subjects.get((id(grant.binding), id(grant.subject))) or self._subject(grant)
                rule = self._rules.get((id(grant.role), grant.rule_index)) or self._rule(grant)
                parts += before, binding, subject, rule
            else:
                parts += before, _encode(evidence_data(grant, self._locate)).decode()
            before = ","
        parts.append("],")

    def _rating(self, finding: Finding, state: str) -> tuple[str, str]:
        key = finding.rule, finding.title, finding.score, finding.confidence, state
        opening = f'{self._between}{self._opening}"id":{_text(finding.rule)[:-1]}-'
        rated = _Rated(finding.rule, finding.title, finding.severity.word, finding.score, finding.confidence, state)
        found = self._rated[key] = opening, f'",{_encode(rated)[1:-1].decode()},'
        return found

    def _principal(self, principal: Principal) -> str:
        found = self._principals[id(principal)] = _member("principal", _who(principal))
        return found

    def _scoped(self, scopes: tuple[str, ...]) -> str:
        found = self._scopes[scopes] = _member("scopes", scopes)
        return found

    def _remediation(self, text: str) -> str:
        found = self._remediations[text] = _member("remediation", text)
        return found

    def _place(self, origin: Origin) -> str:
        found = self._places[origin] = _member("at", place(origin, self._locate))
        return found

    def _named(self, objects: tuple[Subject, ...]) -> str:
        found = self._objects[tuple(map(id, objects))] = _member("objects", [name_of(one) for one in objects])
        return found

    def _rare(self, judged: Judged) -> str:
        related = [{"text": one.text, "at": place(one.origin, self._locate)} for one in judged.finding.related]
        shown = {"related": related, "patch": _patch_data(judged.finding), "waiver": _waiver_data(judged)}
        return "".join([_member(key, value) for key, value in shown.items() if value])

    def _binding(self, binding: Binding) -> str:
        found = self._bindings[id(binding)] = '{"type":"rbac",' + _member("binding", object_data(binding, self._locate))
        return found

    def _subject(self, grant: RbacGrant) -> str:
        found = self._subjects[id(grant.binding), id(grant.subject)] = _member("subject", subject_data(grant))
        return found

    def _rule(self, grant: RbacGrant) -> str:
        """The role, and the rule of it."""
        role, rule = object_data(grant.role, self._locate), granted_rule_data(grant, self._locate)
        found = self._rules[id(grant.role), grant.rule_index] = f'{_member("role", role)}"rule":{_encode(rule).decode()}}}'
        return found


def _text(text: str) -> str:
    """A text as JSON."""
    return _encode(text).decode()


def _member(key: str, data: Any) -> str:
    """A member of an object, with a comma behind it."""
    return f'"{key}":{_encode(data).decode()},'


def _who(principal: Principal) -> Data:
    if principal.kind != "ServiceAccount":
        return {"kind": principal.kind, "name": principal.name}
    namespace, _, name = principal.name.partition("/")
    return {"kind": principal.kind, "name": name} | ({"namespace": namespace} if namespace else {})


def _patch_data(finding: Finding) -> Data | None:
    """The patch: the object, what changes, and the edits of RFC 6902, or that the object is to be deleted."""
    patch = finding.patch
    if patch is None:
        return None
    data: Data = {"kind": patch.kind, "namespace": patch.namespace, "name": patch.name, "text": patch.text}
    if patch.deletes:
        data["delete"] = True
    else:
        # A removal carries no value.
        data["edits"] = [
            {"op": step.op, "path": step.path} | ({} if step.op == "remove" else {"value": step.value}) for step in patch.edits
        ]
    return {key: value for key, value in data.items() if value}


def _doubt_data(doubt: Doubt) -> Data:
    """What a custom rule could not decide."""
    return {"rule": doubt.rule, "at": doubt.place, "reason": doubt.reason, "on": doubt.on, "count": doubt.count}


def _waiver_data(judged: Judged) -> Data | None:
    """Why a finding is waived, by whom and until when."""
    waiver = judged.waiver
    if waiver is None:
        return None
    expires = waiver.expires.isoformat() if waiver.expires else ""
    data = {"reason": waiver.reason, "owner": waiver.owner, "expires": expires}
    return {key: value for key, value in data.items() if value}
