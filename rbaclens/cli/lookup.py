"""What the commands that look things up have in common: their options, what they hide, and what they say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.completion import complete_namespace
from rbaclens.reports.tables import FORMATS

if TYPE_CHECKING:
    from rbaclens.index.lookup import Grant
    from rbaclens.model.objects import Binding, Role
    from rbaclens.model.policy import PolicySet
    from rbaclens.reports.tables import Table

Test = Callable[[Iterable[str]], bool]


def lookup_options(kinds: Iterable[str]) -> shared.Decorator:
    """The options of a look-up of things of these kinds."""
    return shared.together(
        click.argument("pattern", required=False, default=""),
        click.option("--regex", is_flag=True, help="PATTERN is a regular expression."),
        click.option("-n", "--namespace", metavar="NAMESPACE", help="Only what stands there.", shell_complete=complete_namespace),
        click.option("--kind", type=click.Choice(list(kinds), case_sensitive=False), help="Only this kind."),
        click.option("--all", "everything", is_flag=True, help="Also what every cluster has from its start."),
        shared.policy_options,
        click.option("-o", "--output", type=click.Choice(FORMATS), default="table", show_default=True),
    )


def load(given: Mapping[str, Any]) -> PolicySet:
    """The policy of a look-up."""
    return shared.load_policy_from(given)


def name_test(given: Mapping[str, Any]) -> Test:
    """The test of names that PATTERN stands for."""
    from rbaclens.index.lookup import name_matcher

    return name_matcher(given["pattern"], regex=given["regex"])


def bootstrap_test(policy: PolicySet) -> Callable[[Role | Grant], bool]:
    """Whether something is part of what every cluster has."""
    from rbaclens.index.lookup import BOOTSTRAP_FILE, is_bootstrap
    from rbaclens.model.abac import AbacPolicy
    from rbaclens.sources import Objects, assemble

    shipped: dict[tuple[str, str, str], Role | Binding] = {}
    if not any(role.origin.file == BOOTSTRAP_FILE for role in policy.roles):
        # A whole cluster's objects: the default ones are told from the others by what they say.
        beneath = assemble(Objects())
        shipped.update({(role.kind, role.namespace, role.name): role for role in beneath.roles})
        shipped.update({(binding.kind, binding.namespace, binding.name): binding for binding in beneath.bindings})
    return lambda one: not isinstance(one, AbacPolicy) and is_bootstrap(one, shipped)


def write(ctx: click.Context, table: Table, policy: PolicySet, given: Mapping[str, Any], hidden: int, what: str) -> None:
    """Print the table; say on stderr what is not in it. Exit code 3 where policy could not be read."""
    from rbaclens.reports.tables import render_table

    text = render_table(table, given["output"])
    if table.rows or given["output"] not in {"table", "wide", "name"}:
        click.echo(text)
    if not given["quiet"]:
        if not table.rows:
            click.echo(f"no {what} found" + (f' for "{given["pattern"]}"' if given["pattern"] else ""), err=True)
        if hidden:
            click.echo(f"hidden: {hidden} that every cluster has (--all shows them)", err=True)
    ctx.exit(3 if policy.gaps else 0)


def places_wanted(given: Mapping[str, Any]) -> bool:
    """Whether the format shows places, which take time to find."""
    return given["output"] not in {"table", "name"}
