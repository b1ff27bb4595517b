"""Attack paths as findings: who gets by several steps to something worth having, although no single grant says so."""

from __future__ import annotations

from collections.abc import Iterator

from rbaclens.analysis.holder import Grant, Principal
from rbaclens.audit.context import Context
from rbaclens.audit.finding import Flaw, Related
from rbaclens.graph.attack.paths import AttackPath, Step
from rbaclens.graph.attack.technique import Fact
from rbaclens.graph.attack.words import label_of
from rbaclens.model.decision import RbacGrant

SEVERAL = 2
_KINDS = {"user": "User", "group": "Group", "sa": "ServiceAccount", "node": "Node"}


def path_flaws(
    context: Context, goals: tuple[str, ...], *, score: float, floor: float = 0.0, better: tuple[str, ...] = ()
) -> Iterator[Flaw]:
    """A flaw for everybody to whom the policy gives something and whose cheapest path to ``goals`` takes several techniques.

    What one grant is enough for is told by the rule about that grant. Whoever gets to ``better`` is left to the rule about that. The
    score goes down with the likelihood of the path, to ``floor`` at the least.
    """
    finder = context.paths
    done = finder.reaching(context.path_starts, better) if better else set()
    moves = finder.graph.moves
    for start, hops in finder.cheapest_hops([start for start in context.path_starts if start not in done], goals):
        # Asked of the bare hops: to find the grants of a path costs more than to find the path, and most are of one technique.
        if sum(not isinstance(moves[hop].technique, Fact) for hop in hops) < SEVERAL:
            continue
        path = finder.path(start, hops)
        acts = [step for step in path.steps if not isinstance(step.hop.technique, Fact)]
        grants = tuple(grant for step in acts for grant in step.grants if not isinstance(grant, RbacGrant) or grant.binding.origin.file)
        if grants:
            yield _flaw(path, acts, grants, max(score * path.likelihood, floor))


def _flaw(path: AttackPath, acts: list[Step], grants: tuple[Grant, ...], score: float) -> Flaw:
    kind, _, name = path.start.partition(":")
    first = grants[0]
    told = [f"{step.hop.technique.title} → {label_of(step.target)}" for step in acts]
    return Flaw(
        on=first.binding if isinstance(first, RbacGrant) else first.policy,
        key=(path.start, path.goal, *(step.hop.technique.id for step in acts)),
        message=f"{path.start} gets to {label_of(path.goal)} in {len(acts)} steps: {'; '.join(told)}.",
        principal=Principal(_KINDS[kind], name),
        evidence=grants,
        score=round(score, 1),
        related=tuple(_related(number, step, told[number - 1]) for number, step in enumerate(acts, 1) if step.grants),
    )


def _related(number: int, step: Step, told: str) -> Related:
    grant = step.grants[0]
    origin = grant.role.rule_origin(grant.rule_index) if isinstance(grant, RbacGrant) else grant.policy.origin
    return Related(origin, f"Step {number}, {step.hop.technique.id}: {told}.")
