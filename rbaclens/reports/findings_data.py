"""Findings as data: what ``-o json`` and ``-o jsonl`` carry, and what the other reports are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from rbaclens.analysis.holder import Grant, Principal
from rbaclens.audit.context import Doubt
from rbaclens.audit.finding import Finding, Related, name_of
from rbaclens.audit.rule import Rule
from rbaclens.audit.severity import Severity
from rbaclens.audit.verdict import Judged, Verdict
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.reports.data import render
from rbaclens.reports.evidence import Data, Locate, abac_text, evidence_data, place, rule_text

SCHEMA = "rbaclens.audit/v1"


def json_pieces(verdict: Verdict, locate: Locate, rules: tuple[Rule, ...], version: tuple[int, int]) -> Iterator[str]:
    """The whole report as JSON, a finding a line, piece by piece: a large cluster's is never in memory as a whole."""
    head: Data = {"schema": SCHEMA, "kubeVersion": ".".join(map(str, version)), "summary": summary_data(verdict)}
    head |= {"rules": [rule.id for rule in rules]}
    if verdict.doubts:
        head["unknown"] = [doubt_data(one) for one in verdict.doubts]
    gone = [{"rule": one.rule, "principal": one.principal, "fingerprint": one.fingerprint} for one in verdict.gone]
    yield render({**head, "gone": gone}, "json")[:-2] + ',\n  "findings": ['
    tell = _remembering(locate)
    separator = "\n    "
    for one in verdict.judged:
        yield separator + msgspec.json.encode(finding_data(one, locate, tell)).decode()
        separator = ",\n    "
    yield "]\n}" if separator == "\n    " else "\n  ]\n}"


def jsonl_pieces(verdict: Verdict, locate: Locate) -> Iterator[str]:
    """A finding a line."""
    tell = _remembering(locate)
    separator = ""
    for one in verdict.judged:
        yield separator + msgspec.json.encode({"schema": SCHEMA, **finding_data(one, locate, tell)}).decode()
        separator = "\n"


def _remembering(locate: Locate) -> Callable[[Grant], Any]:
    """Evidence as encoded data: one grant is the evidence of many findings."""
    known: dict[int, msgspec.Raw] = {}

    def tell(grant: Grant) -> msgspec.Raw:
        found = known.get(id(grant))
        if found is None:
            found = known[id(grant)] = msgspec.Raw(msgspec.json.encode(evidence_data(grant, locate)))
        return found

    return tell


def summary_data(verdict: Verdict) -> Data:
    """How many there are of what."""
    open_ = Counter(finding.severity for finding in verdict.open)
    states = Counter(one.state for one in verdict.judged)
    return {
        "failOn": verdict.fail_on.title.lower() if verdict.fail_on is not None else "never",
        "failing": verdict.failing,
        "open": {level.title.lower(): open_[level] for level in sorted(Severity, reverse=True)},
        "waived": states["waived"],
        "known": states["known"],
        "gone": len(verdict.gone),
    }


def finding_data(judged: Judged, locate: Locate, tell: Callable[[Grant], Any] | None = None) -> Data:
    """One finding; empty fields are left out. ``tell`` makes data of evidence."""
    finding = judged.finding
    data: Data = {
        "id": finding.id,
        "rule": finding.rule,
        "title": finding.title,
        "severity": finding.severity.title.lower(),
        "score": finding.score,
        "confidence": finding.confidence,
        "state": judged.state,
        "principal": principal_data(finding.principal) if finding.principal else None,
        "scopes": list(finding.scopes),
        "latent": finding.latent or None,
        "partOf": finding.part_of,
        "message": finding.message,
        "remediation": finding.remediation,
        "at": place(finding.origin, locate) if finding.origin else None,
        "objects": [name_of(one) for one in finding.objects],
        "evidence": [tell(grant) if tell else evidence_data(grant, locate) for grant in finding.evidence],
        "related": [{"text": one.text, "at": place(one.origin, locate)} for one in finding.related],
        "patch": patch_data(finding),
        "waiver": waiver_data(judged),
        "fingerprint": finding.fingerprint,
    }
    return {key: value for key, value in data.items() if value or value == 0.0}


def doubt_data(doubt: Doubt) -> Data:
    """What a custom rule could not decide."""
    return {"rule": doubt.rule, "at": doubt.place, "reason": doubt.reason, "on": doubt.on, "count": doubt.count}


def principal_data(principal: Principal) -> Data:
    """Kind, name and namespace."""
    if principal.kind != "ServiceAccount":
        return {"kind": principal.kind, "name": principal.name}
    namespace, _, name = principal.name.partition("/")
    return {"kind": principal.kind, "name": name, "namespace": namespace}


def patch_data(finding: Finding) -> Data | None:
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


def waiver_data(judged: Judged) -> Data | None:
    """Why a finding is waived, by whom and until when."""
    waiver = judged.waiver
    if waiver is None:
        return None
    expires = waiver.expires.isoformat() if waiver.expires else ""
    data = {"reason": waiver.reason, "owner": waiver.owner, "expires": expires}
    return {key: value for key, value in data.items() if value}


def where_text(finding: Finding, most: int = 3) -> str:
    """Where it holds, in words."""
    scopes = finding.scopes
    if not scopes:
        return ""
    if "*" in scopes:
        return "everywhere"
    return ", ".join(scopes) if len(scopes) <= most else f"{len(scopes)} namespaces"


def chain(finding: Finding, most: int | None = None) -> Iterator[Related]:
    """The evidence as places with words: binding, then rule, of each grant; after ``most`` grants the others are left out."""
    for grant in finding.evidence[:most]:
        yield from links(grant)


def links(grant: Grant) -> Iterator[Related]:
    """One grant: the binding, then the rule; or the ABAC line."""
    if isinstance(grant, AbacGrant):
        yield Related(grant.policy.origin, f"ABAC: {abac_text(grant.policy)}")
        return
    binding, role = grant.binding, grant.role
    name = f"{binding.namespace}/{binding.name}" if binding.namespace else binding.name
    yield Related(binding.origin, f"{binding.kind} {name} binds {_subject(grant)} to {role.kind} {role.name}")
    yield Related(role.rule_origin(grant.rule_index), f"{role.kind} {role.name}: {rule_text(grant.rule)}")


def _subject(grant: RbacGrant) -> str:
    subject = grant.subject
    if subject.kind == "ServiceAccount":
        return f"ServiceAccount {subject.namespace or grant.binding.namespace}/{subject.name}"
    return f"{subject.kind} {subject.name}"
