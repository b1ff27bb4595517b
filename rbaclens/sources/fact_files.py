"""Files of permission facts: YAML to ``PermissionFact``, each with its line (format: docs/permission-tests.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Location
from rbaclens.model.permission_facts import PermissionFact
from rbaclens.sources import files, text

if TYPE_CHECKING:
    from rbaclens.requests.fact_tokens import Token
    from rbaclens.requests.resources import ResourceCatalogue

_STATEMENTS = ("fact", "allow", "deny", "only", "nobody", "everyone")
_KEYS = (*_STATEMENTS, "can", "except", "unless", "id", "why")
_SHAPE = "a fact is a text such as 'nobody can escalate clusterroles', or one of these words with its text: allow: bob get pods in shop"
# "only: [group:ops] can ..." is how people write it, and no YAML: a list, or a quoted name, with a rest behind it. It is read
# as a text.
_LIST_WITH_REST = re.compile(
    rb"""^((?:[ \t]*-)?[ \t]*(?:allow|deny|only)[ \t]*:[ \t]+)"""
    rb"""((?:\[[^\]#\n]*\]|"[^"\n]*"|'[^'\n]*')(?:[ \t]+[^\s#'"]|[ \t]*,[ \t]*[^\s#])[^\n]*?)([ \t]+\#[^\n]*|[ \t\r]*)$""",
    re.M,
)
Node = Any
Pair = tuple[Node, Node]


def load_facts(
    path: str, catalogue: ResourceCatalogue, *, name: str = "", stdin: Callable[[], bytes] | None = None
) -> tuple[PermissionFact, ...]:
    """The facts of a file (``-``: what ``stdin`` reads), in its order; ``name`` is what reports call it.

    Raises PolicyFileError with line and column.
    """
    return read_facts(text.to_utf8(files.read(path, stdin), name or path), name or path, catalogue)


def read_facts(data: bytes, name: str, catalogue: ResourceCatalogue) -> tuple[PermissionFact, ...]:
    """The facts of a text (UTF-8), which is called ``name``; the words of it are resolved by ``catalogue``."""
    from rbaclens.sources.yaml_text import compose

    quoted: set[int] = set()

    def quote(found: re.Match[bytes]) -> bytes:
        quoted.add(found.string.count(b"\n", 0, found.start(2)))
        return found[1] + b"'" + found[2].replace(b"'", b"''") + b"'" + found[3]

    data = _LIST_WITH_REST.sub(quote, data)
    facts: list[PermissionFact] = []
    for number, chunk in enumerate(text.yaml_documents(data)):
        first_line = data.count(b"\n", 0, chunk.start)
        reader = _Reader(name, number, first_line, quoted, catalogue)
        facts += reader.facts(compose(chunk.data, name, number, first_line))
    if not facts:
        raise PolicyFileError("holds no facts", _SHAPE, file=name)
    _check_ids(facts, name)
    return tuple(facts)


def _check_ids(facts: Sequence[PermissionFact], name: str) -> None:
    seen: dict[str, int] = {}
    for fact in facts:
        if fact.id and fact.id in seen:
            message = f'the id "{fact.id}" is taken by the fact on line {seen[fact.id]}'
            raise PolicyFileError(message, "give every fact an id of its own", file=name, line=fact.at.line, column=fact.at.column)
        seen[fact.id] = fact.at.line


class _Reader:
    """Reads one document. ``quoted`` are the lines (from 0) in which a quote was put in before the text."""

    def __init__(self, name: str, document: int, first_line: int, quoted: set[int], catalogue: ResourceCatalogue) -> None:
        self.name, self.document, self.first_line, self.quoted, self.catalogue = name, document, first_line, quoted, catalogue

    def facts(self, node: Node) -> Iterator[PermissionFact]:
        if node.id == "mapping":
            members = self.members(node)
            if "facts" in members:
                for key, (key_node, _) in members.items():
                    if key != "facts":
                        raise self.error(f'beside "facts" there is no place for "{key}"', key_node)
                node = members["facts"][1]
            else:
                yield self.fact(node)
                return
        if node.id != "sequence":
            raise self.error(f"expected a list of facts, not {_kind(node)}", node)
        for item in node.value:
            yield self.fact(item)

    def fact(self, node: Node) -> PermissionFact:
        if node.id == "scalar":
            return self.parse(node, self.tokens(node), _text(node))
        if node.id != "mapping":
            raise self.error(f"expected a fact, not {_kind(node)}", node)
        members = self.members(node)
        for key, (key_node, _) in members.items():
            if key not in _KEYS:
                raise self.error(f'a fact has no "{key}" (it has {", ".join(_KEYS)})', key_node)
        said = [key for key in members if key in _STATEMENTS]
        if len(said) != 1:
            message = "a fact needs one statement" if not said else f'"{said[0]}" and "{said[1]}" are two facts'
            raise self.error(message, members[said[1]][0] if said else node)
        tokens, words = self.statement(said[0], members)
        fact = self.parse(node, tokens, words)
        known = {key: self.scalar(members[key][1]) for key in ("id", "why") if key in members}
        return msgspec.structs.replace(fact, id=known.get("id", ""), why=known.get("why", ""))

    def statement(self, key: str, members: dict[str, Pair]) -> tuple[list[Token], str]:
        """The tokens of a fact that is written as a mapping, and its text in one line."""
        key_node, value = members[key]
        tokens = [] if key == "fact" else [self.token(key, key_node)]
        words = "" if key == "fact" else f"{key} " if key in ("nobody", "everyone") else f"{key}: "
        if key == "nobody" and value.id == "scalar" and not value.value:
            found: list[Token] = []
            said = ""
        else:
            found, said = self.parties(value) if value.id == "sequence" else (self.tokens(value), self.scalar(value))
        tokens += found[:-1]
        words += said
        if "can" in members:
            key_node, value = members["can"]
            tokens += [self.token("can", key_node), *self.tokens(value)[:-1]]
            words = f"{words.rstrip()} can {self.scalar(value)}"
        for exception in ("except", "unless"):
            if exception in members:
                key_node, value = members[exception]
                for item in value.value if value.id == "sequence" else [value]:
                    tokens += [self.token("except", key_node), *self.tokens(item)[:-1]]
                    words += f" {exception} {self.scalar(item)}"
        last = tokens[-1] if tokens else self.token("", key_node)
        end = msgspec.structs.replace(found[-1] if found and len(members) == 1 else last, text="", quoted=False)
        return [*tokens, end], " ".join(words.split())

    def parties(self, node: Node) -> tuple[list[Token], str]:
        """A list of subjects as tokens; each item is one subject, whatever is in it."""
        tokens = [self.token("[", node)]
        for number, item in enumerate(node.value):
            if number:
                tokens.append(self.token(",", item))
            tokens.append(msgspec.structs.replace(self.token(self.scalar(item), item), quoted=True))
        tokens += [self.token("]", node), self.token("", node)]
        return tokens, f"[{', '.join(self.scalar(item) for item in node.value)}]"

    def parse(self, node: Node, tokens: list[Token], words: str) -> PermissionFact:
        from rbaclens.requests.fact_grammar import parse_fact
        from rbaclens.requests.fact_tokens import FactSyntaxError

        try:
            fact = parse_fact(tokens, self.catalogue, words)
        except FactSyntaxError as error:
            raise PolicyFileError(
                error.message, error.help, file=self.name, document=self.document, line=error.line, column=error.column
            ) from None
        line, column = self.place(node)
        return msgspec.structs.replace(fact, at=Location(self.name, line, column))

    def tokens(self, node: Node) -> list[Token]:
        from rbaclens.requests.fact_tokens import FactSyntaxError, tokenize

        self.scalar(node)
        line, column = self.place(node)
        mark = node.start_mark
        one_line = node.end_mark.line == mark.line and node.style not in ("|", ">")
        if node.style in ("'", '"') and mark.line + self.first_line not in self.quoted:
            column += 1
        try:
            return tokenize(node.value, line, column, exact=one_line)
        except FactSyntaxError as error:
            raise PolicyFileError(
                error.message, error.help, file=self.name, document=self.document, line=error.line, column=error.column
            ) from None

    def token(self, word: str, node: Node) -> Token:
        from rbaclens.requests.fact_tokens import Token

        return Token(word, *self.place(node))

    def scalar(self, node: Node) -> str:
        if node.id != "scalar" or (not node.value.strip() and not node.style):
            raise self.error(f"expected a text, not {_kind(node)}", node)
        return _text(node)

    def members(self, node: Node) -> dict[str, Pair]:
        found: dict[str, Pair] = {}
        for key, value in node.value:
            if key.id != "scalar":
                raise self.error("expected a word as key", key)
            if key.value in found:
                raise self.error(f'"{key.value}" stands twice in this fact', key)
            found[key.value] = (key, value)
        return found

    def place(self, node: Node) -> tuple[int, int]:
        """Line and column from 1."""
        return self.first_line + node.start_mark.line + 1, node.start_mark.column + 1

    def error(self, message: str, node: Node) -> PolicyFileError:
        line, column = self.place(node)
        return PolicyFileError(message, _SHAPE, file=self.name, document=self.document, line=line, column=column)


def _text(node: Node) -> str:
    return " ".join(str(node.value).split())


def _kind(node: Node) -> str:
    if node.id != "scalar":
        return {"sequence": "a list", "mapping": "a mapping"}[node.id]
    return "a text" if node.value else "nothing"
