"""The plug point: what a rule is. One file in ``rules/`` holds one of these, under the name ``RULE``, and nothing else."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from rbaclens.analysis.capability import Expression
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw
from rbaclens.audit.match import Here, Match
from rbaclens.audit.patch import Patch
from rbaclens.audit.severity import Severity, severity_of
from rbaclens.model.abac import AbacPolicy

Level = Literal["error", "warning", "note"]
LEVEL_SCORES: dict[Level, float] = {"error": 7.0, "warning": 3.0, "note": 0.0}


class Scope(enum.Enum):
    """Where somebody holds something."""

    CLUSTER = "C"
    NAMESPACE = "N"
    PRIVILEGED = "N!"
    """A namespace that holds an account that amounts to cluster-admin."""

    # Enum's own hash is computed in Python from the name, and scores are looked up for every finding.
    __hash__ = object.__hash__


C, N, NP = Scope.CLUSTER, Scope.NAMESPACE, Scope.PRIVILEGED


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What every rule has.

    ``gives`` says in one sentence what an attacker gets of it (of a hygiene rule: why it matters), ``fix`` what to do. ``tier``:
    1 ships first, 2 second, 3 is opt-in. ``cis``, ``attack``, ``microsoft`` and ``owasp`` are ids in those catalogues. ``since`` and
    ``until`` bound the Kubernetes versions that it concerns, as (major, minor), both included. ``links`` are pages to read.
    ``source`` says of a custom rule where it comes from, and is empty for those of the catalogue.
    """

    id: str
    title: str
    gives: str
    fix: str
    tier: int = 1
    confidence: Literal["high", "medium", "low"] = "high"
    cis: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    microsoft: tuple[str, ...] = ()
    owasp: tuple[str, ...] = ()
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 99)
    links: tuple[str, ...] = ()
    source: str = ""

    @property
    def top_score(self) -> float:
        """The highest score that the rule gives by itself."""
        raise NotImplementedError

    @property
    def severity(self) -> Severity:
        """The level of :attr:`top_score`."""
        return severity_of(self.top_score)


class CapabilityRule(Rule, frozen=True, kw_only=True):
    """A rule about what a principal effectively may do, in the cluster or in one namespace.

    ``scores`` says the score by scope; a scope that is not in it is not reported. A trigger held in the cluster is not reported
    again for its namespaces. ``unless`` is asked of everything that the principal holds there, and prevents the finding.
    ``named``: a grant that is limited to object names counts too, one level lower, unless ``sensitive`` says of one of the names
    that it is as bad as all. ``pods``: a namespace that enforces the restricted pod security standard takes a level off.
    ``admin``: the scopes in which the holder amounts to cluster-admin. ``whole``: it contains many other rules, whose findings by
    the same rule of a role (or by the whole role) become part of this one's; ``inside`` are those of which it is a part itself.
    ``here`` may change a finding's score, or drop it with ``None``, by the place and what the principal may do there; ``score`` by
    whatever there is, which costs more where there are many findings. ``asks`` is what they ask about besides the trigger: known
    beforehand, it is answered at once.
    """

    trigger: Expression
    scores: dict[Scope, float]
    unless: Expression | None = None
    named: bool = False
    sensitive: Callable[[str], bool] | None = None
    pods: bool = False
    admin: tuple[Scope, ...] = ()
    whole: Literal["", "rule", "role"] = ""
    inside: tuple[str, ...] = ()
    here: Callable[[Here, float], float | None] | None = None
    score: Callable[[Match, float], float | None] | None = None
    asks: Expression | None = None
    when: str = ""
    patch: Callable[[Match], Patch | None] | None = None

    @property
    def top_score(self) -> float:
        """The highest score of any scope."""
        return max(self.scores.values())


class CheckRule(Rule, frozen=True, kw_only=True):
    """A rule that looks at objects: roles, bindings, subjects, service accounts, namespaces, the authorizer configuration.

    ``condition`` says in one sentence when it speaks. ``level`` gives the score (error 7.0, warning 3.0, note 0.0) unless ``base``
    or the flaw says another.
    """

    condition: str
    level: Level
    check: Callable[[Context], Iterable[Flaw]]
    base: float | None = None

    @property
    def top_score(self) -> float:
        """The score of a flaw that names none."""
        return LEVEL_SCORES[self.level] if self.base is None else self.base


class LineRule(Rule, frozen=True, kw_only=True):
    """A rule that looks at each line of an ABAC policy; otherwise as :class:`CheckRule`."""

    condition: str
    level: Level
    check: Callable[[AbacPolicy, Context], Iterable[Flaw]]
    base: float | None = None

    @property
    def top_score(self) -> float:
        """The score of a flaw that names none."""
        return LEVEL_SCORES[self.level] if self.base is None else self.base


class ControlRule(Rule, frozen=True, kw_only=True):
    """A rule about the control of the audit itself; ``waivers`` makes its findings."""

    condition: str
    level: Level

    @property
    def top_score(self) -> float:
        """The score of the level."""
        return LEVEL_SCORES[self.level]
