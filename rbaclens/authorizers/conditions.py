"""A webhook's match conditions: whether it is asked at all (WH-07, WH-17 to WH-19)."""

from __future__ import annotations

import msgspec

from rbaclens.authorizers.cel import ExpressionError, Program, compile_expression, evaluate
from rbaclens.errors import AuthorizerConfigError
from rbaclens.model.decision import aggregate, quote
from rbaclens.model.request import Request


class Match(msgspec.Struct, frozen=True):
    """Whether all conditions hold; with ``None``, the server's ``error`` or why nobody can know (``doubt``)."""

    met: bool | None
    error: str = ""
    doubt: str = ""


_MET = Match(True)
_NOT_MET = Match(False)


class Conditions:
    """Compiled match conditions, in order."""

    def __init__(self, programs: tuple[Program, ...] = ()) -> None:
        self.programs = programs

    def match(self, request: Request) -> Match:
        """Whether the webhook is asked about ``request``.

        Any false wins over every error (WH-07), and over everything that could not be evaluated: whatever that came to, the
        webhook would not be asked. Next comes the doubt, because a condition nobody evaluated might have been false.
        """
        errors: list[str] = []
        doubts: list[str] = []
        for program in self.programs:
            outcome = evaluate(program, request)
            if outcome.value is False:
                return _NOT_MET
            if outcome.doubt:
                doubts.append(outcome.doubt)
            elif outcome.error:
                errors.append(outcome.error)
        if doubts:
            return Match(None, doubt="; ".join(doubts))
        return Match(None, aggregate(errors)) if errors else _MET


def compile_conditions(expressions: tuple[str, ...]) -> Conditions:
    """``expressions`` compiled.

    An expression that rbaclens cannot evaluate (no CEL engine, an unsupported function) compiles, and its outcome is a doubt.
    Raises :class:`AuthorizerConfigError` with the server's words for all that the server would refuse.
    """
    programs: list[Program] = []
    problems: list[str] = []
    for number, expression in enumerate(expressions):
        try:
            programs.append(compile_expression(expression))
        except ExpressionError as error:
            problems.append(f"matchConditions[{number}].expression: Invalid value: {quote(expression)}: {error}")
    if problems:
        raise AuthorizerConfigError("; ".join(problems), "the API server would not start with it", problems=tuple(problems))
    return Conditions(tuple(programs))


def check_expression(expression: str) -> str:
    """What is wrong with one match condition, in the server's words; empty when nothing is (WH-17).

    An expression that rbaclens cannot judge passes: that shows when a decision depends on it.
    """
    try:
        compile_expression(expression)
    except ExpressionError as error:
        return str(error)
    return ""
