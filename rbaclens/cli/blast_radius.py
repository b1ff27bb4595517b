"""``rbaclens blast-radius``: all that a compromise reaches."""

from __future__ import annotations

from typing import Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.attack import Analysis, known_node, subject_node, version_option
from rbaclens.cli.completion import complete_subject

HELP = """All that whoever has SUBJECT gets to, by namespace and by how bad that is.

SUBJECT is written as everywhere; pod:NAMESPACE/NAME is a pod that was broken into. Exit code 1 when anything is reached.

\b
Examples:
  rbaclens blast-radius sa:ci/deployer
  rbaclens blast-radius pod:shop/web-0 -o json
"""


@click.command("blast-radius", help=HELP, short_help="All that a compromise of SUBJECT reaches.")
@click.argument("subject", shell_complete=complete_subject)
@version_option
@shared.identities_option
@shared.policy_options
@shared.authorizer_options
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    analysis = Analysis(given)
    from rbaclens.graph.attack.blast import blast_radius
    from rbaclens.graph.attack.paths import PathFinder
    from rbaclens.reports.attack import blast_data, blast_text
    from rbaclens.reports.data import render

    finder = PathFinder(analysis.builder())
    node = subject_node(given["subject"])
    if node.startswith("pod:"):
        known_node(finder.graph, node, given["subject"])
    blast = blast_radius(finder, node)
    if given["output"] == "text":
        click.echo("\n".join(blast_text(blast)))
    else:
        click.echo(render(blast_data(blast), given["output"]))
    ctx.exit(1 if blast.reached else 3 if analysis.engine.policy.gaps else 0)
