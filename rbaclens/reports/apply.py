"""May somebody apply these objects: the server's answer to each, what is missing, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rbaclens.analysis.coverage import compact
from rbaclens.analysis.escalation import ApplyVerdict, Operation
from rbaclens.model.decision import Answer
from rbaclens.model.location import Location
from rbaclens.model.objects import RBAC_GROUP, Binding, Role
from rbaclens.model.validation import Submission
from rbaclens.reports.decision import row
from rbaclens.reports.evidence import Data, rule_data, rule_text

SCHEMA = "rbaclens.can-apply/v1"
_WORDS = {200: "would be updated", 201: "would be created"}


class Judged(msgspec.Struct, frozen=True):
    """One object and the answer to it. ``after`` names the object of the same call that must be applied before it."""

    sent: Submission
    operation: Operation
    verdict: ApplyVerdict
    at: Location
    after: str = ""

    @property
    def answer(self) -> Answer:
        """Whether it would be stored; a refusal with doubts is unknown."""
        if self.verdict.stored:
            return Answer.YES
        return Answer.UNKNOWN if self.verdict.doubts else Answer.NO

    @property
    def title(self) -> str:
        """Kind, namespace and name."""
        name = self.sent.name or "(generated name)"
        return f"{self.sent.kind} {self.sent.namespace}/{name}" if self.sent.namespace else f"{self.sent.kind} {name}"


def apply_text(judged: Sequence[Judged]) -> Iterator[str]:
    """The answers as lines for a person."""
    for one in judged:
        verdict = one.verdict
        after = f", once {one.after} is applied" if one.after else ""
        said = (_WORDS[verdict.code] + after if verdict.stored else "refused") + f" ({verdict.code})"
        yield f"{one.answer.value:<8}{one.title}: {said}  ({one.at})"
        for number, line in enumerate(verdict.message.splitlines()):
            yield row("" if number else "server", line)
        for rule in compact(verdict.missing):
            yield row("missing", rule_text(rule))
        for cause in verdict.causes:
            yield row("field", f"{cause.field}: {cause.message}")
        for hint in hints(one):
            yield row("hint", hint)
        for doubt in verdict.doubts:
            yield row("unknown", doubt)


def apply_data(judged: Sequence[Judged], user: str, groups: Sequence[str]) -> Data:
    """The answers as data."""
    return {"schema": SCHEMA, "user": user, "groups": list(groups), "objects": [object_answer(one) for one in judged]}


def object_answer(one: Judged) -> Data:
    """One answer as data: the fields of the bulk form, and more."""
    verdict, sent = one.verdict, one.sent
    named = {"namespace": sent.namespace, "name": sent.name}
    data: Data = {"kind": sent.kind, **{key: value for key, value in named.items() if value}, "answer": one.answer.value}
    data |= {"code": verdict.code, "message": verdict.message, "causes": [msgspec.to_builtins(cause) for cause in verdict.causes]}
    optional: Data = {
        "missing": [rule_data(rule) for rule in compact(verdict.missing)],
        "hints": list(hints(one)),
        "unknown": list(verdict.doubts),
        "after": one.after,
    }
    at = {"file": one.at.file, "line": one.at.line} if one.at.line else {"file": one.at.file}
    return {**data, **{key: value for key, value in optional.items() if value}, "at": at}


def hints(one: Judged) -> Iterator[str]:
    """What would let the object through: the verb of the request, or ``escalate`` or ``bind`` (ESC-05, ESC-33)."""
    verdict, sent = one.verdict, one.sent
    where = f"in namespace {sent.namespace}" if sent.namespace else "at the cluster scope"
    item = sent.content
    if verdict.missing and isinstance(item, Role):
        name = "" if one.operation is Operation.CREATE else f" {sent.name}"
        yield f"holding the missing rules {where} would do, or the verb escalate on {sent.kind.lower()}s{name} there"
    elif isinstance(item, Binding) and (verdict.missing or verdict.code == 404):
        ref = item.role_ref
        first = "holding the missing rules" if verdict.missing else f"{ref.kind} {ref.name} has to be there first: that"
        yield f"{first} {where} would do, or the verb bind on {ref.kind.lower()}s {ref.name} there"
    elif verdict.code == 403:
        yield f"the verb {one.operation.value} on {sent.kind.lower()}s.{RBAC_GROUP} {where} is needed first"
