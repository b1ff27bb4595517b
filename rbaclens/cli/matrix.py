"""``rbaclens matrix``: verbs against resources, subjects or namespaces."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click
import msgspec

from rbaclens.cli import options as shared
from rbaclens.cli.completion import complete_subject
from rbaclens.cli.terminal import terminal_width
from rbaclens.errors import UsageError
from rbaclens.reports.tables import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rbaclens.index.atoms import Target
    from rbaclens.index.engine import Engine
    from rbaclens.index.matrix import Person
    from rbaclens.reports.matrix import Grid
    from rbaclens.requests.resources import ResourceCatalogue

HELP = """Who may do what, as a table.

\b
matrix SUBJECT                  resources against verbs
matrix SUBJECT --resource R     namespaces against verbs, on one resource (or URL)
matrix SUBJECT --by namespace   namespaces against verbs: on how many resources
matrix --verb VERB              subjects against resources
matrix --all                    subjects against every verb and resource, for -o csv

A cell is empty (no), yes (everywhere), or lists the namespaces; ns/names stands for certain object names only, */names for
certain names everywhere, (cluster) for requests without a namespace. Rows and columns are what the policy itself names: a
column * is what only * gives. --served adds all that the API server serves.

\b
Examples:
  rbaclens matrix group:oncall
  rbaclens matrix group:devs --resource pods
  rbaclens matrix --verb get -n shop
  rbaclens matrix --all -o csv
"""


@click.command("matrix", help=HELP, short_help="Who may do what, as a table.")
@click.argument("subject", required=False, shell_complete=complete_subject)
@click.option("--verb", metavar="VERB", help="Subjects against resources, for one verb.")
@click.option("--resource", metavar="RESOURCE", help="Only this resource (such as pods/log or deployments.apps), or this /path.")
@click.option("--by", type=click.Choice(["resource", "namespace"]), help="The rows for one SUBJECT (default: resource).")
@click.option("--all", "everybody", is_flag=True, help="Every subject against every verb and resource.")
@click.option("-n", "--namespace", metavar="NAMESPACE", help="What counts in this namespace only.")
@click.option("-A", "--all-namespaces", is_flag=True, help="Every namespace (the default).")
@click.option("--served", is_flag=True, help="Also what the API server serves and no rule names.")
@click.option("--force", is_flag=True, help="Take a resource or verb that nothing knows as it is written.")
@shared.identity_options
@shared.policy_options
@shared.authorizer_options
@click.option("-o", "--output", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    authorizers = shared.take_authorizer_options(given)
    _check_options(given)
    engine = shared.make_engine(shared.load_policy_from(given, authorizers), authorizers)
    people, subject = _people(engine, given)
    unknown = _unknown(engine, people)
    grid = _grid(engine, people, given)
    _write(msgspec.structs.replace(grid, extra={**subject, **grid.extra, "unknown": unknown}), given)
    for text in () if given["quiet"] else unknown:
        click.echo(f"unknown: {text}", err=True)
    ctx.exit(3 if unknown else 0)


def _check_options(given: dict[str, Any]) -> None:
    ways = [name for name, value in (("SUBJECT", given["subject"]), ("--verb", given["verb"]), ("--all", given["everybody"])) if value]
    if len(ways) != 1:
        raise UsageError(
            f"say one of SUBJECT, --verb and --all, not {' and '.join(ways)}" if ways else "say what: SUBJECT, --verb VERB or --all",
            "for example: rbaclens matrix bob",
        )
    if given["namespace"] is not None and given["all_namespaces"]:
        raise UsageError("-n and -A say two different things", "leave one of them out")
    if not given["subject"] and (given["by"] or given["as_groups"] or given["exact_groups"]):
        raise UsageError("--by, --as-group and --exact-groups are about one SUBJECT", "leave them out, or name a SUBJECT")


def _people(engine: Engine, given: dict[str, Any]) -> tuple[tuple[Person, ...], dict[str, Any]]:
    """Whose rows are wanted, and, for one subject, who that is."""
    from rbaclens.index.matrix import Person, people

    if not given["subject"]:
        return people(engine), {}
    identity = shared.identity(given)
    _note(identity.notes, given)
    subject = {"name": given["subject"], "user": identity.user, "groups": list(identity.groups)}
    return (Person("", given["subject"], identity.user, identity.groups),), {"subject": subject}


def _note(notes: Iterable[str], given: dict[str, Any]) -> None:
    for note in () if given["quiet"] else notes:
        click.echo(f"note: {note}", err=True)


def _unknown(engine: Engine, people: tuple[Person, ...]) -> list[str]:
    from rbaclens.index.permissions import doubts

    return list(dict.fromkeys(doubt for person in people for doubt in doubts(engine, person.user, person.groups)))


def _grid(engine: Engine, people: tuple[Person, ...], given: dict[str, Any]) -> Grid:
    from rbaclens.index.atoms import Atom, in_order, mentioned_atoms, served_atoms
    from rbaclens.index.matrix import Matrix
    from rbaclens.reports import matrix as report
    from rbaclens.requests.resources import ResourceCatalogue

    catalogue = ResourceCatalogue(engine.policy)
    named = mentioned_atoms(engine.policy)
    if given["served"]:
        named = in_order((*named, *served_atoms(catalogue.resources)))
    target = _target(given, catalogue)
    namespace, verb = given["namespace"], given["verb"]
    if given["everybody"]:
        return report.everybody_grid(Matrix(engine, [atom for atom in named if target in (None, atom.target)]), people, namespace)
    targets = sorted({atom.target for atom in named}) if target is None else [target]
    if verb:
        return report.verb_grid(Matrix(engine, in_order(Atom(one, verb) for one in targets)), people, verb, namespace)
    # Every verb on every target: a rule with * allows pairs that no rule names.
    verbs = {is_path: {atom.verb for atom in named if bool(atom.target.path) is is_path} for is_path in (False, True)}
    matrix = Matrix(engine, in_order(Atom(one, verb) for one in targets for verb in verbs[bool(one.path)]))
    if given["by"] == "namespace" or (target is not None and given["by"] is None):
        return report.namespace_grid(matrix, people[0], target, namespace)
    return report.subject_grid(matrix, people[0], namespace)


def _target(given: dict[str, Any], catalogue: ResourceCatalogue) -> Target | None:
    """What --resource names; the verb is looked at as well."""
    from rbaclens.index.atoms import Target
    from rbaclens.requests.resources import Resolved
    from rbaclens.requests.verbs import PATH_VERBS

    text, verb, force = given["resource"], given["verb"], given["force"]
    is_path = text is not None and text.startswith("/")
    resolved = Resolved("", "*", "*") if text is None or is_path else catalogue.resolve(text, force=force)
    if verb is not None and (is_path or text is not None or verb not in PATH_VERBS):
        _note(catalogue.check_verb(verb, None if is_path else resolved, force=force), given)
    if text is None:
        return None
    return Target(text) if is_path else Target("", resolved.group, resolved.resource, resolved.subresource)


def _write(grid: Grid, given: dict[str, Any]) -> None:
    from rbaclens.reports.matrix import csv_lines, grid_text

    if given["output"] == "csv":
        # Thousands of rows: written as they are made.
        lines = csv_lines(grid)
        while some := "".join(islice(lines, 256)):
            click.echo(some, nl=False)
        return
    text, left_out = grid_text(grid, given["output"], terminal_width())
    click.echo(text)
    if left_out:
        what = ", ".join(left_out[:5]) + (", ..." if len(left_out) > 5 else "")
        click.echo(f"note: {len(left_out)} of {len(grid.columns)} columns do not fit in the terminal: {what} (-o wide shows all)", err=True)
