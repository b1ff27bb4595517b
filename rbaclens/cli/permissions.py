"""``rbaclens permissions``: everything that somebody holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.completion import complete_subject
from rbaclens.cli.terminal import terminal_width
from rbaclens.errors import UsageError
from rbaclens.reports.tables import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rbaclens.index.engine import Engine
    from rbaclens.requests.subjects import Identity

HELP = """Everything that SUBJECT may do, where, and where it comes from.

SUBJECT is bob, user:bob, group:devs, sa:NAMESPACE/NAME, node:NAME or anonymous. All namespaces are looked at: the scope of a
rule is * (everywhere), a namespace, or (cluster): requests without a namespace only. Exit code 3 says that there may be
more than is listed (stderr says why).

\b
Examples:
  rbaclens permissions bob
  rbaclens permissions sa:shop/deployer -n shop -o wide
  rbaclens permissions group:oncall --compact
  rbaclens permissions alice --kubectl -n projectCaribou
"""


@click.command("permissions", help=HELP, short_help="Everything that SUBJECT may do, and where it comes from.")
@click.argument("subject", shell_complete=complete_subject)
@click.option("-n", "--namespace", metavar="NAMESPACE", help="What counts in this namespace only (with --kubectl: default).")
@click.option("-A", "--all-namespaces", is_flag=True, help="Every namespace (the default).")
@click.option("--compact", "compacted", is_flag=True, help="Put together what means the same; leave out what other rules cover.")
@click.option("--kubectl", is_flag=True, help="The list of the API server, as kubectl auth can-i --list prints it.")
@click.option("--no-headers", is_flag=True, help="With --kubectl: leave out the headings.")
@shared.identity_options
@shared.policy_options
@shared.authorizer_options
@click.option("-o", "--output", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    authorizers = shared.take_authorizer_options(given)
    _check_options(given)
    identity = shared.identity(given)
    engine = shared.make_engine(shared.load_policy_from(given, authorizers), authorizers)
    for note in () if given["quiet"] else identity.notes:
        click.echo(f"note: {note}", err=True)
    ctx.exit(_kubectl(engine, identity, given) if given["kubectl"] else _list(engine, identity, given))


def _check_options(given: dict[str, Any]) -> None:
    if given["namespace"] is not None and given["all_namespaces"]:
        raise UsageError("-n and -A say two different things", "leave one of them out")
    if given["no_headers"] and not given["kubectl"]:
        raise UsageError("--no-headers is an option of --kubectl", "-o csv and -o json are made for programs")
    if given["kubectl"] and (given["all_namespaces"] or given["compacted"] or given["output"] == "name"):
        raise UsageError("--kubectl lists one namespace, as it is", "leave out -A, --compact and -o name")


def _list(engine: Engine, identity: Identity, given: dict[str, Any]) -> int:
    from rbaclens.index.permissions import PermissionIndex, doubts
    from rbaclens.reports.permissions import permissions_table, shown
    from rbaclens.reports.tables import render_table

    user, groups, output = identity.user, identity.groups, given["output"]
    namespaces = None if given["namespace"] is None else (given["namespace"],)
    index = PermissionIndex(engine)
    held = index.held(user, groups, namespaces)
    if given["compacted"]:
        from rbaclens.analysis.compact import compact

        held = compact(held)
    unknown, problems = doubts(engine, user, groups), index.dangling(user, groups, namespaces)
    listed = held if output in {"json", "yaml"} else tuple(filter(shown, held))
    subject = {"name": given["subject"], "user": user, "groups": list(groups)}
    table = permissions_table(listed, subject, unknown, problems, engine.policy.locate)
    click.echo(_cut(render_table(table, output), output))
    if not given["quiet"]:
        _remark(unknown, problems, len(held) - len(listed))
    return 3 if unknown else 0


def _remark(unknown: Iterable[str], problems: Iterable[str], left_out: int) -> None:
    for text in unknown:
        click.echo(f"unknown: {text}", err=True)
    for text in problems:
        click.echo(f"problem: {text}", err=True)
    if left_out:
        click.echo(f"note: left out: {left_out} for an empty path or resource, which no real request has (-o json lists them)", err=True)


def _cut(text: str, output: str) -> str:
    """The table no wider than the terminal, if it goes to one."""
    width = terminal_width()
    if output != "table" or width is None:
        return text
    lines = text.split("\n")
    if max(map(len, lines)) <= width:
        return text
    click.echo("note: lines are cut at the width of the terminal (-o wide shows them whole)", err=True)
    return "\n".join(line if len(line) <= width else f"{line[: width - 3]}..." for line in lines)


def _kubectl(engine: Engine, identity: Identity, given: dict[str, Any]) -> int:
    from rbaclens.index.permissions import rules_review
    from rbaclens.reports.permissions import review_text

    namespace = "default" if given["namespace"] is None else given["namespace"]
    if not namespace:
        raise UsageError("no namespace on request", "the API server lists the rules of one namespace (SSRR-02): give -n NAMESPACE")
    review = rules_review(engine, identity.user, identity.groups, namespace)
    click.echo(review_text(review, given["output"], headers=not given["no_headers"]))
    if review.incomplete and not given["quiet"]:
        reason = f": {review.evaluation_error}" if review.evaluation_error else ""
        click.echo(f"warning: the list may be incomplete{reason}", err=True)
    return 3 if review.incomplete or engine.policy.gaps else 0
