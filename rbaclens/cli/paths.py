"""``rbaclens paths``: how an attacker gets from what they hold to what they are after, and what to remove."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.attack import Analysis, subject_node, version_option
from rbaclens.cli.completion import complete_subject
from rbaclens.errors import UsageError

if TYPE_CHECKING:
    from rbaclens.graph.attack.cut import Cut
    from rbaclens.graph.attack.paths import AttackPath, PathFinder

_SHOWN = 10

HELP = """How an attacker gets from what they hold to what they are after, step by step.

Each step names the technique, the grants that allow it with their places, and a command that does it. Without --from: the cheapest path
of everybody to whom the policy gives something. --cut says which grants to remove so that no path is left, and checks it; without
--from it starts from whoever may well be hostile: anonymous callers and any pod outside kube-system. Exit code 1 when there is a path.

\b
Examples:
  rbaclens paths
  rbaclens paths --from sa:ci/deployer --to cluster-admin -k 3
  rbaclens paths --from any-pod --to secrets:shop -o json
  rbaclens paths --cut --by rule
"""


@click.command("paths", help=HELP, short_help="Attack paths, and what to remove to close them.")
@click.option("--from", "start", metavar="WHO", shell_complete=complete_subject, help="A subject, pod:NS/NAME, anonymous or any-pod.")
@click.option(
    "--to",
    "goal",
    metavar="GOAL",
    default="cluster-admin",
    show_default=True,
    help="cluster-admin, secrets, secrets:NS, node, node:NAME or a subject.",
)
@click.option("-k", "most", type=click.IntRange(1, 100), default=1, show_default=True, help="So many different paths; needs --from.")
@click.option("--shortest", is_flag=True, help="The paths of fewest steps, instead of the cheapest.")
@click.option("--cut", is_flag=True, help="The smallest set of grants whose removal closes every path.")
@click.option("--by", type=click.Choice(["binding", "rule"]), default="binding", show_default=True, help="What --cut removes.")
@version_option
@shared.identities_option
@shared.policy_options
@shared.authorizer_options
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    if given["most"] > 1 and (given["start"] in (None, "any-pod") or given["cut"]):
        raise UsageError("-k asks for other ways of one subject", "give --from SUBJECT, and not --cut")
    analysis = Analysis(given)
    found = _cut(analysis, given) if given["cut"] else _paths(analysis, given)
    ctx.exit(1 if found else 3 if analysis.engine.policy.gaps else 0)


def _paths(analysis: Analysis, given: dict[str, Any]) -> bool:
    from rbaclens.graph.attack.paths import PathFinder
    from rbaclens.graph.attack.targets import everybody

    finder = PathFinder(analysis.builder(), shortest=given["shortest"])
    starts = _starts(finder, given["start"]) or everybody(finder.builder)
    goals = _goals(finder, given["goal"])
    if given["most"] > 1:
        found = finder.alternatives(starts[0], goals, given["most"])
    else:
        found = sorted(finder.cheapest(starts, goals), key=_by_steps if given["shortest"] else _by_cost)
    _report_paths(analysis, finder, found, given)
    return bool(found)


def _by_cost(path: AttackPath) -> tuple[int, int, str]:
    return path.cost, len(path.steps), path.start


def _by_steps(path: AttackPath) -> tuple[int, int, str]:
    return len(path.steps), path.cost, path.start


def _report_paths(analysis: Analysis, finder: PathFinder, found: Sequence[AttackPath], given: dict[str, Any]) -> None:
    from rbaclens.reports.attack import SCHEMA_PATHS, closed_text, path_data
    from rbaclens.reports.data import render

    locate = analysis.engine.policy.locate
    if given["output"] != "text":
        data = {"schema": SCHEMA_PATHS, "to": given["goal"], "paths": [path_data(path, locate) for path in found]}
        click.echo(render(data, given["output"]))
        return
    click.echo("\n".join(_text(found, analysis, given)))
    if not given["quiet"]:
        for line in closed_text(finder.graph.closed):
            click.echo(f"note: {line}", err=True)


def _text(found: Sequence[AttackPath], analysis: Analysis, given: dict[str, Any]) -> Iterator[str]:
    from rbaclens.reports.attack import path_text

    if not found:
        yield f"no path from {given['start'] or 'anybody'} to {given['goal']}"
        return
    for number, path in enumerate(found[:_SHOWN]):
        if number:
            yield ""
        yield from path_text(path, analysis.engine.policy.locate)
    if len(found) > 1:
        yield ""
    rest = len(found) - _SHOWN
    if given["most"] > 1:
        yield f"{len(found)} paths"
    elif len(found) > 1:
        yield f"{len(found)} have paths"
    if rest > 0:
        yield f"the {_SHOWN} cheapest are shown; -o json lists all"


def _cut(analysis: Analysis, given: dict[str, Any]) -> bool:
    from rbaclens.graph.attack.cut import smallest_cut
    from rbaclens.graph.attack.paths import PathFinder
    from rbaclens.graph.attack.targets import low_trust

    finder = PathFinder(analysis.builder())
    starts = _starts(finder, given["start"]) or low_trust(finder.builder.world)
    cut = smallest_cut(
        analysis.engine,
        analysis.shipped,
        starts,
        _goals(finder, given["goal"]),
        by=given["by"],
        version=analysis.version,
        identities=analysis.identities,
    )
    _report_cut(analysis, cut, given)
    return bool(cut.starts)


def _report_cut(analysis: Analysis, cut: Cut, given: dict[str, Any]) -> None:
    from rbaclens.graph.attack.units import origin_of
    from rbaclens.reports.attack import cut_data, cut_text, place_finder
    from rbaclens.reports.data import render

    policy = analysis.engine.policy
    place_of = place_finder(lambda unit: origin_of(unit, policy), policy.locate)
    if given["output"] != "text":
        click.echo(render(cut_data(cut, given["goal"], place_of), given["output"]))
    else:
        click.echo("\n".join(cut_text(cut, given["goal"], place_of)))


def _starts(finder: PathFinder, word: str | None) -> tuple[str, ...]:
    from rbaclens.graph.attack.targets import ANONYMOUS_NODES, any_pod

    if not word:
        return ()
    if word == "anonymous":
        return ANONYMOUS_NODES
    return any_pod(finder.builder.world) if word == "any-pod" else (subject_node(word),)


def _goals(finder: PathFinder, word: str) -> tuple[str, ...]:
    from rbaclens.graph.attack.targets import goals

    return goals(word, finder.graph, subject_node)
