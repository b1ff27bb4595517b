"""One decision as data and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rbaclens.model.decision import (
    AbacGrant,
    AlwaysGrant,
    Answer,
    Decision,
    Evidence,
    GroupGrant,
    NodeGrant,
    Opinion,
    RbacGrant,
    WebhookGrant,
)
from rbaclens.model.request import Request
from rbaclens.reports.evidence import Data, Locate, abac_text, evidence_data, place, rbac_data, rule_text

SCHEMA = "rbaclens.decision/v1"


def request_data(request: Request) -> Data:
    """The request in the review API's field names, empty ones left out; ``resource`` and ``verb`` are always there."""
    if request.path is not None:
        what: Data = {"verb": request.verb, "path": request.path}
    else:
        what = {"verb": request.verb, "group": request.api_group, "resource": request.resource}
        optional = {"subresource": request.subresource, "namespace": request.namespace, "name": request.name}
        what.update({key: value for key, value in optional.items() if value})
        if request.version != "*":
            what["version"] = request.version
    return {"user": request.user, "groups": list(request.groups), **what}


def sentence(request: Request) -> str:
    """The request in words: ``get pods/log web-0 in namespace demo``."""
    if request.path is not None:
        return f"{request.verb or '(no verb)'} {request.path}"
    what = request.combined + (f".{request.api_group}" if request.api_group else "")
    if request.api_group and request.subresource:
        what = f"{request.resource}.{request.api_group}/{request.subresource}"
    text = f"{request.verb or '(no verb)'} {what}" + (f" {request.name}" if request.name else "")
    return text + (f" in namespace {request.namespace}" if request.namespace else " at the cluster scope")


def decision_data(decision: Decision, locate: Locate, problems: Iterable[str] = (), notes: Iterable[str] = ()) -> Data:
    """The decision with its evidence as data."""
    opinion = decision.opinion
    data: Data = {
        "schema": SCHEMA,
        "answer": decision.answer.value,
        "request": request_data(decision.request),
        "authorizer": opinion.authorizer,
        "reason": decision.reason,
        "evaluationError": decision.evaluation_error,
    }
    if opinion.evidence is not None:
        data["evidence"] = evidence_data(opinion.evidence, locate)
    for key, values in (("doubts", decision.doubts), ("problems", problems), ("notes", notes)):
        listed = list(values)
        if listed:
            data[key] = listed
    return data


def decision_text(decision: Decision, locate: Locate, problems: Iterable[str] = (), notes: Iterable[str] = ()) -> Iterator[str]:
    """The decision as lines for a person: the answer, the request as it was understood, and why."""
    request = decision.request
    yield decision.answer.value
    yield row("request", sentence(request))
    yield row("as", f"{request.user or '(no user name)'}, groups: {', '.join(request.groups) or '(none)'}")
    yield from opinion_text(decision.opinion, locate, decision.answer)
    for label, values in (("unknown", decision.doubts), ("problem", problems), ("note", notes)):
        for value in values:
            yield row(label, value)
    if decision.evaluation_error:
        yield row("error", decision.evaluation_error)


def opinion_text(opinion: Opinion, locate: Locate, answer: Answer) -> Iterator[str]:
    """Why: the evidence with file and line, or the reason for a no."""
    if opinion.evidence is not None:
        yield from evidence_text(opinion.evidence, locate)
    elif opinion.authorizer:
        yield row("why", f"{opinion.authorizer}: {opinion.reason}")
    elif answer is not Answer.YES:
        said = "; ".join(opinion.reason.splitlines())
        yield row("why", "no authorizer allows it" + (f" ({said})" if said else ""))


def evidence_text(evidence: Evidence, locate: Locate) -> Iterator[str]:
    """The evidence as rows, the place at the end of each."""
    match evidence:
        case RbacGrant():
            yield from _rbac_text(evidence, locate)
        case AbacGrant(policy):
            yield row("abac", f"line {policy.line}: {abac_text(policy)}", place(policy.origin, locate))
        case NodeGrant(rule, steps):
            yield row("node", f"allowed by {rule}" + (": " + " -> ".join(steps) if steps else ""))
        case GroupGrant(group):
            yield row("group", f"members of {group} bypass every authorizer")
        case WebhookGrant(name, reason, assumed):
            how = "assumed to answer so, as told" if assumed else f"says: {reason or '(no reason given)'}"
            yield row("webhook", f"{name} {how}")
        case AlwaysGrant():
            yield row("always", "AlwaysAllow allows every request")


def _rbac_text(grant: RbacGrant, locate: Locate) -> Iterator[str]:
    data = rbac_data(grant, locate)
    rule = data["rule"]
    yield row("rbac", f"{_named(data['binding'])} names {_named(data['subject'])}", data["binding"]["at"])
    yield row("", f"grants {_named(data['role'])}", data["role"]["at"])
    gathered = f", gathered from ClusterRole {rule['writtenIn']}" if "writtenIn" in rule else ""
    yield row("", f"rule {rule['index'] + 1}: {rule_text(grant.rule)}{gathered}", rule["at"])


def row(label: str, text: str, at: Data | None = None) -> str:
    """One aligned line of a text report."""
    line = f"  {label:<9} {text}"
    return f"{line}  ({place_text(at)})" if at else line


def place_text(at: dict[str, Any]) -> str:
    """``file:line``, or the file alone."""
    return f"{at['file']}:{at['line']}" if at.get("line") else str(at["file"])


def _named(data: Data) -> str:
    return f"{data['kind']} {data['namespace']}/{data['name']}" if data.get("namespace") else f"{data['kind']} {data['name']}"
