"""CEL expressions of custom rules: checked when they are read, with errors at their place in the file, and evaluated later."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Literal

from rbaclens.audit.custom.fields import text_of, wrong
from rbaclens.audit.custom.shapes import MESSAGES, types
from rbaclens.authorizers.cel_engine import Environments, LiteralError, check_literals, compiler_words, runtime_words, type_words
from rbaclens.authorizers.cel_library import missing_function
from rbaclens.errors import MissingExtraError, PolicyFileError
from rbaclens.model.location import Location
from rbaclens.model.placed import Placed

_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")
_FIELD = re.compile(r"undefined field '([^']*)' not found in struct '\w+\.(\w+)'")
_NAME = re.compile(r"undeclared reference to '([^'.]*)")
_WORD = re.compile(r"[A-Za-z_]\w*")
_TYPES = {"bool": "true or false (bool)", "string": "a text (string)"}
Variables = Mapping[str, str]
"""The kind of each variable, as ``cel_engine.Messages`` writes kinds."""


class EvaluationError(Exception):
    """An expression came to no value; the text says why."""


class Expression:
    """A compiled expression. ``text`` is as it was written, in one line; ``at`` is where it begins."""

    def __init__(self, node: Placed, key: str, variables: Variables, result: Literal["bool", "string"]) -> None:
        written = text_of(node, key)
        self.text = " ".join(written.split())
        self.at = node.place(0)
        self._environments = _environments(tuple(variables.items()), self.at)
        self._executable = _compiled(written, node, key, variables, result, self._environments)
        self._wanted = {word for word in _WORD.findall(written) if word in variables}

    def value(self, values: Mapping[str, Callable[[], Any]]) -> Any:
        """What it comes to. ``values`` make the variables, of which only those are made that it may need."""
        given = {name: make() for name, make in values.items() if name in self._wanted}
        try:
            found = self._executable.eval(self._environments.running.Activation(given))
            kind, value = found.type(), found.value()
        except (RuntimeError, ValueError, TypeError) as error:
            raise EvaluationError(runtime_words(str(error))) from None
        if kind == self._environments.error:
            raise EvaluationError(runtime_words(str(value)))
        return value


@functools.lru_cache(maxsize=32)
def _known_environments(variables: tuple[tuple[str, str], ...]) -> Environments | None:
    found = types()
    return None if found is None else found.environments(dict(variables))


def _environments(variables: tuple[tuple[str, str], ...], at: Location) -> Environments:
    found = _known_environments(variables)
    if found is None:
        raise MissingExtraError(f"{at}:{at.column}: CEL in a custom rule", "cel")
    return found


def _compiled(written: str, node: Placed, key: str, variables: Variables, result: str, environments: Environments) -> Any:
    try:
        checked = environments.checking.compile(written)
        check_literals(written, environments.running)
    except (RuntimeError, LiteralError) as error:
        raise _refusal(str(error), written, node, key, variables) from None
    kind = type_words(checked.return_type().name())
    if kind != result:
        raise wrong(f"{key}: expected {_TYPES[result]}, and this is {_kind(kind)}", node.place(0))
    return environments.running.deserialize(checked.serialize())


def _refusal(problem: str, written: str, node: Placed, key: str, variables: Variables) -> PolicyFileError:
    """The first error of the compiler, at its place in the file, in words that say what was expected."""
    found = _PLACE.search(problem)
    line, column, words = (int(found[1]), int(found[2]), found[3]) if found else (1, 1, compiler_words(problem))
    offset = sum(len(one) + 1 for one in written.split("\n")[: line - 1]) + column - 1
    # Of a field that is not there the engine names the dot before it, and of a variable the dot behind.
    offset += written[offset : offset + 1] == "." and "undefined field" in words
    name = _NAME.search(words)
    if name and not written.startswith(name[1], offset):
        offset = max(written.rfind(name[1], 0, offset), 0)
    at = node.place(min(offset, len(written)))
    if field := _FIELD.search(words):
        message, fields = MESSAGES.get(field[2], {}), f"it has {', '.join(MESSAGES.get(field[2], {}))}"
        return wrong(f'{key}: {_article(field[2])} has no field "{field[1]}"', at, _perhaps(field[1], tuple(message)) + fields)
    if missing := missing_function(words):
        return wrong(f"{key}: {missing} is not supported by rbaclens", at)
    if name:
        known = f"there are {', '.join(variables)}"
        return wrong(f'{key}: nothing is called "{name[1]}"', at, _perhaps(name[1], tuple(variables)) + known)
    words = words.partition(" expecting {")[0].removesuffix(" (in container '')").removesuffix(" [INVALID_ARGUMENT]")
    return wrong(f"{key}: {words[:1].lower()}{words[1:]}", at, "this is no CEL: https://cel.dev" if "yntax error" in words else "")


def _perhaps(written: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(written, known, n=1, cutoff=0.6)
    return f"perhaps {near[0]} was meant; " if near else ""


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "AO" else f"a {word}"


def _kind(name: str) -> str:
    return name.rpartition(".")[2] if name.startswith("rbaclens.") else name
