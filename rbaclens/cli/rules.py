"""``rbaclens rules``: the catalogue of the audit."""

from __future__ import annotations

from typing import Any

import click

from rbaclens.cli import options as shared
from rbaclens.reports.tables import FORMATS

HELP = """The catalogue of the audit: every rule, or one of them in full.

ID is a rule's id, such as RL1101. Without it all are listed; PATTERN words may be given as --find. Custom rules (of the settings,
of --rules and of installed packages) are listed with where they come from.

\b
Examples:
  rbaclens rules
  rbaclens rules RL1101
  rbaclens rules --find secret -o wide
  rbaclens rules --rules docs/custom-rules --find acme
"""


@click.command("rules", help=HELP, short_help="The catalogue of the audit: every rule, or one in full.")
@click.argument("rule", required=False, metavar="[ID]")
@click.option("--find", default="", metavar="TEXT", help="Only rules whose id, title or description holds this text.")
@click.option("--tier", type=click.IntRange(1, 3), help="Only rules of this tier.")
@shared.rules_option
@shared.config_option
@click.option("-o", "--output", type=click.Choice(FORMATS), default="table", show_default=True)
def command(**given: Any) -> None:
    """The command; see HELP."""
    from rbaclens.cli.audit_settings import load_settings
    from rbaclens.reports.data import render
    from rbaclens.reports.findings_rules import rule_data, rule_text, rules_table
    from rbaclens.reports.tables import render_table

    _, catalogue = load_settings(given["config_file"], (), given["rule_files"])
    if given["rule"]:
        rule = catalogue.rule(given["rule"])
        output = given["output"]
        click.echo(render(rule_data(rule), output) if output in {"json", "yaml"} else rule.id if output == "name" else rule_text(rule))
        return
    text = given["find"].casefold()
    found = [
        rule
        for rule in catalogue
        if given["tier"] in (None, rule.tier) and text in f"{rule.id} {rule.title} {rule.gives} {rule.fix}".casefold()
    ]
    click.echo(render_table(rules_table(found), given["output"]))
