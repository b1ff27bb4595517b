"""Why not, and what would help: near misses and suggestions as text and as data."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.gates import AUTHENTICATION
from rbaclens.analysis.near_axes import SLIP, Axis
from rbaclens.analysis.near_misses import EmptyGrant, NearMiss, near_misses
from rbaclens.analysis.suggest import NOTHING, suggest
from rbaclens.index.engine import Engine
from rbaclens.model.decision import Decision, NodeGrant
from rbaclens.reports.data import render
from rbaclens.reports.decision import evidence_text, request_data, row, sentence
from rbaclens.reports.evidence import Data, Locate, evidence_data, object_data, place

_SHOWN = 6
_WORDS = {"namespace": "bound in", "scope": "bound in", "user": "given to", "group": "given to"}


def why_text(engine: Engine, decision: Decision) -> Iterator[str]:
    """The near misses as lines, each with what failed and where the grant stands; nothing for a yes."""
    if decision.allowed:
        return
    yield ""
    if decision.denied or decision.opinion.authorizer == AUTHENTICATION:
        yield f"refused by {decision.opinion.authorizer}, whatever other authorizers grant"
        return
    misses = near_misses(engine, decision.request)
    yield "nearly allowed by" if misses else "nothing in the policy comes near"
    for number, miss in enumerate(misses, 1):
        yield f"  {number}. {'; '.join(map(axis_text, miss.failed))}"
        yield from (f"   {line}" for line in _evidence_text(miss, engine.policy.locate))
        if miss.instead is not None and any(axis.name not in {"user", "group", "subject"} for axis in miss.failed):
            yield f"   {row('allows', sentence(miss.instead))}"


def why_data(engine: Engine, decision: Decision) -> Data:
    """The near misses as data, under ``nearMisses``; none where somebody refused outright."""
    refused = decision.denied or decision.opinion.authorizer == AUTHENTICATION
    misses = () if decision.allowed or refused else near_misses(engine, decision.request)
    return {"nearMisses": [_miss_data(miss, engine.policy.locate) for miss in misses]}


def axis_text(axis: Axis) -> str:
    """One attribute that fails, in words."""
    if axis.mistake:
        return f"{axis.name}: {axis.mistake}"
    held = ", ".join(value or "(none)" for value in axis.held[:_SHOWN])
    if len(axis.held) > _SHOWN:
        held += f" and {len(axis.held) - _SHOWN} more"
    asked = f"asked {axis.wanted or '(none)'}, " if axis.name != "group" or axis.wanted else ""
    slip = " (nearly the same)" if axis.cost == SLIP else ""
    return f"{axis.name}: {asked}{_WORDS.get(axis.name, 'held')} {held}{slip}"


def _evidence_text(miss: NearMiss, locate: Locate) -> Iterator[str]:
    evidence = miss.evidence
    if isinstance(evidence, EmptyGrant):
        binding, subject = evidence.binding, evidence.subject
        title = f"{binding.namespace}/{binding.name}" if binding.namespace else binding.name
        yield row("rbac", f"{binding.kind} {title} names {subject.kind} {subject.name}", place(binding.origin, locate))
    elif isinstance(evidence, NodeGrant):
        yield row("node", f"{evidence.rule} allows it to nodes")
    else:
        yield from evidence_text(evidence, locate)


def _miss_data(miss: NearMiss, locate: Locate) -> Data:
    evidence = miss.evidence
    if isinstance(evidence, EmptyGrant):
        subject = {"kind": evidence.subject.kind, "name": evidence.subject.name}
        shown: Data = {"type": "rbac", "binding": object_data(evidence.binding, locate), "subject": subject}
    else:
        shown = evidence_data(evidence, locate)
    data: Data = {"failed": [_axis_data(axis) for axis in miss.failed], "distance": miss.distance, "evidence": shown}
    if miss.instead is not None:
        data["allows"] = request_data(miss.instead)
    return data


def _axis_data(axis: Axis) -> Data:
    data: Data = {"attribute": axis.name, "asked": axis.wanted, "held": list(axis.held)}
    return {**data, "mistake": axis.mistake} if axis.mistake else data


def suggestion_text(engine: Engine, decision: Decision) -> Iterator[str]:
    """What to add, as lines: remarks as comments, then YAML documents that can be applied as they are."""
    found = suggest(engine, decision.request, decision)
    yield ""
    yield f"# {found.kind}" + ("" if found.kind == NOTHING else f" (tried: the answer is {found.decision.answer.value} with it)")
    yield from (f"# {note}" for note in found.notes)
    for number, item in enumerate(found.objects):
        if number:
            yield "---"
        yield from render(item, "yaml").splitlines()


def suggestion_data(engine: Engine, decision: Decision) -> Data:
    """What to add as data, under ``suggestion``."""
    found = suggest(engine, decision.request, decision)
    return {"suggestion": {"kind": found.kind, "objects": list(found.objects), "notes": list(found.notes)}}
