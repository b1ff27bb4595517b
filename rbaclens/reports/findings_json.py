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
from rbaclens.model.objects import Binding, Role
from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data, Locate, evidence_data, granted_rule_data, object_data, place, subject_data
from rbaclens.reports.findings_data import summary_data

SCHEMA = "rbaclens.audit/v1"
REMEMBERED_GRANTS = 20_000
"""Grants come up again soon or not at all: memory must not grow with a large cluster's."""
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
    separator = b"\n    "
    for one in verdict.judged:
        yield separator + encoder.finding(one)
        separator = b",\n    "
    yield b"\n  ]\n}" if verdict.judged else b"]\n}"


def jsonl_pieces(verdict: Verdict, locate: Locate) -> Iterator[bytes]:
    """A finding a line."""
    encoder = _Encoder(locate)
    separator = b""
    for one in verdict.judged:
        yield separator + encoder.finding(one, SCHEMA)
        separator = b"\n"


class _Who(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A principal."""

    kind: str
    name: str
    namespace: str = ""


class _Shown(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True, gc=False):
    """One finding; fields that say nothing are left out."""

    schema: str = ""
    id: str
    rule: str
    title: str
    severity: str
    score: float
    confidence: str
    state: str
    principal: _Who | None = None
    scopes: tuple[str, ...] | None = None
    latent: bool = False
    part_of: str = ""
    message: str
    remediation: str = ""
    at: msgspec.Raw | None = None
    objects: list[str] | None = None
    evidence: list[msgspec.Raw] | None = None
    related: list[Data] | None = None
    patch: Data | None = None
    waiver: Data | None = None
    fingerprint: str


class _Encoder:
    """Encodes findings, and remembers what their places, objects and grants look like."""

    def __init__(self, locate: Locate) -> None:
        self._locate = locate
        self._places: dict[Origin, msgspec.Raw] = {}
        self._names: dict[int, str] = {}
        self._objects: dict[int, msgspec.Raw] = {}
        self._rules: dict[tuple[int, int], msgspec.Raw] = {}
        self._grants: dict[int, msgspec.Raw] = {}

    def finding(self, judged: Judged, schema: str = "") -> bytes:
        """One finding on a line."""
        finding = judged.finding
        return _encode(
            _Shown(
                schema=schema,
                id=finding.id,
                rule=finding.rule,
                title=finding.title,
                severity=finding.severity.word,
                score=finding.score,
                confidence=finding.confidence,
                state=judged.state,
                principal=_who(finding.principal) if finding.principal else None,
                scopes=finding.scopes or None,
                latent=finding.latent,
                part_of=finding.part_of,
                message=finding.message,
                remediation=finding.remediation,
                at=self._place(finding.origin) if finding.origin else None,
                objects=[self._name(one) for one in finding.objects] or None,
                evidence=[self._grant(grant) for grant in finding.evidence] or None,
                related=[{"text": one.text, "at": place(one.origin, self._locate)} for one in finding.related] or None,
                patch=_patch_data(finding),
                waiver=_waiver_data(judged),
                fingerprint=finding.fingerprint,
            )
        )

    def _place(self, origin: Origin) -> msgspec.Raw:
        found = self._places.get(origin)
        if found is None:
            found = self._places[origin] = _raw(place(origin, self._locate))
        return found

    def _name(self, one: Subject) -> str:
        found = self._names.get(id(one))
        if found is None:
            found = self._names[id(one)] = name_of(one)
        return found

    def _grant(self, grant: Grant) -> msgspec.Raw:
        found = self._grants.get(id(grant))
        if found is None:
            if len(self._grants) >= REMEMBERED_GRANTS:
                self._grants.clear()
            shown = self._rbac(grant) if isinstance(grant, RbacGrant) else evidence_data(grant, self._locate)
            found = self._grants[id(grant)] = _raw(shown)
        return found

    def _rbac(self, grant: RbacGrant) -> Data:
        """As :func:`evidence.rbac_data`."""
        key = (id(grant.role), grant.rule_index)
        rule = self._rules.get(key)
        if rule is None:
            rule = self._rules[key] = _raw(granted_rule_data(grant, self._locate))
        binding, role = self._object(grant.binding), self._object(grant.role)
        return {"type": "rbac", "binding": binding, "subject": subject_data(grant), "role": role, "rule": rule}

    def _object(self, one: Binding | Role) -> msgspec.Raw:
        found = self._objects.get(id(one))
        if found is None:
            found = self._objects[id(one)] = _raw(object_data(one, self._locate))
        return found


def _raw(data: Any) -> msgspec.Raw:
    return msgspec.Raw(_encode(data))


def _who(principal: Principal) -> _Who:
    if principal.kind != "ServiceAccount":
        return _Who(principal.kind, principal.name)
    namespace, _, name = principal.name.partition("/")
    return _Who(principal.kind, name, namespace)


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
