"""``rbaclens whoami``: who the cluster takes you for."""

from __future__ import annotations

from typing import Any

import click

from rbaclens.cli import cluster as shared

HELP = """Who the cluster takes you for: user name, groups and why each is there, uid and extra.

It asks with a SelfSubjectReview, which every authenticated user may send. Exit code 3 when the server does not say.

\b
Examples:
  rbaclens whoami
  rbaclens whoami --context prod -o json
"""


@click.command("whoami", help=HELP, short_help="Who the cluster takes you for.")
@shared.cluster_options
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    from rbaclens.live.ask import Asker
    from rbaclens.live.replies import RefusedError
    from rbaclens.reports.whoami import whoami_data, whoami_text
    from rbaclens.requests.subjects import parse_subject

    with shared.open_connection(given["context"], given["kubeconfig"], quiet=given["quiet"]) as connection:
        try:
            caller = Asker(connection).who_am_i()
        except RefusedError as error:
            if error.reply.status not in _SILENT:
                raise
            click.echo(f"unknown: {connection.server} does not say who you are: {_SILENT[error.reply.status]}", err=True)
            click.echo("help:  kubectl config view --minify shows with which credentials you come", err=True)
            ctx.exit(3)
    who = parse_subject(f"user:{caller.user}") if caller.user else None
    implied = {group: why for group, why in (who.why if who else {}).items() if why != "given"}
    data = whoami_data(caller, who.how if who else "user", implied, connection.context, connection.server)
    if given["output"] == "text":
        click.echo("\n".join(whoami_text(data)))
    else:
        from rbaclens.reports.data import render

        click.echo(render(data, given["output"]))


_SILENT = {
    403: "you may not create selfsubjectreviews (the ClusterRole system:basic-user allows it to everybody authenticated)",
    404: "it does not serve SelfSubjectReview (Kubernetes before 1.28)",
}
