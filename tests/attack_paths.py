"""What the tests of attack paths have in common: the analysis of a small policy made from words."""

from __future__ import annotations

from functools import cache

from rbaclens.analysis.shipped import Shipped
from rbaclens.graph.attack.build import AttackBuilder
from rbaclens.graph.attack.paths import PathFinder
from rbaclens.index.engine import Engine
from rbaclens.model.policy import PolicySet
from rbaclens.sources import Objects, assemble

ADMIN = "sink:cluster-admin"


@cache
def shipped() -> Shipped:
    """What every cluster has."""
    return Shipped(assemble(Objects()))


def finder(policy: PolicySet, version: tuple[int, int] = (1, 36), **more: object) -> PathFinder:
    """The paths of a policy."""
    return PathFinder(AttackBuilder(Engine(policy), shipped(), version, **more))  # type: ignore[arg-type]


def way(policy: PolicySet, start: str, goal: str = ADMIN, **more: object) -> list[str]:
    """The techniques of the cheapest path, step by step; empty: there is none."""
    found = list(finder(policy, **more).cheapest((start,), (goal,)))
    return [step.hop.technique.id for path in found for step in path.steps]
