"""``rbaclens subjects``: who is named by the policy, and what binds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import lookup as shared

if TYPE_CHECKING:
    from rbaclens.index.lookup import Grant, SubjectEntry

HELP = """Who is named by the policy, and what binds them.

PATTERN is a part of a name, a glob for the whole of it ('dev*'), or with --regex a regular expression; sa:shop/, group: and
user names in full are understood. With -n, RoleBindings and service accounts of that namespace count. ABAC lines count as
bindings. Each binding with its place: -o wide or -o json.

\b
Examples:
  rbaclens subjects
  rbaclens subjects 'dev*' -o wide
  rbaclens subjects --kind ServiceAccount -n shop
"""


@click.command("subjects", help=HELP, short_help="Who is named by the policy, and what binds them.")
@shared.lookup_options(["User", "Group", "ServiceAccount"])
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    policy = shared.load(given)
    from rbaclens.index.lookup import all_grants, find_subjects
    from rbaclens.reports.lookup import subjects_table

    test = shared.name_test(given)
    default = shared.bootstrap_test(policy)
    kept: list[Grant] = []
    dropped: list[Grant] = []
    for grant in all_grants(policy):
        (kept if given["everything"] or not default(grant) else dropped).append(grant)

    def entries(of: list[Grant]) -> list[SubjectEntry]:
        every = find_subjects(policy, of, namespace=given["namespace"])
        return [entry for entry in every if given["kind"] in (None, entry.kind) and test(_names(entry))]

    found = entries(kept)
    named = {(entry.kind, entry.name) for entry in found}
    others = [entry for entry in entries(dropped) if (entry.kind, entry.name) not in named]
    # Who asks for exactly this name is not answered with nothing.
    asked = [entry for entry in others if given["pattern"] in _names(entry)]
    locate = policy.locate if shared.places_wanted(given) else None
    hidden = len(others) - len(asked)
    shared.write(ctx, subjects_table([*found, *asked], locate, {"hidden": hidden}), policy, given, hidden, "subject")


def _names(entry: SubjectEntry) -> list[str]:
    """Every way to write a subject."""
    if entry.kind == "ServiceAccount":
        namespace, _, name = entry.name.partition("/")
        return [name, entry.name, f"sa:{entry.name}", f"system:serviceaccount:{namespace}:{name}"]
    return [entry.name, f"{entry.kind.lower()}:{entry.name}"]
