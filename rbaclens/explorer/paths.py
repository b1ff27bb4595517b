"""Attack paths in the form in which the page shows them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rbaclens.analysis.holder import Grant
from rbaclens.graph.attack.drawing import worst_paths
from rbaclens.graph.attack.paths import AttackPath as Path
from rbaclens.graph.attack.paths import PathFinder
from rbaclens.graph.attack.words import label_of
from rbaclens.model.decision import AbacGrant
from rbaclens.model.location import Location, Origin


class AttackStep(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a path: from ``source`` to ``target`` by a technique.

    ``source`` and ``target`` are what people read ("sa:shop/web", "a pod in shop"). ``request`` does the step, ``by`` is the grant that
    allows it, ``file`` and ``line`` where that is written. ``closed`` says what prevents the step, as far as can be seen.
    """

    source: str
    target: str
    technique: str
    title: str = ""
    request: str = ""
    by: str = ""
    file: str = ""
    line: int = 0
    closed: str = ""


class AttackPath(msgspec.Struct, frozen=True):
    """A way from somebody to what an attacker is after; ``cost`` is the sum of its steps.

    ``source`` is somebody as findings name them (``sa:shop/web``, ``group:devs``), so that the page can tell more of them.
    """

    source: str = msgspec.field(name="from")
    target: str = msgspec.field(name="to")
    cost: float
    steps: tuple[AttackStep, ...]


def attack_paths(finder: PathFinder, locate: Callable[[Origin], Location]) -> tuple[AttackPath, ...]:
    """The cheapest path of everybody to cluster-admin, or else to every secret and to a node; the cheapest first."""
    found = [_shown(path, locate) for path in worst_paths(finder)]
    return tuple(sorted(found, key=lambda path: (path.cost, path.source, path.target)))


def _shown(path: Path, locate: Callable[[Origin], Location]) -> AttackPath:
    steps = []
    for step in path.steps:
        by, place = _grant(step.grants[0], locate) if step.grants else ("", Location(""))
        steps.append(
            AttackStep(
                label_of(step.hop.source),
                label_of(step.target),
                step.hop.technique.id,
                step.hop.technique.title,
                step.request,
                by,
                place.file,
                place.line,
            )
        )
    return AttackPath(path.start, label_of(path.goal), path.cost, tuple(steps))


def _grant(grant: Grant, locate: Callable[[Origin], Location]) -> tuple[str, Location]:
    if isinstance(grant, AbacGrant):
        return "ABAC line", locate(grant.policy.origin)
    binding, role = grant.binding, grant.role
    place = f"{binding.namespace}/" if binding.namespace else ""
    return f"{binding.kind} {place}{binding.name} → {role.kind} {role.name}", locate(role.rule_origin(grant.rule_index))
