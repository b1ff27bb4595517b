"""The engine's decision beside a server's answer, and the likely cause where they differ."""

from __future__ import annotations

import enum
import re

import msgspec

from rbaclens.authorizers.node import node_name
from rbaclens.authorizers.rbac import role_key
from rbaclens.index.engine import Engine
from rbaclens.model.decision import AbacGrant, AlwaysGrant, Answer, Decision, Evidence, NodeGrant, RbacGrant, WebhookGrant
from rbaclens.model.identity import NODE_PREFIX
from rbaclens.model.objects import Binding
from rbaclens.model.request import Request
from rbaclens.model.server_answer import ServerAnswer

_REASON = re.compile(
    r'RBAC: allowed by (?P<kind>\w+) "(?P<name>(?:[^"\\]|\\.)*)" of (?P<role_kind>\w+) "(?P<role>(?:[^"\\]|\\.)*)" '
    r'to (?P<subject_kind>\w+) "(?P<subject>(?:[^"\\]|\\.)*)"'
)
_RBAC = "RBAC: "


class Outcome(enum.Enum):
    """What became of one comparison."""

    AGREE = "agree"
    DISAGREE = "disagree"
    UNKNOWN = "not known here"
    NOT_ASKED = "not asked"


class Cause(enum.Enum):
    """Why the two sides may differ, as far as it shows."""

    AUTHORIZER = "authorizer"
    STALE = "stale data"
    CHANGED = "policy changed"
    DEFECT = "engine defect"


class Comparison(msgspec.Struct, frozen=True):
    """One request, our decision and the server's answer.

    ``cause`` and ``detail`` are set for a disagreement, ``detail`` for some unknowns too. ``note`` marks the same answer for
    another reason, which an authorizer that the model was not told of may give.
    """

    request: Request
    decision: Decision
    answer: ServerAnswer
    outcome: Outcome
    cause: Cause | None = None
    detail: str = ""
    note: str = ""


def compare(engine: Engine, request: Request, answer: ServerAnswer) -> Comparison:
    """The engine's decision on ``request`` beside ``answer``.

    Two sides agree when the answers are the same and the grant that the server names is one of ours: it names any one of
    several (RBAC-27), never one that is not there.
    """
    decision = engine.decide(request)
    if not answer.asked:
        return Comparison(request, decision, answer, Outcome.NOT_ASKED)
    if decision.answer is Answer.UNKNOWN:
        return Comparison(request, decision, answer, Outcome.UNKNOWN)
    if decision.allowed != answer.allowed:
        if answer.allowed and not answer.reason and _depends_on_pods(engine, request):
            return Comparison(request, decision, answer, Outcome.UNKNOWN, detail="what runs on the nodes is not in this policy")
        cause, detail = likely_cause(engine, decision, answer)
        return Comparison(request, decision, answer, Outcome.DISAGREE, cause, detail)
    reason = decision.reason
    if not answer.allowed or answer.reason == reason:
        note = "the server denies by an authorizer's word" if answer.denied and not decision.denied else ""
        return Comparison(request, decision, answer, Outcome.AGREE, note=note)
    if _REASON.fullmatch(answer.reason):
        if any(answer.reason == grant.reason for grant in engine.all_grants(request)):
            return Comparison(request, decision, answer, Outcome.AGREE)
        if engine.rbac in engine.authorizers and any(answer.reason == grant.reason for grant in engine.rbac.grants(request)):
            note = f"here {decision.opinion.authorizer} allows before RBAC is asked"
            return Comparison(request, decision, answer, Outcome.AGREE, note=note)
        cause, detail = _unknown_grant(engine, answer.reason)
        return Comparison(request, decision, answer, Outcome.DISAGREE, cause, detail)
    note = f"the server allows for another reason: {answer.reason or 'none given'}"
    return Comparison(request, decision, answer, Outcome.AGREE, note=note)


def _depends_on_pods(engine: Engine, request: Request) -> bool:
    """Whether the node authorizer may have allowed by pods that this policy says nothing of (NODE-08)."""
    known = engine.policy.node_graph.pods or node_name(request.user, request.groups) is None
    return not known and any(entry.type == "Node" for entry in engine.config.authorizers)


def settle(found: Comparison, again: ServerAnswer | None, fresh: Engine | None, *, live: bool) -> Comparison:
    """A disagreement looked at a second time.

    ``again`` is the server's answer when asked once more; ``fresh`` an engine on the policy as the cluster holds it now.
    ``live`` says that the policy compared came from the cluster itself, a moment ago.
    """
    if again is not None and again.asked and again.allowed != found.answer.allowed:
        return _with(found, Cause.CHANGED, "the server answers differently when it is asked again")
    if fresh is None:
        return found
    now = compare(fresh, found.request, again if again is not None and again.asked else found.answer)
    if now.outcome is Outcome.AGREE:
        if live:
            return _with(found, Cause.CHANGED, f"the policy read afresh agrees with the server: {found.detail}")
        return _with(found, Cause.STALE, found.detail)
    if now.outcome is Outcome.DISAGREE and now.cause is not Cause.AUTHORIZER:
        return _with(found, Cause.DEFECT, "the policy read afresh disagrees with the server in the same way")
    return _with(found, now.cause or found.cause, now.detail or found.detail)


def _with(found: Comparison, cause: Cause | None, detail: str) -> Comparison:
    return msgspec.structs.replace(found, cause=cause, detail=detail)


def likely_cause(engine: Engine, decision: Decision, answer: ServerAnswer) -> tuple[Cause, str]:
    """Why the answers differ, by what the server's reason names and what this policy holds."""
    if answer.allowed:
        if _REASON.fullmatch(answer.reason):
            return _unknown_grant(engine, answer.reason)
        return Cause.AUTHORIZER, _unnamed_authorizer(decision, answer)
    if answer.denied or (answer.reason and not answer.reason.startswith(_RBAC)):
        return Cause.AUTHORIZER, f"an authorizer that the model was not told of refuses: {answer.reason or 'it gives no reason'}"
    return _not_granted_there(decision.opinion.evidence)


def _unnamed_authorizer(decision: Decision, answer: ServerAnswer) -> str:
    if decision.denied:
        return f"{decision.opinion.authorizer} denies here, and the server was not stopped by it"
    if decision.request.user.startswith(NODE_PREFIX) and not answer.reason:
        return "the server allows a node without naming a binding: the node authorizer, or another that the model was not told of"
    says = f"its reason is: {answer.reason}" if answer.reason else "it gives no reason, as ABAC, AlwaysAllow and webhooks may"
    return f"the server allows by an authorizer that the model was not told of; {says}"


def _unknown_grant(engine: Engine, reason: str) -> tuple[Cause, str]:
    """The server names a grant that this policy does not make: what of it is there?"""
    named = _REASON.fullmatch(reason)
    assert named is not None  # noqa: S101 - the callers have looked
    said = f"the server allows by {named['kind']} {named['name']} of {named['role_kind']} {named['role']}"
    binding = _binding(engine, named["kind"], named["name"])
    if binding is None:
        unread = engine.policy.gaps[0] if engine.policy.gaps else ""
        return Cause.STALE, f"{said}, a binding that is not in this policy" + (f" ({unread})" if unread else "")
    role = role_key(binding)
    if (binding.role_ref.kind, binding.role_ref.name) != (named["role_kind"], named["role"]):
        return Cause.CHANGED, f"{said}; here the binding grants {binding.role_ref.kind} {binding.role_ref.name}"
    if role is None or engine.index.role_of(binding) is None:
        return Cause.STALE, f"{said}, a role that is not in this policy"
    if engine.rbac not in engine.authorizers:
        return Cause.AUTHORIZER, f"{said}, and the model was told of no RBAC authorizer"
    if not any(named["subject"] in _names(subject.name, subject.namespace or binding.namespace) for subject in binding.subjects):
        return Cause.CHANGED, f"{said} to {named['subject_kind']} {named['subject']}, who is not among the binding's subjects here"
    return Cause.CHANGED, f"{said}; here no rule of that role allows it"


def _names(name: str, namespace: str) -> tuple[str, str]:
    return name, f"{name}/{namespace}"


def _binding(engine: Engine, kind: str, written: str) -> Binding | None:
    """The binding that a reason names: ``name`` or ``name/namespace`` (RBAC-36)."""
    name, _, namespace = written.rpartition("/") if kind == "RoleBinding" else (written, "", "")
    for binding in engine.policy.bindings:
        if binding.name == name and binding.namespace == namespace and binding.kind == kind:
            return binding
    return None


def _not_granted_there(evidence: Evidence | None) -> tuple[Cause, str]:
    """We allow and the server does not: what it lacks."""
    match evidence:
        case RbacGrant(binding, _, role):
            where = f"{binding.kind} {binding.name}" + (f" in namespace {binding.namespace}" if binding.namespace else "")
            return Cause.STALE, f"here {where} of {role.kind} {role.name} allows it; the server does not hold them so"
        case NodeGrant():
            return Cause.AUTHORIZER, "here the node authorizer allows it: the server may run without mode Node, or know other pods"
        case AbacGrant():
            return Cause.AUTHORIZER, "here an ABAC line allows it: the server may run without that policy file"
        case WebhookGrant(name):
            return Cause.AUTHORIZER, f"here webhook {name} allows it, and on the server it does not"
        case AlwaysGrant():
            return Cause.AUTHORIZER, "here AlwaysAllow is in the chain, and on the server it is not"
    return Cause.DEFECT, "nothing explains it"
