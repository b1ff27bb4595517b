"""What a server, or its audit log, said of a request: the other side of a comparison."""

from __future__ import annotations

import msgspec

from rbaclens.model.rules import PolicyRule


class ServerAnswer(msgspec.Struct, frozen=True, gc=False):
    """The status of an access review, or a recorded decision.

    ``problem`` says why there is no answer (a refusal, an error); the other fields mean nothing then.
    """

    allowed: bool = False
    denied: bool = False
    reason: str = ""
    evaluation_error: str = ""
    problem: str = ""

    @property
    def asked(self) -> bool:
        """Whether the server answered."""
        return not self.problem


class RuleList(msgspec.Struct, frozen=True):
    """A SelfSubjectRulesReview's status (SSRR-03), or in ``problem`` why there is none."""

    rules: tuple[PolicyRule, ...] = ()
    incomplete: bool = False
    problem: str = ""
