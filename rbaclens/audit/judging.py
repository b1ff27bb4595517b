"""The verdict on findings: the one place where settings, baseline and waivers act, and where it is decided what fails."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from rbaclens.audit.baseline import Baseline, Known
from rbaclens.audit.finding import Finding, Subject, ordered
from rbaclens.audit.registry import rule_ids
from rbaclens.audit.rule import Rule
from rbaclens.audit.run import Audit
from rbaclens.audit.settings import NEVER, SEVERITIES, Settings, Waiver
from rbaclens.audit.severity import Severity, middle
from rbaclens.audit.verdict import Judged, State, Verdict
from rbaclens.audit.waivers import Broken, broken_finding, expired, expired_finding, inline, unused_finding, waivers_of
from rbaclens.model.objects import Binding, PlainObject
from rbaclens.model.policy import PolicySet

DEFAULT_FAIL_ON = "high"


class Judge:
    """Applies severities, waivers and the baseline to findings, some at a time.

    ``known`` are the ids of all rules there are (``None``: those of the registry).
    """

    def __init__(
        self,
        settings: Settings,
        policy: PolicySet,
        today: datetime.date,
        baseline: Baseline | None = None,
        known: Collection[str] | None = None,
    ) -> None:
        self._settings = settings
        self._regrades = any(own.severity is not None for own in settings.rules.values())
        self._today = today
        self._baseline = baseline
        self._by_object: dict[int, list[Waiver]] = {}
        self._broken: list[Broken] = []
        self._waivers: list[tuple[Waiver, Subject | None]] = [(waiver, None) for waiver in settings.waivers]
        for found in inline(policy, rule_ids() if known is None else known):
            if isinstance(found, Broken):
                self._broken.append(found)
                continue
            one, waiver = found
            self._by_object.setdefault(id(one), []).append(waiver)
            self._waivers.append((waiver, one))
        self._covered: Counter[int] = Counter()
        self._seen: set[str] = set()

    def judged(self, findings: Sequence[Finding]) -> list[Judged]:
        """What is decided about findings, which are in order; those of one principal by grants are asked about together."""
        if self._regrades:
            findings = ordered([self._regraded(finding) for finding in findings])
        if self._baseline is None and not self._waivers:
            return [Judged(finding) for finding in findings]
        return list(_with_parts([self._decided(finding) for finding in findings]))

    def about(self, rules: Iterable[Rule]) -> list[Judged]:
        """What is wrong with the waivers themselves, when all findings of ``rules`` have been judged."""
        asked = {rule.id for rule in rules}
        found = []
        for waiver, on in self._waivers:
            count = self._covered[id(waiver)]
            if count and expired(waiver, self._today):
                found.append(expired_finding(waiver, on, count))
            elif not count and waiver.rule in asked:
                found.append(unused_finding(waiver, on))
        found += map(broken_finding, self._broken)
        return [Judged(one) for one in sorted(found, key=lambda one: (-one.score, one.rule))]

    def gone(self, rules: Iterable[Rule]) -> tuple[Known, ...]:
        """The findings of the baseline that ``rules`` do not find any more, when all have been judged."""
        if self._baseline is None:
            return ()
        asked = {rule.id for rule in rules}
        return tuple(one for key, one in self._baseline.known.items() if key not in self._seen and one.rule in asked)

    def fail_on(self, given: str) -> Severity | None:
        """The least severity that fails: as ``given``, or as set; ``None`` where nothing does."""
        level = given or self._settings.fail_on or DEFAULT_FAIL_ON
        return None if level == NEVER else SEVERITIES[level]

    @property
    def has_baseline(self) -> bool:
        """Whether there is something that is known."""
        return self._baseline is not None

    def clear(self) -> None:
        """Forget what was judged: a copy of this process begins, and is to hand over only what comes now."""
        self._covered = Counter()
        self._seen = set()

    def packed(self) -> object:
        """What another one has to know that judges other findings of the same policy, in a copy of this process."""
        return self._covered, self._seen

    def unpack(self, packed: tuple[Counter[int], set[str]]) -> None:
        """Know what another one hands over."""
        covered, seen = packed
        self._covered += covered
        self._seen |= seen

    def _decided(self, finding: Finding) -> Judged:
        state: State = "open"
        if self._baseline is not None:
            if finding.fingerprint in self._baseline.known:
                self._seen.add(finding.fingerprint)
            if self._baseline.knows(finding):
                state = "known"
        found: Waiver | None = None
        for waiver in waivers_of(finding, self._by_object, self._settings.waivers):
            self._covered[id(waiver)] += 1
            if not expired(waiver, self._today):
                state, found = "waived", waiver
        return Judged(finding, state, found)

    def _regraded(self, finding: Finding) -> Finding:
        own = self._settings.rules.get(finding.rule)
        if own is None or own.severity is None or SEVERITIES[own.severity] is finding.severity:
            return finding
        return msgspec.structs.replace(finding, score=middle(SEVERITIES[own.severity]))


def judge(
    audit: Audit,
    settings: Settings,
    policy: PolicySet,
    today: datetime.date,
    baseline: Baseline | None = None,
    fail_on: str = "",
    known: Collection[str] | None = None,
) -> Verdict:
    """Apply severities, waivers and the baseline to an audit.

    ``fail_on`` is a severity's name or ``never``, ``known`` the ids of all rules there are (``None``: those of the registry).
    """
    judge = Judge(settings, policy, today, baseline, known)
    judged = judge.judged(audit.findings)
    about = judge.about(audit.rules)
    if about:
        judged = sorted(judged + about, key=lambda one: (-one.finding.score, one.finding.rule))
    gone = judge.gone(audit.rules)
    return Verdict(tuple(judged), judge.fail_on(fail_on), gone, judge.has_baseline, audit.context.doubts)


def _with_parts(judged: Sequence[Judged]) -> Iterator[Judged]:
    """The findings; who accepts a broad grant accepts what is part of it."""
    accepted: dict[tuple[object, ...], Judged] = {}
    for one in judged:
        if one.state == "waived":
            accepted |= dict.fromkeys(_held(one.finding, one.finding.rule), one)
    for one in judged:
        found = [accepted.get(key) for key in _held(one.finding, one.finding.part_of)] if one.finding.part_of else []
        if one.state == "open" and found and found[0] is not None and None not in found:
            yield msgspec.structs.replace(one, state="waived", waiver=found[0].waiver)
        else:
            yield one


def _held(finding: Finding, rule: str) -> list[tuple[object, ...]]:
    """``rule``, principal, scope and role or line, for each that a finding rests on."""
    causes = {id(one) for one in finding.objects if not isinstance(one, (Binding, PlainObject))}
    return [(rule, finding.principal, scope, cause) for scope in finding.scopes for cause in causes]
