"""The cross-check of an engine with a server: plan, ask, compare, look again. No output, no options: ``verify`` has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

import msgspec

from rbaclens.analysis.edges import words_of
from rbaclens.analysis.probes import BUDGET, Key, Probe, Who, plan, request_key
from rbaclens.analysis.rule_lists import differences, listings
from rbaclens.analysis.verify import Comparison, Outcome, compare, settle
from rbaclens.index.engine import Engine
from rbaclens.live.ask import Asker, Caller, Way
from rbaclens.live.interface import Connection
from rbaclens.model.request import Request
from rbaclens.model.server_answer import ServerAnswer

Progress = Callable[[str, int, int], None]
LISTS_SHARE = 2
"""At most one part in so many of the budget goes to rule lists."""
AT_ONCE_PER_RULE = 4
"""One rule of a large group is missed in many lists: so many requests about it are sent before looking at the answers."""
SECOND_LOOKS = 20
"""So many disagreements are asked about again, within the budget."""


class Settings(msgspec.Struct, frozen=True):
    """How to check: the budget counts rule lists, access reviews and second looks; ``own`` asks about nobody but oneself.

    ``live`` says that the policy came from this very cluster.
    """

    budget: int = BUDGET
    seed: int = 0
    own: bool = False
    live: bool = False


class CrossCheck(msgspec.Struct, frozen=True):
    """All comparisons, and how they were made. ``lists`` and ``lists_refused`` count rule lists."""

    server: str
    caller: Caller
    way: Way
    comparisons: tuple[Comparison, ...]
    lists: int = 0
    lists_refused: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many comparisons came out so."""
        return sum(1 for one in self.comparisons if one.outcome is outcome)

    @property
    def exit_code(self) -> int:
        """1 with a disagreement; 3 when nothing, or less than half of what was planned, was compared; else 0."""
        if self.count(Outcome.DISAGREE):
            return 1
        return 3 if self.count(Outcome.AGREE) * 2 < max(1, len(self.comparisons)) else 0


def cross_check(
    engine: Engine,
    asker: Asker,
    server: str,
    settings: Settings,
    *,
    reference: Engine | None = None,
    fresh: Callable[[], Engine | None] = lambda: None,
    progress: Progress = lambda *_: None,
) -> CrossCheck:
    """Compare ``engine`` with the server that ``asker`` asks. ``fresh`` reads the cluster's policy anew, for causes.

    Raises ``ClusterError``.
    """
    caller = asker.who_am_i()
    way = Way.SELF if settings.own else asker.way_to_others()
    identity = (caller.user, caller.groups) if way is Way.SELF else None

    def ask(probes: Sequence[Probe]) -> list[Comparison]:
        requests = [_complete(probe.request, caller, way) for probe in probes]
        answers = asker.answers(requests, way, lambda done: progress("reviews", done, len(requests)))
        return [compare(engine, request, answer) for request, answer in zip(requests, answers, strict=True)]

    suggested, lists, refused = _by_lists(engine, asker, settings, identity, way, progress)
    second = min(SECOND_LOOKS, settings.budget // 10)
    left = max(settings.budget - lists - second, 0)
    first, found = _confirmed(suggested, ask, left)
    probes = plan(
        engine,
        left,
        seed=settings.seed,
        identity=identity,
        real=way is Way.IMPERSONATION,
        listed=lists > refused,
        reference=reference,
        first=first,
    )
    found += ask(probes[len(first) :])
    if any(one.outcome is Outcome.DISAGREE for one in found):
        differing = [one.request for one in found if one.outcome is Outcome.DISAGREE][:second]
        found = _settled(found, asker.answers(differing, way), fresh(), settings.live)
    return CrossCheck(server, caller, way, tuple(found), lists, refused)


def _confirmed(
    suggested: Mapping[str, Sequence[Probe]], ask: Callable[[Sequence[Probe]], list[Comparison]], most: int
) -> tuple[list[Probe], list[Comparison]]:
    """For each suggested difference a few requests, and more only until one of them shows it."""
    asked: dict[Key, Probe] = {}
    found: list[Comparison] = []
    waiting = {label: list(probes) for label, probes in suggested.items()}
    while waiting and len(asked) < most:
        batch: list[Probe] = []
        for probes in waiting.values():
            for probe in probes[:AT_ONCE_PER_RULE]:
                if request_key(probe.request) not in asked and len(asked) < most:
                    asked[request_key(probe.request)] = probe
                    batch.append(probe)
        answered = ask(batch)
        found += answered
        shown = {probe.of for probe, one in zip(batch, answered, strict=True) if one.outcome is Outcome.DISAGREE}
        waiting = {label: probes[AT_ONCE_PER_RULE:] for label, probes in waiting.items() if label not in shown}
        waiting = {label: probes for label, probes in waiting.items() if probes}
    return list(asked.values()), found


def verify_one(engine: Engine, connection: Connection, request: Request) -> Comparison:
    """One request compared: asked about as oneself where ``request`` is the caller's own, else by what the server allows."""
    asker = Asker(connection)
    caller = asker.who_am_i()
    own = (request.user, set(request.groups)) == (caller.user, set(caller.groups))
    way = Way.SELF if own else asker.way_to_others()
    if way is Way.SELF and not own:
        you = f"you are {caller.user}, and may neither create subjectaccessreviews nor impersonate users"
        return compare(engine, request, ServerAnswer(problem=you))
    request = _complete(request, caller, way)
    return compare(engine, request, asker.answers([request], way)[0])


def _by_lists(
    engine: Engine, asker: Asker, settings: Settings, identity: Who | None, way: Way, progress: Progress
) -> tuple[dict[str, list[Probe]], int, int]:
    """Requests that the server's rule lists suggest, by difference; how many lists were asked for, and how many refused."""
    if identity is None and not asker.may_impersonate():
        return {}, 0, 0
    wanted = listings(engine, settings.budget // LISTS_SHARE, seed=settings.seed, identity=identity)
    lists = asker.rule_lists(
        [(*one.who, one.namespace) for one in wanted],
        own=identity is not None,
        progress=lambda done: progress("rule lists", done, len(wanted)),
    )
    words, random = words_of(engine.policy), Random(settings.seed)  # noqa: S311 - reproducible, not secret
    real = way is not Way.REVIEW
    found: dict[str, list[Probe]] = {}
    for listing, one in zip(wanted, lists, strict=True):
        for probe in differences(engine, listing, one.rules, words, random, real=real) if not one.problem else ():
            found.setdefault(probe.of, []).append(probe)
    return found, len(lists), sum(1 for one in lists if one.problem)


def _complete(request: Request, caller: Caller, way: Way) -> Request:
    """A request of one's own carries uid and extra too: webhooks and match conditions see them."""
    return msgspec.structs.replace(request, uid=caller.uid, extra=caller.extra) if way is Way.SELF else request


def _settled(found: Sequence[Comparison], again: Sequence[ServerAnswer], fresh: Engine | None, live: bool) -> list[Comparison]:
    """The comparisons; of those that disagree the first are asked about once more, and all are held to the policy as it is now."""
    answers = iter(again)
    return [settle(one, next(answers, None), fresh, live=live) if one.outcome is Outcome.DISAGREE else one for one in found]
