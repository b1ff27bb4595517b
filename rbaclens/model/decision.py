"""What the authorizers say, with the evidence for it."""

from __future__ import annotations

import enum

import msgspec

from rbaclens.model.abac import AbacPolicy
from rbaclens.model.objects import Binding, Role, Subject
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule


class Verdict(enum.Enum):
    """One authorizer's word (ATTR-22); UNKNOWN is ours: the authorizer was not asked, or could not be."""

    ALLOW = "allow"
    DENY = "deny"
    NO_OPINION = "no opinion"
    UNKNOWN = "unknown"


class Answer(enum.Enum):
    """The answer to "may they": ``unknown`` is never ``no``."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RbacGrant(msgspec.Struct, frozen=True, gc=False):
    """A binding that applies to the user, by ``subject``, and the rule of its role that allows the request."""

    binding: Binding
    subject: Subject
    role: Role
    rule_index: int

    @property
    def rule(self) -> PolicyRule:
        """The rule that allows."""
        return self.role.rules[self.rule_index]

    @property
    def reason(self) -> str:
        """The API server's reason text (RBAC-36): names before namespaces."""
        b, s = self.binding, self.subject
        where = f"{b.name}/{b.namespace}" if b.namespace else b.name
        who = f"{s.name}/{s.namespace or b.namespace}" if s.kind == "ServiceAccount" else s.name
        return f"RBAC: allowed by {b.kind} {quote(where)} of {b.role_ref.kind} {quote(b.role_ref.name)} to {s.kind} {quote(who)}"


class AbacGrant(msgspec.Struct, frozen=True, gc=False):
    """The ABAC line that allows the request."""

    policy: AbacPolicy

    reason = ""


class NodeGrant(msgspec.Struct, frozen=True, gc=False):
    """Why a node may: the static rule's or special case's id (``rule``), and the way through the graph to the node.

    ``steps`` are vertices as ``kind namespace/name``, from the object asked for to the node; empty without a graph check.
    """

    rule: str
    steps: tuple[str, ...] = ()

    reason = ""


class GroupGrant(msgspec.Struct, frozen=True, gc=False):
    """The privileged group that bypasses every authorizer (ATTR-25)."""

    group: str

    reason = ""


class WebhookGrant(msgspec.Struct, frozen=True, gc=False):
    """What a webhook answered; ``assumed`` when the answer was given on the command line and nobody was asked."""

    name: str
    reason: str = ""
    assumed: bool = False


class AlwaysGrant(msgspec.Struct, frozen=True, gc=False):
    """AlwaysAllow."""

    reason = ""


Evidence = RbacGrant | AbacGrant | NodeGrant | GroupGrant | WebhookGrant | AlwaysGrant


class Opinion(msgspec.Struct, frozen=True, gc=False):
    """One authorizer's opinion, or the union's: verdict, reason text, error text and evidence (ATTR-22)."""

    verdict: Verdict
    authorizer: str = ""
    text: str = ""
    error: str = ""
    evidence: Evidence | None = None

    @property
    def reason(self) -> str:
        """The reason as the API server prints it."""
        return self.evidence.reason if self.evidence is not None and not self.text else self.text


NOTHING = Opinion(Verdict.NO_OPINION)
"""No opinion and nothing to say about it: one shared instance, as most authorizers say it of most requests."""


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The chain's decision on one request.

    ``opinion`` is the deciding one, or the union of all when none decided (ATTR-24). ``doubts`` name what could not be
    known and stands between the opinion and a certain answer; with any of them a non-allow is ``UNKNOWN``.
    """

    request: Request
    answer: Answer
    opinion: Opinion
    doubts: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the answer is yes."""
        return self.answer is Answer.YES

    @property
    def denied(self) -> bool:
        """Whether an authorizer denied explicitly (no opinion is not a denial, SAR-13)."""
        return self.opinion.verdict is Verdict.DENY and self.answer is Answer.NO

    @property
    def reason(self) -> str:
        """The reason text of a SubjectAccessReview's status."""
        return self.opinion.reason

    @property
    def evaluation_error(self) -> str:
        """The evaluationError of a SubjectAccessReview's status: the authorizer's, then the selectors' (SEL-16)."""
        notes = self.request.selector_notes
        if not notes:
            return self.opinion.error
        return "; ".join((self.opinion.error, *notes) if self.opinion.error else notes)


def quote(text: str) -> str:
    """``text`` as Go's %q prints it (X-07)."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_quote_char(c) for c in text) + '"'


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", '"': '\\"', "\\": "\\\\"}


def _quote_char(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def aggregate(errors: list[str]) -> str:
    """Several error texts as one: duplicates dropped, bracketed when more than one is left (X-06)."""
    unique = list(dict.fromkeys(errors))
    if len(unique) <= 1:
        return unique[0] if unique else ""
    return "[" + ", ".join(unique) + "]"
