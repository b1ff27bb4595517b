"""``rbaclens roles``: which roles there are, and who holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import lookup as shared

if TYPE_CHECKING:
    from rbaclens.index.lookup import RoleEntry

HELP = """Which roles there are, and who holds them.

PATTERN is a part of a name, a glob for the whole of it ('dev*'), or with --regex a regular expression; NAMESPACE/NAME is
understood. Behind each holder stands where: a namespace, or * for everywhere. --unused lists the roles that no binding gives to
anybody and that no other ClusterRole gathers.

\b
Examples:
  rbaclens roles
  rbaclens roles deployer -n shop -o json
  rbaclens roles --unused
"""


@click.command("roles", help=HELP, short_help="Which roles there are, and who holds them.")
@shared.lookup_options(["Role", "ClusterRole"])
@click.option("--unused", is_flag=True, help="Only roles that nobody holds and no other role gathers.")
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    policy = shared.load(given)
    from rbaclens.index.lookup import find_roles
    from rbaclens.reports.lookup import roles_table

    test = shared.name_test(given)
    default = shared.bootstrap_test(policy)

    def wanted(entry: RoleEntry) -> bool:
        role = entry.role
        if given["kind"] not in (None, role.kind) or given["namespace"] not in (None, role.namespace):
            return False
        return test(_names(entry)) and (entry.is_unused or not given["unused"])

    every = [entry for entry in find_roles(policy) if wanted(entry)]
    found = [e for e in every if given["everything"] or given["pattern"] in _names(e) or not default(e.role)]
    locate = policy.locate if shared.places_wanted(given) else None
    hidden = len(every) - len(found)
    shared.write(ctx, roles_table(found, locate, {"hidden": hidden}), policy, given, hidden, "role")


def _names(entry: RoleEntry) -> list[str]:
    role = entry.role
    return [role.name, f"{role.namespace}/{role.name}"] if role.namespace else [role.name]
