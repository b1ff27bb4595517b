"""Findings as ``-o json`` and ``-o jsonl`` carry them. There may be tens of thousands: what many of them share is encoded once."""

from __future__ import annotations

from collections.abc import Iterator
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
AT_ONCE = 256
"""As many findings make a piece."""
_encode = msgspec.json.Encoder().encode


def json_pieces(verdict: Verdict, locate: Locate, rules: tuple[Rule, ...], version: tuple[int, int]) -> Iterator[bytes]:
    """The whole report as JSON, a finding a line, piece by piece: a large cluster's is never in memory as a whole."""
    head: Data = {"schema": SCHEMA, "kubeVersion": ".".join(map(str, version)), "summary": summary_data(verdict)}
    head |= {"rules": [rule.id for rule in rules]}
    if verdict.doubts:
        head["unknown"] = [_doubt_data(one) for one in verdict.doubts]
    gone = [{"rule": one.rule, "principal": one.principal, "fingerprint": one.fingerprint} for one in verdict.gone]
    yield (render({**head, "gone": gone}, "json")[:-2] + ',\n  "findings": [').encode()
    encoder = _Encoder(locate)
    judged = verdict.judged
    for start in range(0, len(judged), AT_ONCE):
        yield (b",\n    " if start else b"\n    ") + b",\n    ".join([encoder.finding(one) for one in judged[start : start + AT_ONCE]])
    yield b"\n  ]\n}" if judged else b"]\n}"


def jsonl_pieces(verdict: Verdict, locate: Locate) -> Iterator[bytes]:
    """A finding a line."""
    encoder = _Encoder(locate)
    judged = verdict.judged
    for start in range(0, len(judged), AT_ONCE):
        yield (b"\n" if start else b"") + b"\n".join([encoder.finding(one, SCHEMA) for one in judged[start : start + AT_ONCE]])


class _Rated(msgspec.Struct, frozen=True, gc=False):
    """What many findings of one rule share."""

    rule: str
    title: str
    severity: str
    score: float
    confidence: str
    state: str


class _Encoder:
    """Puts the line of a finding together from members that are encoded once: those of its rule, principal, binding and role.

    A member is what stands between two commas, the commas left out; fields that say nothing are left out.
    """

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._rated: dict[tuple[str, str, float, str, str], bytes] = {}
        self._who: dict[int, bytes] = {}
        self._scopes: dict[tuple[str, ...], bytes] = {}
        self._remediations: dict[str, bytes] = {}
        self._places: dict[int, bytes] = {}
        self._names: dict[int, bytes] = {}
        self._bindings: dict[int, bytes] = {}
        self._subjects: dict[tuple[str, str, str], bytes] = {}
        self._rules: dict[tuple[int, int], bytes] = {}

    def finding(self, judged: Judged, schema: str = "") -> bytes:
        """One finding on a line."""
        finding = judged.finding
        members = [b'"schema":' + _encode(schema)] if schema else []
        members += (b'"id":' + _encode(finding.id), self._rating(finding, judged.state))
        if finding.principal:
            members.append(self._principal(finding.principal))
        if finding.scopes:
            members.append(self._scoped(finding.scopes))
        if finding.latent:
            members.append(b'"latent":true')
        if finding.part_of:
            members.append(b'"partOf":' + _encode(finding.part_of))
        members.append(b'"message":' + _encode(finding.message))
        if finding.remediation:
            members.append(self._remediation(finding.remediation))
        if finding.origin:
            members.append(self._place(finding.origin))
        if finding.objects:
            members.append(b'"objects":[' + b",".join([self._name(one) for one in finding.objects]) + b"]")
        if finding.evidence:
            members.append(b'"evidence":[' + b",".join([self._grant(grant) for grant in finding.evidence]) + b"]")
        if finding.related or finding.patch or judged.waiver:
            members += self._rare(judged)
        members.append(b'"fingerprint":' + _encode(finding.fingerprint))
        return b"{" + b",".join(members) + b"}"

    def _rating(self, finding: Finding, state: str) -> bytes:
        key = finding.rule, finding.title, finding.score, finding.confidence, state
        found = self._rated.get(key)
        if found is None:
            shown = _Rated(finding.rule, finding.title, finding.severity.word, finding.score, finding.confidence, state)
            found = self._rated[key] = _members(shown)
        return found

    def _principal(self, principal: Principal) -> bytes:
        found = self._who.get(id(principal))
        if found is None:
            found = self._who[id(principal)] = _members({"principal": _who(principal)})
        return found

    def _scoped(self, scopes: tuple[str, ...]) -> bytes:
        found = self._scopes.get(scopes)
        if found is None:
            found = self._scopes[scopes] = _members({"scopes": scopes})
        return found

    def _remediation(self, text: str) -> bytes:
        found = self._remediations.get(text)
        if found is None:
            found = self._remediations[text] = _members({"remediation": text})
        return found

    def _place(self, origin: Origin) -> bytes:
        found = self._places.get(id(origin))
        if found is None:
            found = self._places[id(origin)] = _members({"at": place(origin, self._locate)})
        return found

    def _name(self, one: Subject) -> bytes:
        found = self._names.get(id(one))
        if found is None:
            found = self._names[id(one)] = _encode(name_of(one))
        return found

    def _rare(self, judged: Judged) -> Iterator[bytes]:
        related = [{"text": one.text, "at": place(one.origin, self._locate)} for one in judged.finding.related]
        shown = {"related": related, "patch": _patch_data(judged.finding), "waiver": _waiver_data(judged)}
        yield _members({key: value for key, value in shown.items() if value})

    def _grant(self, grant: Grant) -> bytes:
        """As :func:`evidence.evidence_data`."""
        if not isinstance(grant, RbacGrant):
            return _encode(evidence_data(grant, self._locate))
        members = (b'{"type":"rbac"', self._binding(grant.binding), self._subject(grant), self._rule(grant))
        return b",".join(members) + b"}"

    def _binding(self, binding: Binding) -> bytes:
        found = self._bindings.get(id(binding))
        if found is None:
            found = self._bindings[id(binding)] = _members({"binding": object_data(binding, self._locate)})
        return found

    def _subject(self, grant: RbacGrant) -> bytes:
        subject = grant.subject
        key = subject.kind, subject.name, subject.namespace or grant.binding.namespace
        found = self._subjects.get(key)
        if found is None:
            found = self._subjects[key] = _members({"subject": subject_data(grant)})
        return found

    def _rule(self, grant: RbacGrant) -> bytes:
        """The role, and the rule of it."""
        key = id(grant.role), grant.rule_index
        found = self._rules.get(key)
        if found is None:
            shown = {"role": object_data(grant.role, self._locate), "rule": granted_rule_data(grant, self._locate)}
            found = self._rules[key] = _members(shown)
        return found


def _members(data: Any) -> bytes:
    """Data as JSON without its braces."""
    return _encode(data)[1:-1]


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
