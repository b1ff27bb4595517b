"""``rbaclens test``: permission facts, proven or refuted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.outputs import outputs_option, take_outputs, write_file
from rbaclens.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rbaclens.analysis.facts import FactResult, Prover
    from rbaclens.analysis.mutation import MutationResult
    from rbaclens.index.engine import Engine
    from rbaclens.model.permission_facts import PermissionFact

FORMATS = ("text", "json", "yaml", "junit")

HELP = """Does the policy keep to these permission facts?

FILE is YAML with facts such as "allow: bob get pods in projectCaribou", "deny: bob delete pods in projectCaribou",
"only: [group:ops] can create pods/exec in prod", "nobody can escalate clusterroles" or "everyone in group:devs can get
pods in shop". Facts about only, nobody and everyone are proven over all requests; what fails is shown with a request.

Exit codes: 0 all hold, 1 some fail, 2 unreadable, 3 some are unknown (and none fails).

\b
Examples:
  rbaclens test permissions.facts.yaml
  rbaclens test permissions.facts.yaml -f policies -o junit=tests.xml -o text
  rbaclens test permissions.facts.yaml --mutate --mutate-limit 50
"""


@click.command("test", help=HELP, short_help="Does the policy keep to these permission facts?")
@click.argument("fact_files", nargs=-1, required=True, metavar="FILE...")
@click.option("--mutate", is_flag=True, help="Change the policy a step at a time: which changes does no fact catch?")
@click.option("--mutate-limit", type=click.IntRange(min=1), metavar="N", help="Try a sample of N changes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="With --mutate: exit 1 below this score.")
@shared.identities_option
@shared.policy_options
@shared.authorizer_options
@outputs_option(FORMATS)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    if not given["mutate"] and (given["mutate_limit"] is not None or given["fail_under"] is not None):
        raise UsageError("--mutate-limit and --fail-under say how to mutate", "add --mutate")
    outputs = take_outputs(given["outputs"], FORMATS)
    authorizers = shared.take_authorizer_options(given)
    engine = shared.make_engine(shared.load_policy_from(given, authorizers), authorizers)
    facts = _facts(engine, given)
    prover = _prover(engine, facts, given, authorizers)
    results = [prover.prove(fact) for fact in facts]
    mutation = _mutation(prover, results, given) if given["mutate"] else None
    for output, file in outputs:
        report = _report(results, engine, mutation, output) + "\n"
        if file:
            write_file(file, [report.encode("utf-8", "backslashreplace")])
        else:
            click.echo(report, nl=False)
    ctx.exit(_exit_code(results, mutation, given["fail_under"]))


def _facts(engine: Engine, given: dict[str, Any]) -> list[PermissionFact]:
    from rbaclens.requests.resources import ResourceCatalogue
    from rbaclens.sources.fact_files import load_facts

    catalogue = ResourceCatalogue(engine.policy)
    facts = [fact for name in given["fact_files"] for fact in load_facts(name, catalogue, stdin=sys.stdin.buffer.read)]
    if not given["quiet"]:
        for fact in facts:
            for note in fact.notes:
                click.echo(f"warning: {fact.at}: {note}", err=True)
    return facts


def _prover(engine: Engine, facts: Sequence[PermissionFact], given: dict[str, Any], authorizers: shared.AuthorizerOptions) -> Prover:
    from rbaclens.analysis.fact_world import World
    from rbaclens.analysis.facts import Prover
    from rbaclens.cli.lookup import bootstrap_test

    world = World(engine.policy, facts, shared.load_identities(given), bootstrap_test(engine.policy))
    if not given["quiet"]:
        for fact in facts:
            for name in world.strange_namespaces(fact.places):
                click.echo(f"warning: {fact.at}: nothing in the policy mentions the namespace {name}", err=True)
    answers = dict(shared.parse_pairs(authorizers.webhooks, "--webhook"))
    settled = [
        entry.name
        for entry in engine.config.authorizers
        if entry.name in answers and (answers[entry.name] == "no-opinion" or not (entry.webhook and entry.webhook.match_conditions))
    ]
    return Prover(engine, world, settled)


def _mutation(prover: Prover, results: Sequence[FactResult], given: dict[str, Any]) -> MutationResult:
    from rbaclens.analysis.facts import Outcome
    from rbaclens.analysis.mutants import Mutator
    from rbaclens.analysis.mutation import mutate

    held = [result.fact for result in results if result.outcome is Outcome.HOLDS]
    if len(held) < len(results) and not given["quiet"]:
        left_out = len(results) - len(held)
        click.echo(f"warning: {left_out} fact{' does' if left_out == 1 else 's do'} not hold, and can catch nothing", err=True)
    mutator = Mutator(prover.engine, prover.world.identities, prover.world.is_default)
    limit, seed = given["mutate_limit"], given["seed"]
    if given["quiet"] or not sys.stderr.isatty():
        return mutate(prover, held, mutator, limit=limit, seed=seed)
    with click.progressbar(length=1, label="mutants", file=sys.stderr, show_pos=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(1)

        return mutate(prover, held, mutator, limit=limit, seed=seed, progress=progress)


def _report(results: Sequence[FactResult], engine: Engine, mutation: MutationResult | None, output: str) -> str:
    from rbaclens.reports import facts as reports

    if output == "junit":
        return reports.facts_junit(results, engine)
    if output == "text":
        lines = list(reports.facts_text(results, engine))
        if mutation is not None:
            lines += ["", *reports.mutation_text(mutation, engine.policy.locate)]
        return "\n".join(lines)
    from rbaclens.reports.data import render

    return render(reports.facts_data(results, engine, mutation), output)


def _exit_code(results: Sequence[FactResult], mutation: MutationResult | None, fail_under: float | None) -> int:
    from rbaclens.analysis.facts import Outcome

    outcomes = {result.outcome for result in results}
    too_low = mutation is not None and mutation.score is not None and fail_under is not None and mutation.score * 100 < fail_under
    if Outcome.FAILS in outcomes or too_low:
        return 1
    return 3 if Outcome.UNKNOWN in outcomes else 0
