"""``rbaclens bindings``: who is bound to which role, and which references lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import lookup as shared

if TYPE_CHECKING:
    from rbaclens.index.lookup import BindingEntry

HELP = """Who is bound to which role, and which references lead nowhere.

PATTERN is a part of a name, a glob for the whole of it ('dev*'), or with --regex a regular expression; NAMESPACE/NAME is
understood. ABAC lines are listed too, named FILE:LINE. --dangling lists bindings of a role that does not exist, of a service
account that does not exist (where the policy knows others of its namespace), or of a subject that can never be anybody.

\b
Examples:
  rbaclens bindings
  rbaclens bindings 'dep*' -n shop -o wide
  rbaclens bindings --dangling
"""


@click.command("bindings", help=HELP, short_help="Who is bound to which role, and which references lead nowhere.")
@shared.lookup_options(["RoleBinding", "ClusterRoleBinding", "ABAC"])
@click.option("--dangling", is_flag=True, help="Only what refers to something that is not there.")
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    policy = shared.load(given)
    from rbaclens.index.lookup import find_bindings
    from rbaclens.reports.lookup import bindings_table

    test = shared.name_test(given)
    default = shared.bootstrap_test(policy)

    def wanted(entry: BindingEntry) -> bool:
        if given["kind"] not in (None, _kind(entry)) or given["namespace"] not in (None, entry.grant.namespace):
            return False
        return test(_names(entry)) and (bool(entry.dangling) or not given["dangling"])

    every = [entry for entry in find_bindings(policy) if wanted(entry)]
    found = [e for e in every if given["everything"] or given["pattern"] in _names(e) or not default(e.grant)]
    locate = policy.locate if shared.places_wanted(given) else None
    hidden = len(every) - len(found)
    shared.write(ctx, bindings_table(found, locate, {"hidden": hidden}), policy, given, hidden, "binding")


def _kind(entry: BindingEntry) -> str:
    from rbaclens.model.objects import Binding

    return entry.grant.kind if isinstance(entry.grant, Binding) else "ABAC"


def _names(entry: BindingEntry) -> list[str]:
    from rbaclens.model.objects import Binding

    grant = entry.grant
    if not isinstance(grant, Binding):
        return [f"{grant.origin.file}:{grant.line}"]
    return [grant.name, f"{grant.namespace}/{grant.name}"] if grant.namespace else [grant.name]
