"""Label selector text to requirements, as the API server parses it (SEL-06 to SEL-10)."""

from __future__ import annotations

import re

from rbaclens.model.request import LabelRequirement
from rbaclens.requests.selector_syntax import SelectorError, is_int64, label_key_problems, label_value_problems

# The server's scanner stops at a NUL byte where a token should start, and swallows one that follows a token.
_TOKEN = re.compile(r"[ \t\r\n]*(!=|==|[=!(),<>]|[^=!(),<> \t\r\n\0]+)\0?")
_SYMBOLS = frozenset(["!=", "==", "=", "!", "(", ")", ",", "<", ">"])
_OPERATORS = {"in": "in", "notin": "notin", "=": "=", "==": "==", "!=": "!=", ">": "gt", "<": "lt"}
_END = ""


def parse_label_selector(text: str) -> tuple[LabelRequirement, ...]:
    """The requirements of a label selector, sorted by key, set values sorted (SEL-08); ``SelectorError`` if it cannot be parsed."""
    requirements = _Parser(text).parse()
    return tuple(sorted(requirements, key=lambda requirement: requirement.key))


def check_requirement(key: str, operator: str, values: tuple[str, ...]) -> LabelRequirement:
    """The requirement, or ``SelectorError`` with all that is wrong with it (SEL-07)."""
    problems = label_key_problems(key)
    if operator in ("in", "notin") and not values:
        problems.append("for 'in', 'notin' operators, values set can't be empty")
    if operator in ("exists", "!") and values:
        problems.append("values set must be empty for exists and does not exist")
    if operator in ("gt", "lt") and not all(map(is_int64, values)):
        problems.append("for 'Gt', 'Lt' operators, the value must be an integer")
    for value in values:
        problems += label_value_problems(value)
    if problems:
        raise SelectorError(f"{key} {operator} {','.join(values)}: {'; '.join(problems)}")
    return LabelRequirement(key, operator, values)


def _tokens(text: str) -> list[str]:
    """The tokens, with the empty one for the end last."""
    tokens, at = [], 0
    while found := _TOKEN.match(text, at):
        tokens.append(found[1])
        at = found.end()
    return [*tokens, _END]


class _Parser:
    """Recursive descent over the tokens; ``in`` and ``notin`` are keywords only where an operator stands (SEL-06)."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at]

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def expected(self, found: str, what: str) -> SelectorError:
        return SelectorError(f"unable to parse label selector: found '{found}', expected: {what}")

    def parse(self) -> list[LabelRequirement]:
        requirements: list[LabelRequirement] = []
        while self.peek() != _END or requirements:
            requirements.append(self.requirement())
            after = self.take()
            if after == _END:
                break
            if after != ",":
                raise self.expected(after, "',' or 'end of string'")
        return requirements

    def word(self, what: str) -> str:
        token = self.take()
        if token == _END or token in _SYMBOLS:
            raise self.expected(token, what)
        return token

    def requirement(self) -> LabelRequirement:
        negated = self.peek() == "!"
        if negated:
            self.take()
        key = self.word("identifier")
        if negated or self.peek() in (_END, ","):
            return check_requirement(key, "!" if negated else "exists", ())
        token = self.take()
        operator = _OPERATORS.get(token)
        if operator is None:
            raise self.expected(token, ", ".join(_OPERATORS))
        if operator in ("in", "notin"):
            return check_requirement(key, operator, self.values())
        value = "" if self.peek() in (_END, ",") else self.word("identifier")
        return check_requirement(key, operator, (value,))

    def values(self) -> tuple[str, ...]:
        """``(a,b)``: between commas and parentheses stands one word or nothing, which is the empty value (SEL-07)."""
        if (token := self.take()) != "(":
            raise self.expected(token, "'('")
        found = set()
        while True:
            found.add("" if self.peek() in (",", ")") else self.word("',', ')' or identifier"))
            token = self.take()
            if token == ")":
                return tuple(sorted(found))
            if token != ",":
                raise self.expected(token, "',' or ')'")
