"""A kubectl command line taken apart as kubectl itself does it: command, arguments and flags, nothing guessed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

import rbaclens.facts
from rbaclens.errors import UsageError

Kind = Literal["switch", "value", "optional"]
_TRUE = frozenset(["1", "t", "T", "true", "TRUE", "True"])
_FALSE = frozenset(["0", "f", "F", "false", "FALSE", "False"])
# Commands for which the words behind ``--`` are a program to run in a container; for all others they are plain arguments.
_RUNNING = ("exec", "run", "debug", "create deployment", "create job", "create cronjob")
# What a flag with an optional value means when it stands alone.
_ALONE = {"dry-run": "unchanged", "validate": "strict", "cascade": "background"}


class KubectlLine(msgspec.Struct, frozen=True):
    """A command line. ``command`` is the full name (``create namespace``), ``args`` are its arguments and ``rest`` is the
    command to run that stands behind ``--``; ``flags`` are by their long name, every value in order."""

    command: str
    args: tuple[str, ...]
    rest: tuple[str, ...]
    flags: dict[str, list[str]]

    def text(self, flag: str, default: str = "") -> str:
        """The value of a flag; the last one given counts."""
        return self.flags[flag][-1] if flag in self.flags else default

    def switch(self, flag: str, default: bool = False) -> bool:
        """Whether a switch is on."""
        return self.text(flag) in _TRUE if flag in self.flags else default

    def items(self, flag: str) -> tuple[str, ...]:
        """All values of a flag that takes comma-separated lists, in order."""
        return tuple(item for value in self.flags.get(flag, ()) for item in value.split(",") if item)

    @property
    def dry_run(self) -> Literal["none", "client", "server"]:
        """What ``--dry-run`` asks for. Raises UsageError for any other value than kubectl's."""
        value = self.text("dry-run", "none")
        if value in ("unchanged", "client"):
            return "client"
        if value not in ("none", "server"):
            raise UsageError(f'invalid dry-run value "{value}"', "write --dry-run=none, server or client")
        return "server" if value == "server" else "none"


class _Facts(msgspec.Struct, frozen=True):
    """kubectl.json: for each command its flags as ``short|name``, with ``=`` (takes a value) or ``?`` (may take one)."""

    version: str
    common: str = msgspec.field(name="global")
    commands: dict[str, str] = {}
    aliases: dict[str, str] = {}


class _Flags(msgspec.Struct, frozen=True):
    kinds: dict[str, Kind]
    short: dict[str, str]


@cache
def _facts() -> _Facts:
    return msgspec.json.decode(Path(rbaclens.facts.__file__).with_name("kubectl.json").read_bytes(), type=_Facts)


@cache
def _flags_of(command: str) -> _Flags:
    kinds: dict[str, Kind] = {"help": "switch"}
    short = {"h": "help"}
    for word in f"{_facts().common} {_facts().commands.get(command, '')}".split():
        letter, bar, long = word.rpartition("|")
        name = long.rstrip("=?")
        kinds[name] = "value" if long.endswith("=") else "optional" if long.endswith("?") else "switch"
        if bar:
            short[letter] = name
    return _Flags(kinds, short)


def subcommands(command: str = "") -> tuple[str, ...]:
    """The last words of the commands right below ``command`` (empty: kubectl itself), sorted."""
    prefix = f"{command} " if command else ""
    names = (name[len(prefix) :] for name in _facts().commands if name.startswith(prefix) and name != command)
    return tuple(sorted(name for name in names if " " not in name))


def parse_kubectl_line(argv: Sequence[str]) -> KubectlLine:
    """Take ``argv`` apart; a leading ``kubectl`` is dropped. The command is empty when only flags are given.

    Raises UsageError for a command or flag that kubectl 1.32 does not have, with the nearest ones it has.
    """
    words = list(argv)
    if words and (words[0] == "kubectl" or words[0].endswith("/kubectl")):
        del words[0]
    command, words = _find_command(words)
    if not command and words and not words[0].startswith("-"):
        raise _unknown("command", words[0], subcommands())
    return _parse(command, words)


def _find_command(words: list[str]) -> tuple[str, list[str]]:
    """The longest command that the positional words begin with, and the words without it."""
    facts, command, left, index = _facts(), "", list(words), 0
    while index < len(left) and left[index] != "--":
        word = left[index]
        if _is_flag(word):
            index += 2 if _takes_next(word, _flags_of(command)) else 1
            continue
        longer = f"{command} {word}".strip()
        longer = facts.aliases.get(longer, longer)
        if longer not in facts.commands:
            break
        command = longer
        del left[index]
    return command, left


def _is_flag(word: str) -> bool:
    return word.startswith("-") and word != "-"


def _takes_next(word: str, flags: _Flags) -> bool:
    """Whether the next word belongs to this one; so it is taken for a flag that is not known, as kubectl does."""
    if "=" in word:
        return False
    if word.startswith("--"):
        return flags.kinds.get(_long(word[2:]), "value") == "value"
    return len(word) == 2 and flags.kinds.get(flags.short.get(word[1], ""), "value") == "value"


def _long(name: str) -> str:
    return name.replace("_", "-")


def _parse(command: str, words: list[str]) -> KubectlLine:
    flags = _flags_of(command)
    found: dict[str, list[str]] = {}
    args: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            rest = tuple(left)
            if command in _RUNNING:
                return KubectlLine(command, tuple(args), rest, found)
            return KubectlLine(command, (*args, *rest), (), found)
        if not _is_flag(word):
            args.append(word)
            continue
        pairs = _long_flag(word, left, flags) if word.startswith("--") else _short_flags(word, left, flags)
        for name, value in pairs:
            found.setdefault(name, []).append(value)
    return KubectlLine(command, tuple(args), (), found)


def _long_flag(word: str, left: Iterator[str], flags: _Flags) -> Iterable[tuple[str, str]]:
    name, equals, value = word[2:].partition("=")
    name = _long(name)
    kind = flags.kinds.get(name)
    if kind is None:
        raise _unknown("flag", f"--{name}", [f"--{known}" for known in flags.kinds])
    if equals:
        return ((name, _checked(name, value, kind)),)
    if kind == "value":
        return ((name, _next(left, word)),)
    return ((name, _ALONE.get(name, "true")),)


def _short_flags(word: str, left: Iterator[str], flags: _Flags) -> Iterator[tuple[str, str]]:
    """The flags of ``-it`` or ``-ndemo``: a flag that takes a value takes all that follows it."""
    letters = word[1:]
    while letters:
        letter, letters = letters[0], letters[1:]
        name = flags.short.get(letter)
        if name is None:
            raise _unknown("flag", f"-{letter}", [f"-{known}" for known in flags.short])
        kind = flags.kinds[name]
        if letters.startswith("="):
            yield name, _checked(name, letters[1:], kind)
            return
        if kind == "value":
            yield name, letters or _next(left, f"-{letter}")
            return
        yield name, _ALONE.get(name, "true")


def _next(left: Iterator[str], flag: str) -> str:
    for word in left:
        return word
    raise UsageError(f"{flag} needs a value", f"write {flag} and its value")


def _checked(name: str, value: str, kind: Kind) -> str:
    if kind == "switch" and value not in _TRUE and value not in _FALSE:
        raise UsageError(f'invalid value "{value}" for --{name}', "it is a switch: write true or false")
    return value


def _unknown(what: str, word: str, known: Iterable[str]) -> UsageError:
    nearest = difflib.get_close_matches(word, list(known), n=3)
    hint = f"did you mean {' or '.join(nearest)}?" if nearest else "nothing is guessed about what kubectl might send"
    return UsageError(f'kubectl {_facts().version} has no {what} "{word}"', hint)
