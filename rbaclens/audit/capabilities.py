"""The capability rules, asked of everybody and of the roles that nobody is bound to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from rbaclens.analysis.holdings import Everybody
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding
from rbaclens.audit.latent import latent_findings, latent_roles
from rbaclens.audit.parts import Parts
from rbaclens.audit.rule import CapabilityRule
from rbaclens.audit.search import Search
from rbaclens.audit.universe import Universe
from rbaclens.index.compile import CompiledRole

Thing = TypeVar("Thing")


class Capabilities:
    """What everybody holds that capability rules speak of.

    It is worked out when it is first asked for: a process that has other jobs to do may never want it. ``reported`` are the ids of the
    rules that make findings, ``identities`` says who is in which groups.
    """

    def __init__(
        self, context: Context, rules: Sequence[CapabilityRule], reported: Collection[str], identities: Mapping[str, Iterable[str]]
    ) -> None:
        self._context = context
        self._identities = identities
        self._universe = Universe(rules, reported)
        self._parts = Parts(rule for rule in rules if rule.whole)
        context.find_privileged = self._find_privileged

    @cached_property
    def _everybody(self) -> Everybody:
        return Everybody(self._context.engine, self._context.shipped, self._universe, self._identities)

    @cached_property
    def _search(self) -> Search:
        return Search(self._context, self._universe, self._everybody)

    @cached_property
    def _latent_roles(self) -> list[CompiledRole]:
        return latent_roles(self._context)

    def _find_privileged(self) -> frozenset[str]:
        return self._search.privileged()

    def findings(self, part: int, parts: int) -> list[Finding]:
        """What one part of everybody holds, when they are divided into ``parts``."""
        some = _part(self._search.holders, part, parts)
        return [finding for holder in some for finding in self._parts.named(self._search.findings(holder))]

    def latent(self, part: int, parts: int) -> list[Finding]:
        """What those would hold whom somebody binds to one part of the roles that nobody is bound to."""
        found = (list(latent_findings(role, self._context, self._universe)) for role in _part(self._latent_roles, part, parts))
        return [finding for findings in found for finding in self._parts.named(findings)]


def _part(things: Sequence[Thing], part: int, parts: int) -> Sequence[Thing]:
    return things[len(things) * part // parts : len(things) * (part + 1) // parts]
