"""``rbaclens whois``: who somebody is to the API server."""

from __future__ import annotations

import sys
from typing import Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.completion import complete_subject

HELP = """Who SUBJECT is to the API server: user name, groups and why each is there, and every binding that names any of it.

For a group, its members: those of the identities file, and those that authentication puts into it. SUBJECT is bob, user:bob,
group:devs, sa:NAMESPACE/NAME, node:NAME or anonymous.

\b
Examples:
  rbaclens whois sa:shop/deployer
  rbaclens whois bob --as-group oncall
  rbaclens whois group:system:serviceaccounts:shop -o json
"""


@click.command("whois", help=HELP, short_help="Who somebody is: groups, members, bindings.")
@click.argument("subject", shell_complete=complete_subject)
@shared.identity_options
@shared.policy_options
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    from rbaclens.reports.whois import whois_data, whois_text
    from rbaclens.requests.closure import identity_closure
    from rbaclens.sources.identities import load_identities

    file = given["identities_file"]
    identities = None if file is None else load_identities(file, stdin=sys.stdin.buffer.read)
    who = identity_closure(given["subject"], identities, groups=given["as_groups"], exact_groups=given["exact_groups"])
    extra: dict[str, list[str]] = {}
    for key, value in shared.parse_pairs(given["extras"], "--extra"):
        extra.setdefault(key, []).append(value)
    policy = shared.load_policy_from(given)
    data = whois_data(policy, who, identities, {"uid": given["uid"], "extra": extra})
    if given["output"] == "text":
        click.echo("\n".join(whois_text(data)))
    else:
        from rbaclens.reports.data import render

        click.echo(render(data, given["output"]))
    ctx.exit(3 if policy.gaps else 0)
