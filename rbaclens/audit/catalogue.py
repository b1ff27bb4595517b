"""The rules of one audit: those of the registry, and the custom ones of the project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import msgspec

from rbaclens.audit.registry import load_rule, load_rules, rule_ids
from rbaclens.audit.rule import Rule
from rbaclens.errors import PolicyFileError, UnknownNameError

_ID = re.compile(r"[A-Z][A-Z0-9]*(?:[-_.][A-Z0-9]+)*")
_OWN = re.compile(r"RL[0-9]")
_LONGEST = 64
ID_SHAPE = "an id is made of letters, digits and dashes, such as ACME-001; those that begin with RL and a digit are rbaclens's own"


def id_problem(rule_id: str) -> str:
    """Why something is no id of a custom rule, in words that follow it; empty where it is one."""
    if not _ID.fullmatch(rule_id) or len(rule_id) > _LONGEST:
        return "is no id"
    return "is an id of rbaclens's own rules" if _OWN.match(rule_id) else ""


class Catalogue(msgspec.Struct, frozen=True):
    """The registry and the custom rules, in that order."""

    custom: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, custom: Iterable[Rule]) -> Catalogue:
        """The catalogue with these custom rules. Raises ``PolicyFileError`` for an id that stands twice."""
        found: dict[str, Rule] = {}
        for rule in custom:
            if rule.id in found:
                raise PolicyFileError(
                    f'{rule.source}: the id "{rule.id}" is taken by the rule of {found[rule.id].source}', "give every rule an id of its own"
                )
            found[rule.id] = rule
        return cls(tuple(found.values()))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all rules, in order; imports none."""
        return (*rule_ids(), *(rule.id for rule in self.custom))

    def __iter__(self) -> Iterator[Rule]:
        yield from load_rules()
        yield from self.custom

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id, written in any case. Raises ``UnknownNameError`` with the nearest ids."""
        wanted = rule_id.upper()
        found = next((rule for rule in self.custom if rule.id == wanted), None)
        if found is not None:
            return found
        if self.custom and wanted not in rule_ids():
            near = tuple(get_close_matches(wanted, self.ids, n=3, cutoff=0.5))
            hint = f"nearest: {', '.join(near)}" if near else "rbaclens rules lists all"
            raise UnknownNameError(f'no rule is called "{rule_id}"', hint, near)
        return load_rule(rule_id)


BUILT_IN = Catalogue()
