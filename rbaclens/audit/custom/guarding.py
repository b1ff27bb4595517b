"""Rules in Python that others wrote: an error in one is told with its line, and takes nothing else with it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

import msgspec

from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, name_of
from rbaclens.audit.match import Match
from rbaclens.audit.patch import Patch
from rbaclens.audit.rule import CapabilityRule, CheckRule, LineRule, Rule
from rbaclens.model.abac import AbacPolicy

Hook = Callable[..., Any]


def guarded(rule: Rule) -> Rule:
    """``rule`` with hooks that never raise: what went wrong becomes a doubt of the audit."""
    if isinstance(rule, CapabilityRule):
        made: dict[str, Any] = {}
        if rule.score is not None:
            made["score"] = _of_match(rule, rule.score, _score)
        if rule.here is not None:
            # Only a match knows whom a doubt is about.
            made |= {"here": None, "score": _one_after_other(_of_match(rule, rule.here, _score, attrgetter("here")), made.get("score"))}
        if rule.patch is not None:
            made["patch"] = _of_match(rule, rule.patch, _patch)
        if rule.sensitive is not None:
            made["sensitive"] = _of_name(rule.sensitive)
        return msgspec.structs.replace(rule, **made)
    if isinstance(rule, CheckRule):
        return msgspec.structs.replace(rule, check=_of_policy(rule, rule.check))
    return msgspec.structs.replace(rule, check=_of_line(rule, rule.check)) if isinstance(rule, LineRule) else rule


def place_of(error: BaseException, hook: object = None) -> str:
    """File, line and column of the innermost place of an error; of one that ``hook`` never got to see, where that stands."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}:{error.offset}"
    frames = traceback.extract_tb(error.__traceback__)
    code = getattr(hook, "__code__", None)
    if code is not None and frames and frames[-1].filename == __file__:
        return f"{code.co_filename}:{code.co_firstlineno}"
    if not frames:
        return "(unknown place)"
    last = frames[-1]
    return f"{last.filename}:{last.lineno}" + (f":{last.colno + 1}" if last.colno is not None else "")


def _doubt(rule: Rule, hook: object, context: Context, error: Exception, on: str) -> None:
    context.doubt(rule.id, place_of(error, hook), f"{type(error).__name__}: {error} (the rule is of {rule.source})", on)


def _of_match(rule: CapabilityRule, hook: Hook, checked: Callable[[object], Any], seen: Callable[[Match], Any] | None = None) -> Hook:
    """``hook`` gets what ``seen`` takes of a match (``None``: the match itself)."""

    def run(match: Match, *more: Any) -> Any:
        try:
            return checked(hook(seen(match) if seen is not None else match, *more))
        except Exception as error:
            on = str(match.principal) if match.principal is not None else name_of(match.role) if match.role else "a role"
            _doubt(rule, hook, match.context, error, on)
            return None

    return run


def _of_policy(rule: CheckRule, check: Callable[[Context], Iterable[Flaw]]) -> Callable[[Context], Iterable[Flaw]]:
    def run(context: Context) -> Iterator[Flaw]:
        try:
            for flaw in check(context):
                yield _flaw(flaw)
        except Exception as error:
            _doubt(rule, check, context, error, "the policy")

    return run


def _of_line(rule: LineRule, check: Callable[[AbacPolicy, Context], Iterable[Flaw]]) -> Callable[[AbacPolicy, Context], Iterable[Flaw]]:
    def run(line: AbacPolicy, context: Context) -> Iterator[Flaw]:
        try:
            for flaw in check(line, context):
                yield _flaw(flaw)
        except Exception as error:
            _doubt(rule, check, context, error, name_of(line))

    return run


def _of_name(sensitive: Callable[[str], bool]) -> Callable[[str], bool]:
    def run(name: str) -> bool:
        try:
            return bool(sensitive(name))
        except Exception:
            return True  # Nothing is known of the name: it counts in full.

    return run


def _one_after_other(first: Hook, second: Hook | None) -> Hook:
    def run(match: Match, score: float) -> float | None:
        found: float | None = first(match, score)
        return second(match, found) if second is not None and found is not None else found

    return run


def _score(found: object) -> float | None:
    if found is None:
        return None
    if not isinstance(found, (int, float)) or not 0 <= found <= 10:
        raise TypeError(f"a score is a number from 0 to 10 or None, not {found!r}")
    return float(found)


def _patch(found: object) -> Patch | None:
    if found is not None and not isinstance(found, Patch):
        raise TypeError(f"a patch hook gives a Patch or None, not {type(found).__name__}")
    return found


def _flaw(found: object) -> Flaw:
    if not isinstance(found, Flaw):
        raise TypeError(f"a check yields Flaw, not {type(found).__name__}")
    return found
