"""The verdict on an audit: the one place where settings, baseline and waivers act, and where it is decided whether it fails."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Literal

import msgspec

from rbaclens.audit.baseline import Baseline, Known
from rbaclens.audit.context import Doubt
from rbaclens.audit.finding import Finding, Subject, ordered
from rbaclens.audit.registry import rule_ids
from rbaclens.audit.run import Audit
from rbaclens.audit.settings import NEVER, SEVERITIES, Settings, Waiver
from rbaclens.audit.severity import Severity, middle, severity_of
from rbaclens.audit.waivers import LINE, Broken, broken_finding, expired, expired_finding, inline, unused_finding, waivers_of
from rbaclens.model.location import Location, Origin
from rbaclens.model.objects import Binding, PlainObject
from rbaclens.model.policy import PolicySet

DEFAULT_FAIL_ON = "high"
State = Literal["open", "waived", "known"]


class Judged(msgspec.Struct, frozen=True):
    """A finding and what was decided about it: it counts (open), is waived, or is known by the baseline."""

    finding: Finding
    state: State = "open"
    waiver: Waiver | None = None


class Verdict(msgspec.Struct, frozen=True, dict=True):
    """The findings with what was decided, the worst first.

    ``fail_on`` is the least severity that fails, ``None`` where nothing does. ``gone`` are those of the baseline that are no more,
    ``doubts`` what custom rules could not decide.
    """

    judged: tuple[Judged, ...]
    fail_on: Severity | None
    gone: tuple[Known, ...] = ()
    has_baseline: bool = False
    doubts: tuple[Doubt, ...] = ()

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """The findings that count."""
        return tuple(one.finding for one in self.judged if one.state == "open")

    @cached_property
    def counts(self) -> Counter[Severity]:
        """How many open findings there are of each severity."""
        scores = Counter([finding.score for finding in self.open])
        found: Counter[Severity] = Counter()
        for score, count in scores.items():
            found[severity_of(score)] += count
        return found

    @property
    def failing(self) -> int:
        """How many open findings are at or above ``fail_on``."""
        fail_on = self.fail_on
        return 0 if fail_on is None else sum(count for severity, count in self.counts.items() if severity >= fail_on)

    def only(self, kept: Iterable[Judged]) -> Verdict:
        """The verdict on some of its findings."""
        return msgspec.structs.replace(self, judged=tuple(kept))


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
    regraded = any(own.severity is not None for own in settings.rules.values())
    findings = ordered(_regraded(finding, settings) for finding in audit.findings) if regraded else audit.findings
    by_object, places, broken = _inline_waivers(policy, rule_ids() if known is None else known)
    listed = settings.waivers
    covered: dict[int, int] = {}

    def decided(finding: Finding) -> Judged:
        state: State = "known" if baseline is not None and baseline.knows(finding) else "open"
        found: Waiver | None = None
        for waiver in waivers_of(finding, by_object, listed):
            covered[id(waiver)] = covered.get(id(waiver), 0) + 1
            if not expired(waiver, today):
                state, found = "waived", waiver
        return Judged(finding, state, found)

    if baseline is None and not listed and not by_object:
        judged = [Judged(finding) for finding in findings]
    else:
        judged = list(_with_parts([decided(finding) for finding in findings]))
    asked = {rule.id for rule in audit.rules}
    every: list[tuple[Waiver, Subject | None]] = [(waiver, None) for waiver in listed] + places
    about = [*_about_waivers(every, covered, asked, today), *map(broken_finding, broken)]
    if about:
        judged += map(Judged, about)
        judged.sort(key=lambda one: -one.finding.score)
    level = fail_on or settings.fail_on or DEFAULT_FAIL_ON
    seen = {finding.fingerprint for finding in findings} if baseline else set()
    gone = tuple(one for key, one in baseline.known.items() if key not in seen and one.rule in asked) if baseline else ()
    return Verdict(tuple(judged), None if level == NEVER else SEVERITIES[level], gone, baseline is not None, audit.context.doubts)


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


def _regraded(finding: Finding, settings: Settings) -> Finding:
    own = settings.rules.get(finding.rule)
    if own is None or own.severity is None or SEVERITIES[own.severity] is finding.severity:
        return finding
    return msgspec.structs.replace(finding, score=middle(SEVERITIES[own.severity]))


def _inline_waivers(
    policy: PolicySet, known: Collection[str]
) -> tuple[dict[int, list[Waiver]], list[tuple[Waiver, Subject | None]], list[Broken]]:
    by_object: dict[int, list[Waiver]] = {}
    places: list[tuple[Waiver, Subject | None]] = []
    broken = []
    for found in inline(policy, known):
        if isinstance(found, Broken):
            broken.append(found)
            continue
        one, waiver = found
        by_object.setdefault(id(one), []).append(waiver)
        places.append((waiver, one))
    return by_object, places, broken


def _about_waivers(
    every: Sequence[tuple[Waiver, Subject | None]], covered: dict[int, int], asked: set[str], today: datetime.date
) -> Iterable[Finding]:
    for waiver, on in every:
        count = covered.get(id(waiver), 0)
        if count and expired(waiver, today):
            yield expired_finding(waiver, on, count)
        elif not count and waiver.rule in asked:
            yield unused_finding(waiver, on)


def locator(policy: PolicySet) -> Callable[[Origin], Location]:
    """Where origins stand, in the policy or in a settings file, whose lines are known; each is looked up once."""

    @cache
    def place(origin: Origin) -> Location:
        found = policy.locate(origin)
        if not found.line and origin.path[:1] == (LINE,) and isinstance(origin.path[1], int):
            return Location(origin.file, origin.path[1], 1)
        return found

    return place
