"""The capability rules, asked of everybody and of the roles that nobody is bound to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from rbaclens.analysis.holdings import Everybody
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Finding
from rbaclens.audit.latent import latent_findings
from rbaclens.audit.parts import Parts
from rbaclens.audit.rule import CapabilityRule
from rbaclens.audit.search import Search
from rbaclens.audit.universe import Universe


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

    def _find_privileged(self) -> frozenset[str]:
        return self._search.privileged()

    def findings(self, part: int, parts: int) -> list[Finding]:
        """What one part of everybody holds, when they are divided into ``parts``."""
        holders = self._search.holders
        some = holders[len(holders) * part // parts : len(holders) * (part + 1) // parts]
        return [finding for holder in some for finding in self._parts.named(self._search.findings(holder))]

    def latent(self) -> list[Finding]:
        """What those would hold whom somebody binds to roles that nobody is bound to."""
        return self._parts.named(list(latent_findings(self._context, self._universe, self._everybody)))
