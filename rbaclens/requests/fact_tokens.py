"""The words of a permission fact, each with its place in the file."""

from __future__ import annotations

import re

import msgspec

from rbaclens.errors import UsageError

_TOKEN = re.compile(r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<mark>[,\[\]])|(?P<word>[^\s,\[\]]+))""")
END = ""


class FactSyntaxError(UsageError):
    """A fact that does not follow the grammar; ``line`` and ``column`` (from 1) say where."""

    def __init__(self, message: str, help: str, line: int, column: int) -> None:
        super().__init__(message, help)
        self.line = line
        self.column = column


class Token(msgspec.Struct, frozen=True):
    """A word, a comma or a bracket. What stood in quotes is ``quoted`` and never a keyword; the end has no text."""

    text: str
    line: int
    column: int
    quoted: bool = False

    def error(self, message: str, help: str = "") -> FactSyntaxError:
        """The error for what stands here."""
        return FactSyntaxError(message, help, self.line, self.column)

    @property
    def shown(self) -> str:
        """The token as messages name it."""
        return f'"{self.text}"' if self.text or self.quoted else "the end of the fact"


def tokenize(text: str, line: int, column: int, *, exact: bool = True) -> list[Token]:
    """The tokens of ``text``, which begins at ``line`` and ``column``, the end included.

    Where the file writes the text in another form (``exact`` is false), all tokens stand where the text begins. Raises
    FactSyntaxError for a quote that is never closed.
    """
    tokens: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end and (found := _TOKEN.match(text, at)):
        kind = found.lastgroup or "word"
        word, start = found[kind], found.start(kind) - (kind in ("double", "single"))
        token = Token(word, line, column + start if exact else column, kind in ("double", "single"))
        if kind == "word" and word[0] in "\"'":
            raise token.error(f"the quote {word[0]} is never closed", "write the same quote behind the word, or none")
        tokens.append(token)
        at = found.end()
    tokens.append(Token(END, line, column + end if exact else column))
    return tokens
