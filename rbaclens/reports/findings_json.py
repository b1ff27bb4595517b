"""Findings as ``-o json`` and ``-o jsonl`` carry them. There may be tens of thousands: what many of them share is encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

import msgspec

from rbaclens import beside
from rbaclens.analysis.holder import Principal
from rbaclens.audit.context import Doubt
from rbaclens.audit.finding import Finding, name_of, where
from rbaclens.audit.rule import Rule
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.model.decision import RbacGrant
from rbaclens.model.objects import Binding
from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data, Locate, evidence_data, granted_rule_data, object_data, place, subject_data
from rbaclens.reports.findings_data import summary_data

SCHEMA = "rbaclens.audit/v1"
AT_ONCE = 64
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


class _Chain(msgspec.Struct, frozen=True, gc=False):
    """What the findings of one principal by one binding share.

    ``who`` begins the message, ``by`` comes before what is wrong; ``source`` are the place and the objects, and the evidence as far
    as the role.
    """

    principal: str
    who: str
    by: str
    source: str


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
        self._remediations: dict[str, str] = {"": ""}
        self._gives: dict[str, str] = {}
        self._scopes: dict[tuple[str, ...], tuple[str, str]] = {(): ("", "")}
        self._chains: dict[int, _Chain] = {}
        self._objects: dict[tuple[int, ...], str] = {(): ""}
        self._bindings: dict[int, str] = {}
        self._rules: dict[tuple[int, int], str] = {}

    def pieces(self, judged: Sequence[Judged]) -> Iterator[bytes]:
        """The lines of AT_ONCE findings, or more, at a time."""
        jobs = [partial(self._piece, some) for some in beside.cut(judged, AT_ONCE)]
        pieces = beside.results(jobs, much=len(judged) >= beside.MANY)
        for first in islice(pieces, 1):
            yield first.removeprefix(self._between.encode())
        yield from pieces

    def _piece(self, some: Sequence[Judged]) -> bytes:
        parts: list[str] = []
        for one in some:
            self._add(parts, one)
        return "".join(parts).encode()

    def _add(self, parts: list[str], judged: Judged) -> None:
        """Add the pieces of a line."""
        finding, evidence = judged.finding, judged.finding.evidence
        key = finding.rule, finding.title, finding.score, finding.confidence, judged.state
        opening, rating = self._rated.get(key) or self._rating(finding, judged.state)
        scopes, where = self._scopes.get(finding.scopes) or self._scoped(finding.scopes)
        remediation = self._remediations.get(finding.remediation) or self._remediation(finding.remediation)
        fingerprint = finding.fingerprint
        grant = evidence[0] if len(evidence) == 1 and not finding.text else None
        message: Iterable[str]
        source: Iterable[str]
        if isinstance(grant, RbacGrant):
            # The usual case, the short way: all that a principal holds by a binding has the same origin, the very same object.
            chain = self._chains.get(id(finding.origin)) or self._chain(finding, grant)
            gives = self._gives.get(finding.gives) or self._given(finding.gives)
            rule = self._rules.get((id(grant.role), grant.rule_index)) or self._rule(grant)
            principal, message, source = chain.principal, (chain.who, where, chain.by, gives), (chain.source, rule, "],")
        else:
            principal = _member("principal", _who(finding.principal)) if finding.principal is not None else ""
            message, source = (_text(finding.message)[1:-1],), self._source(finding)
        parts += opening, fingerprint[:12], rating, principal, scopes
        if finding.latent:
            parts.append('"latent":true,')
        if finding.part_of:
            parts.append(_member("partOf", finding.part_of))
        parts.append('"message":"')
        parts += message
        parts += '",', remediation
        parts += source
        if finding.related or finding.patch or judged.waiver:
            parts.append(self._rare(judged))
        parts += '"fingerprint":"', fingerprint, '"}'

    def _rating(self, finding: Finding, state: str) -> tuple[str, str]:
        key = finding.rule, finding.title, finding.score, finding.confidence, state
        opening = f'{self._between}{self._opening}"id":{_text(finding.rule)[:-1]}-'
        rated = _Rated(finding.rule, finding.title, finding.severity.word, finding.score, finding.confidence, state)
        found = self._rated[key] = opening, f'",{_encode(rated)[1:-1].decode()},'
        return found

    def _scoped(self, scopes: tuple[str, ...]) -> tuple[str, str]:
        """The member, and what the message says."""
        found = self._scopes[scopes] = _member("scopes", scopes), _text(where(scopes))[1:-1]
        return found

    def _remediation(self, text: str) -> str:
        found = self._remediations[text] = _member("remediation", text)
        return found

    def _given(self, text: str) -> str:
        found = self._gives[text] = _text(text)[1:-1]
        return found

    def _chain(self, finding: Finding, grant: RbacGrant) -> _Chain:
        assert finding.principal is not None and finding.origin is not None  # noqa: S101
        source = f'{self._place(finding)}"evidence":[{self._binding(grant.binding)}{_member("subject", subject_data(grant))}'
        who, by = _text(f"{finding.principal} ")[1:-1], _text(f", by {finding.by}: ")[1:-1]
        found = self._chains[id(finding.origin)] = _Chain(_member("principal", _who(finding.principal)), who, by, source)
        return found

    def _place(self, finding: Finding) -> str:
        """The place and the objects."""
        at = _member("at", place(finding.origin, self._locate)) if finding.origin is not None else ""
        key = tuple(map(id, finding.objects))
        objects = self._objects.get(key)
        if objects is None:
            objects = self._objects[key] = _member("objects", [name_of(one) for one in finding.objects])
        return at + objects

    def _source(self, finding: Finding) -> Iterator[str]:
        """The place, the objects and all of the evidence, as :func:`evidence.evidence_data`."""
        yield self._place(finding)
        before = '"evidence":['
        for grant in finding.evidence:
            yield before
            if isinstance(grant, RbacGrant):
                rule = self._rules.get((id(grant.role), grant.rule_index)) or self._rule(grant)
                yield f"{self._binding(grant.binding)}{_member('subject', subject_data(grant))}{rule}"
            else:
                yield _encode(evidence_data(grant, self._locate)).decode()
            before = ","
        if finding.evidence:
            yield "],"

    def _rare(self, judged: Judged) -> str:
        related = [{"text": one.text, "at": place(one.origin, self._locate)} for one in judged.finding.related]
        shown = {"related": related, "patch": _patch_data(judged.finding), "waiver": _waiver_data(judged)}
        return "".join([_member(key, value) for key, value in shown.items() if value])

    def _binding(self, binding: Binding) -> str:
        found = self._bindings.get(id(binding))
        if found is None:
            found = self._bindings[id(binding)] = '{"type":"rbac",' + _member("binding", object_data(binding, self._locate))
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
