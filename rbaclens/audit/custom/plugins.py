"""Rules in Python: the entry points of installed distributions, group ``rbaclens.rules``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from rbaclens.analysis.capability import Expression
from rbaclens.audit.catalogue import ID_SHAPE, id_problem
from rbaclens.audit.custom.guarding import guarded, place_of
from rbaclens.audit.rule import CapabilityRule, CheckRule, LineRule, Rule, Scope
from rbaclens.errors import UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "rbaclens.rules"
_SHAPE = f"an entry point of the group {GROUP} is a CapabilityRule, a CheckRule or a LineRule, or several of them (docs/custom-rules.md)"


def plugin_rules() -> Iterator[Rule]:
    """The rules of all entry points, by distribution and name. Raises ``UsageError`` for one that is broken."""
    if not _any_installed():
        return
    from importlib.metadata import entry_points

    for entry in sorted(entry_points(group=GROUP), key=lambda one: (_distribution(one), one.name)):
        source = f"{_distribution(entry)}, entry point {entry.name}"
        for rule in _loaded(entry, source):
            if not isinstance(rule, (CapabilityRule, CheckRule, LineRule)):
                raise UsageError(f"{source}: {entry.value} holds an object of type {type(rule).__name__}, which is no rule", _SHAPE)
            rule_id = str(rule.id).upper()
            if problem := id_problem(rule_id):
                raise UsageError(f'{source}: the id "{rule.id}" {problem}', ID_SHAPE)
            if problem := _problem(rule):
                raise UsageError(f"{source}: {rule_id} is no rule: {problem}", _SHAPE)
            yield guarded(msgspec.structs.replace(rule, id=rule_id, source=source))


def _loaded(entry: EntryPoint, source: str) -> Iterable[object]:
    try:
        found = entry.load()
        return [found] if isinstance(found, Rule) or not isinstance(found, Iterable) or isinstance(found, str) else list(found)
    except (Exception, SystemExit) as error:
        message = f"{source}: {entry.value} cannot be loaded: {type(error).__name__}: {error}"
        raise UsageError(message, f"at {place_of(error)}; fix or uninstall {_distribution(entry)}") from None


def _problem(rule: Any) -> str:
    """The first field that holds what the audit could not work with; a struct checks no types when it is made."""
    for name in ("title", "gives", "fix", *(("condition",) if hasattr(rule, "check") else ())):
        if not isinstance(getattr(rule, name), str):
            return f"{name} is {getattr(rule, name)!r}, no text"
    if hasattr(rule, "check"):
        return "" if callable(rule.check) else f"check is {rule.check!r}, no function"
    if not isinstance(rule.trigger, Expression):
        return f"trigger is {rule.trigger!r}, no expression"
    scores = rule.scores
    good = isinstance(scores, dict) and scores and all(isinstance(scope, Scope) and _is_score(one) for scope, one in scores.items())
    return "" if good else f"scores is {scores!r}, no scores by Scope"


def _is_score(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 <= value <= 10


def _distribution(entry: EntryPoint) -> str:
    found = entry.dist
    return f"{found.name} {found.version}" if found is not None else "(unknown distribution)"


def _any_installed() -> bool:
    """Whether any distribution on the path names the group; reading their files takes a tenth of importing ``importlib.metadata``."""
    if "importlib.metadata" in sys.modules:
        return True
    wanted = GROUP.encode()
    for folder in dict.fromkeys(sys.path):
        try:
            with os.scandir(folder or os.curdir) as entries:
                names = [one.path for one in entries if one.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            # A zip file, or nothing: importlib looks into those.
            if os.path.isfile(folder):  # noqa: PTH113
                return True
            continue
        for name in names:
            try:
                with open(f"{name}/entry_points.txt", "rb") as file:  # noqa: PTH123
                    if wanted in file.read():
                        return True
            except OSError:
                continue
    return False
