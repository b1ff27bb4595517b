"""Findings as ``-o json`` and ``-o jsonl`` carry them. There may be tens of thousands: what many of them share is encoded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from rbaclens.analysis.holder import Grant, Principal
from rbaclens.audit.context import Doubt
from rbaclens.audit.finding import Finding, Subject, name_of, where
from rbaclens.audit.rule import Rule
from rbaclens.audit.verdict import Judged, Summary
from rbaclens.model.decision import RbacGrant
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, Role
from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data, Locate, evidence_data, granted_rule_data, object_data, place, subject_data
from rbaclens.reports.findings_data import summary_data
from rbaclens.reports.lines import Lines

SCHEMA = "rbaclens.audit/v1"
_encode = msgspec.json.Encoder().encode


def json_report(locate: Locate, rules: tuple[Rule, ...], version: tuple[int, int], *, much: bool = False) -> Lines:
    """The whole report as JSON, a finding a line."""

    def frame(summary: Summary, lines: Iterator[bytes]) -> Iterator[bytes]:
        head: Data = {"schema": SCHEMA, "kubeVersion": ".".join(map(str, version)), "summary": summary_data(summary)}
        head |= {"rules": [rule.id for rule in rules]}
        if summary.doubts:
            head["unknown"] = [_doubt_data(one) for one in summary.doubts]
        gone = [{"rule": one.rule, "principal": one.principal, "fingerprint": one.fingerprint} for one in summary.gone]
        yield (render({**head, "gone": gone}, "json")[:-2] + ',\n  "findings": [').encode()
        end = b"]\n}"
        for first in islice(lines, 1):
            yield first.removeprefix(b",")
            end = b"\n  ]\n}"
        yield from lines
        yield end

    return Lines(_Lines(locate, ",\n    {").told, frame, much=much)


def jsonl_report(locate: Locate, *, much: bool = False) -> Lines:
    """A finding a line."""

    def frame(_: Summary, lines: Iterator[bytes]) -> Iterator[bytes]:
        for first in islice(lines, 1):
            yield first.removeprefix(b"\n")
        yield from lines

    return Lines(_Lines(locate, f'\n{{"schema":{_text(SCHEMA)},').told, frame, much=much)


class _Rated(msgspec.Struct, frozen=True, gc=False):
    """What the findings of one rule and score share."""

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

    A member has a comma behind it; the fingerprint, which is never left out, closes a line. ``opening`` begins each line.
    """

    def __init__(self, locate: Locate, opening: str) -> None:
        self._locate = locate
        self._opening = opening
        self._rated: dict[tuple[str, float, str], tuple[str, str, str]] = {}
        self._gives: dict[str, str] = {}
        self._scopes: dict[tuple[str, ...], tuple[str, str]] = {(): ("", "")}
        # What is kept by its id is kept itself, so that nothing else gets that id.
        self._bindings: dict[int, tuple[Binding, str]] = {}
        self._roles: dict[int, tuple[Role, str]] = {}
        self._rules: dict[tuple[int, int], str] = {}
        self._names: dict[int, tuple[Subject, str]] = {}
        self._files: dict[str, str] = {}
        self._chains: dict[int, _Chain] = {}
        self._principals: dict[int, tuple[str, str]] = {}

    def told(self, some: Iterable[Judged]) -> Iterator[bytes]:
        """A line for each."""
        # These are known by what is there as long as the findings are, who come by principal.
        self._chains = {}
        self._principals = {}
        return (self._line(one).encode() for one in some)

    def _line(self, judged: Judged) -> str:
        finding = judged.finding
        evidence = finding.evidence
        rated = self._rated.get((finding.rule, finding.score, judged.state))
        opening, rating, remediation = rated or self._rating(finding, judged.state)
        scopes, where = self._scopes.get(finding.scopes) or self._scoped(finding.scopes)
        fingerprint = finding.fingerprint
        more = ""
        if finding.latent or finding.part_of:
            more = '"latent":true,' * finding.latent + (_member("partOf", finding.part_of) if finding.part_of else "")
        rare = self._rare(judged) if finding.related or finding.patch or judged.waiver else ""
        grant = evidence[0] if len(evidence) == 1 and not finding.text else None
        if isinstance(grant, RbacGrant):
            # The usual case, the short way: all that a principal holds by a binding has the same origin, the very same object.
            chain = self._chains.get(id(finding.origin)) or self._chain(finding, grant)
            gives = self._gives.get(finding.gives) or self._given(finding.gives)
            known = self._rules.get((id(grant.role), grant.rule_index))
            return (
                f'{opening}{fingerprint[:12]}{rating}{chain.principal}{scopes}{more}"message":"{chain.who}{where}{chain.by}{gives}",'
                f'{remediation}{chain.source}{known or self._rule(grant)}],{rare}"fingerprint":"{fingerprint}"}}'
            )
        principal = self._principal(finding.principal)[0] if finding.principal is not None else ""
        return (
            f'{opening}{fingerprint[:12]}{rating}{principal}{scopes}{more}"message":{_text(finding.message)},'
            f'{remediation}{self._source(finding)}{rare}"fingerprint":"{fingerprint}"}}'
        )

    def _rating(self, finding: Finding, state: str) -> tuple[str, str, str]:
        """What is the same for all findings of a rule that are as bad: how they begin, how bad they are, and what to do."""
        opening = f'{self._opening}"id":{_text(finding.rule)[:-1]}-'
        rated = _Rated(finding.rule, finding.title, finding.severity.word, finding.score, finding.confidence, state)
        remediation = _member("remediation", finding.remediation) if finding.remediation else ""
        found = opening, f'",{_encode(rated)[1:-1].decode()},', remediation
        self._rated[finding.rule, finding.score, state] = found
        return found

    def _scoped(self, scopes: tuple[str, ...]) -> tuple[str, str]:
        """The member, and what the message says."""
        found = self._scopes[scopes] = _member("scopes", scopes), _text(where(scopes))[1:-1]
        return found

    def _given(self, text: str) -> str:
        found = self._gives[text] = _text(text)[1:-1]
        return found

    def _principal(self, principal: Principal) -> tuple[str, str]:
        """The member, and how a message begins."""
        found = self._principals.get(id(principal))
        if found is None:
            found = self._principals[id(principal)] = _member("principal", _who(principal)), _text(f"{principal} ")[1:-1]
        return found

    def _chain(self, finding: Finding, grant: RbacGrant) -> _Chain:
        assert finding.principal is not None and finding.origin is not None  # noqa: S101
        source = f'{self._place(finding)}"evidence":[{self._binding(grant.binding)}{_member("subject", subject_data(grant))}'
        by = _text(f", by {finding.by}: ")[1:-1]
        found = self._chains[id(finding.origin)] = _Chain(*self._principal(finding.principal), by, source)
        return found

    def _place(self, finding: Finding) -> str:
        """The place and the objects."""
        at = f'"at":{self._at(finding.origin)},' if finding.origin is not None else ""
        return f'{at}"objects":[{",".join(map(self._name, finding.objects))}],' if finding.objects else at

    def _at(self, origin: Origin) -> str:
        """A place, as :func:`evidence.place`."""
        found = self._locate(origin)
        file = self._files.get(found.file)
        if file is None:
            file = self._files[found.file] = f'{{"file":{_text(found.file)}'
        return f'{file},"line":{found.line},"column":{found.column}}}' if found.line else f"{file}}}"

    def _name(self, one: Subject) -> str:
        known = self._names.get(id(one))
        if known is None:
            known = self._names[id(one)] = one, _text(name_of(one))
        return known[1]

    def _source(self, finding: Finding) -> str:
        """The place, the objects and all of the evidence, as :func:`evidence.evidence_data`."""
        if not finding.evidence:
            return self._place(finding)
        return f'{self._place(finding)}"evidence":[{",".join(map(self._evidence, finding.evidence))}],'

    def _evidence(self, grant: Grant) -> str:
        if isinstance(grant, RbacGrant):
            return f"{self._binding(grant.binding)}{_member('subject', subject_data(grant))}{self._rule(grant)}"
        return _encode(evidence_data(grant, self._locate)).decode()

    def _rare(self, judged: Judged) -> str:
        related = [{"text": one.text, "at": place(one.origin, self._locate)} for one in judged.finding.related]
        shown = {"related": related, "patch": _patch_data(judged.finding), "waiver": _waiver_data(judged)}
        return "".join([_member(key, value) for key, value in shown.items() if value])

    def _binding(self, binding: Binding) -> str:
        known = self._bindings.get(id(binding))
        if known is None:
            text = '{"type":"rbac",' + _member("binding", object_data(binding, self._locate))
            known = self._bindings[id(binding)] = binding, text
        return known[1]

    def _rule(self, grant: RbacGrant) -> str:
        """The role, and the rule of it, as :func:`evidence.granted_rule_data`."""
        role, number = grant.role, grant.rule_index
        found = self._rules.get((id(role), number))
        if found is None:
            known = self._roles.get(id(role))
            if known is None:
                known = self._roles[id(role)] = role, _member("role", object_data(role, self._locate))
            if role.gathered:
                rule = _encode(granted_rule_data(grant, self._locate)).decode()
            else:
                said = _encode(grant.rule)[1:-1].decode()
                rule = f'{{"index":{number},{said}{"," * (said != "")}"at":{self._at(role.rule_origin(number))}}}'
            found = self._rules[id(role), number] = f'{known[1]}"rule":{rule}}}'
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
