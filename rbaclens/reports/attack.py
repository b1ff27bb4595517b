"""Attack paths, cuts and blast radii, as text and as data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from rbaclens.analysis.holder import EVERYWHERE, Grant
from rbaclens.graph.attack.blast import LEVELS, Blast
from rbaclens.graph.attack.cut import Cut
from rbaclens.graph.attack.hops import Hop
from rbaclens.graph.attack.paths import AttackPath, Step
from rbaclens.graph.attack.technique import COSTS
from rbaclens.graph.attack.units import Unit
from rbaclens.graph.attack.words import label_of
from rbaclens.model.decision import AbacGrant, RbacGrant
from rbaclens.model.location import Location, Origin
from rbaclens.reports.evidence import Data, Locate, evidence_data

SCHEMA_PATHS = "rbaclens.dev/paths/v1"
SCHEMA_CUT = "rbaclens.dev/cut/v1"
SCHEMA_BLAST = "rbaclens.dev/blast-radius/v1"
_MOST_CHOKES = 5
PlaceOf = Callable[[Unit], Location | None]


def path_text(path: AttackPath, locate: Locate) -> Iterator[str]:
    """One path, step by step, with the grants that allow each and the command that does it."""
    percent = round(path.likelihood * 100)
    yield f"{path.start} → {label_of(path.goal)}   cost {path.cost}, {percent} % likely"
    for number, step in enumerate(path.steps, 1):
        yield f"  {number}. {step.hop.technique.title} → {label_of(step.target)}   {step.hop.technique.id}"
        for line in _grants(step.grants, locate):
            yield f"     by {line}"
        if step.request:
            yield f"     $ {step.request}"


def _grants(grants: Iterable[Grant], locate: Locate) -> Iterator[str]:
    """A line for each binding or ABAC line, with the rules of its role that count."""
    together: dict[tuple[int, int], list[RbacGrant]] = {}
    for grant in grants:
        if isinstance(grant, AbacGrant):
            yield f"ABAC line   {locate(grant.policy.origin)}"
        else:
            together.setdefault((id(grant.binding), id(grant.role)), []).append(grant)
    for same in together.values():
        binding, role = same[0].binding, same[0].role
        numbers = ", ".join(str(grant.rule_index) for grant in same)
        rules = f"{role.kind} {role.name} rule{'' if len(same) == 1 else 's'} {numbers}"
        at = locate(role.rule_origin(same[0].rule_index))
        if not binding.origin.file:
            yield f"{rules}, bound in the step before   {at}"
        else:
            place = f"{binding.namespace}/" if binding.namespace else ""
            yield f"{binding.kind} {place}{binding.name} → {rules}   {locate(binding.origin)}, {at}"


def closed_text(closed: Iterable[Hop]) -> Iterator[str]:
    """What is seen to prevent hops that would otherwise be possible, with how many."""
    counts: dict[str, int] = {}
    for hop in closed:
        counts[hop.closed] = counts.get(hop.closed, 0) + 1
    for reason, count in sorted(counts.items()):
        yield f"{count} {'step is' if count == 1 else 'steps are'} closed: {reason}"


def path_data(path: AttackPath, locate: Locate) -> Data:
    """A path as data."""
    steps = [_step_data(step, locate) for step in path.steps]
    return {"from": path.start, "to": path.goal, "cost": path.cost, "likelihood": round(path.likelihood, 4), "steps": steps}


def _step_data(step: Step, locate: Locate) -> Data:
    technique = step.hop.technique
    return {
        "technique": technique.id,
        "title": technique.title,
        "cost": technique.cost,
        "costMeans": COSTS[technique.cost],
        "from": step.hop.source,
        "to": step.target,
        "scope": step.hop.scope,
        "request": step.request,
        "reference": technique.reference,
        "grants": [evidence_data(grant, locate) for grant in step.grants if isinstance(grant, AbacGrant) or grant.binding.origin.file],
    }


def cut_text(cut: Cut, goal: str, place_of: PlaceOf) -> Iterator[str]:
    """What to remove, whether that is the least, what stays open, and where most paths pass."""
    if not cut.starts:
        yield f"no path leads to {goal}: there is nothing to remove"
        return
    closed = len(cut.starts) - len(cut.open)
    if cut.units:
        least = "no smaller set does" if cut.smallest else "none of them can be left out; a smaller set may exist"
        yield f"remove {_many(len(cut.units), 'grant')} to close every path of {_many(closed, 'start')} to {goal} ({least}):"
        for unit in cut.units:
            yield f"  {unit}   {_place(place_of(unit))}"
        yield "checked: without them the analysis finds no such path"
    if cut.open:
        yield f"no removal closes the paths of {', '.join(cut.open[:_MOST_CHOKES])}{', …' if len(cut.open) > _MOST_CHOKES else ''}"
    yield "most starts pass:"
    for choke in cut.chokes[:_MOST_CHOKES]:
        yield f"  {choke.starts} of {len(cut.starts)}   {choke.unit}   {_place(place_of(choke.unit))}"


def cut_data(cut: Cut, goal: str, place_of: PlaceOf) -> Data:
    """A cut as data."""

    def unit(one: Unit) -> Data:
        found = place_of(one)
        number = {"rule": one.number} if one.number >= 0 else {}
        at = {"at": {"file": found.file, "line": found.line, "column": found.column}} if found else {}
        return {"kind": one.kind, "namespace": one.namespace, "name": one.name, **number, **at}

    return {
        "schema": SCHEMA_CUT,
        "to": goal,
        "remove": [unit(one) for one in cut.units],
        "smallest": cut.smallest,
        "starts": list(cut.starts),
        "open": list(cut.open),
        "chokePoints": [{**unit(choke.unit), "starts": choke.starts} for choke in cut.chokes],
    }


def blast_text(blast: Blast, most: int = 40) -> Iterator[str]:
    """What is reached, by scope, the worst first."""
    if not blast.reached:
        yield f"{blast.start} reaches nothing beyond its own rights"
        return
    counts = blast.by_scope
    yield f"{blast.start} reaches {_many(len(blast.reached), 'thing')} in {_many(len(counts), 'place')}:"
    for scope, by_level in counts.items():
        where = "everywhere" if scope == EVERYWHERE else f"in {scope}"
        yield f"  {where}: " + ", ".join(f"{by_level[level]} {level}" for level in LEVELS if by_level[level])
    for one in blast.reached[:most]:
        yield f"  {one.severity:<8}  cost {one.cost:>2}  {one.label}"
    if len(blast.reached) > most:
        yield f"  and {len(blast.reached) - most} more (-o json lists all)"


def blast_data(blast: Blast) -> Data:
    """A blast radius as data."""
    reached = [
        {"node": one.node, "label": one.label, "scope": one.scope, "severity": one.severity, "cost": one.cost} for one in blast.reached
    ]
    return {"schema": SCHEMA_BLAST, "from": blast.start, "byScope": blast.by_scope, "reached": reached}


def _place(found: Location | None) -> str:
    return str(found) if found else ""


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def place_finder(origin_of: Callable[[Unit], Origin | None], locate: Locate) -> PlaceOf:
    """Where units stand."""

    def place(unit: Unit) -> Location | None:
        origin = origin_of(unit)
        return locate(origin) if origin else None

    return place
