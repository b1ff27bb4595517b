"""``rbaclens who-can``: everybody who may do something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.completion import complete_namespace, complete_words
from rbaclens.errors import UsageError
from rbaclens.reports.tables import FORMATS

if TYPE_CHECKING:
    from rbaclens.index.engine import Engine
    from rbaclens.index.who_can import WhoCan
    from rbaclens.model.pattern import Pattern
    from rbaclens.reports.tables import Table

ANY = "any"

HELP = """Everybody who may do this, by any authorizer, with scope, binding, role and place.

VERB, RESOURCE and NAME can each be the word any. Without NAME, object names do not matter: whoever may only touch
certain names is left out; with NAME any they are listed with the names. -A asks about every namespace.

\b
Examples:
  rbaclens who-can get pods -n shop
  rbaclens who-can get secrets any -A -o wide
  rbaclens who-can get /metrics
  rbaclens who-can --http 'DELETE /apis/apps/v1/namespaces/shop/deployments/web'
"""


@click.command("who-can", help=HELP, short_help="Everybody who may do this, and why.")
@click.argument("words", nargs=-1, metavar="[VERB RESOURCE [NAME]]", shell_complete=complete_words)
@click.option(
    "-n", "--namespace", metavar="NAMESPACE", shell_complete=complete_namespace, help="The namespace asked about (default: default)."
)
@click.option("-A", "--all-namespaces", is_flag=True, help="Every namespace, and the cluster scope.")
@click.option("--subresource", default="", metavar="NAME", help="The subresource, such as log, or any.")
@click.option("--http", "http_line", metavar="'METHOD URL'", help="The request as an HTTP line.")
@click.option("--effective", is_flag=True, help="List concrete users, service accounts and nodes, with all their ways.")
@click.option("--expand", is_flag=True, help="Below each group, its members from --identities.")
@click.option("--force", is_flag=True, help="Ask even for a resource or verb that nothing knows.")
@shared.identities_option
@shared.policy_options
@shared.authorizer_options
@click.option("-o", "--output", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    authorizers = shared.take_authorizer_options(given)
    engine = shared.make_engine(shared.load_policy_from(given, authorizers), authorizers)
    from rbaclens.index.who_can import who_can
    from rbaclens.reports.tables import render_table
    from rbaclens.reports.who_can import doubt_lines

    pattern, notes = _pattern(engine, given)
    found = who_can(engine, pattern)
    if not given["quiet"]:
        for note in notes:
            click.echo(f"note: {note}", err=True)
        for line in doubt_lines(found):
            click.echo(line, err=True)
    click.echo(render_table(_table(engine, found, given), given["output"]))
    ctx.exit(3 if found.doubts else 0)


def _table(engine: Engine, found: WhoCan, given: dict[str, Any]) -> Table:
    from rbaclens.reports.who_can import effective_table, expanded, who_can_table

    locate = engine.policy.locate
    identities = shared.load_identities(given).groups_by_user
    if given["effective"]:
        from rbaclens.index.effective import effective

        return effective_table(found, effective(engine, found, identities), locate)
    if given["expand"]:
        if not identities:
            raise UsageError("--expand needs to know who is in which group", "give --identities FILE")
        return who_can_table(found, locate, expanded(found.holders, identities))
    return who_can_table(found, locate)


def _pattern(engine: Engine, given: dict[str, Any]) -> tuple[Pattern, tuple[str, ...]]:
    from rbaclens.model.pattern import Pattern

    words = given["words"]
    if given["http_line"] is not None:
        if words or given["namespace"] or given["subresource"]:
            raise UsageError("--http says the whole request", "leave out the words, -n and --subresource")
        from rbaclens.requests.http import parse_http_line, request_from_http

        return Pattern.of(request_from_http(*parse_http_line(given["http_line"]))), ()
    if len(words) not in {2, 3}:
        raise UsageError("say what: VERB RESOURCE [NAME], or VERB /path", "for example: rbaclens who-can get secrets -n shop")
    verb, target, name = (*words, "")[:3]
    if target == ANY:
        namespace = None if given["all_namespaces"] else given["namespace"] or "default"
        subresource = _closed(given["subresource"]) or None
        return Pattern(_closed(verb), None, None, subresource, namespace, _closed(name)), ()
    return _pattern_of_resource(engine, given, (verb, target, name))


def _pattern_of_resource(engine: Engine, given: dict[str, Any], words: tuple[str, str, str]) -> tuple[Pattern, tuple[str, ...]]:
    """The pattern for one resource or path; the words are read as for ``check``, then the open places are opened."""
    import msgspec

    from rbaclens.model.pattern import Pattern
    from rbaclens.requests.resources import ResourceCatalogue
    from rbaclens.requests.words import DEFAULT_NAMESPACE, GET_WITHOUT_NAME, request_from_words

    verb, target, name = words
    everywhere = given["all_namespaces"]
    phrase = request_from_words(
        "get" if verb == ANY else verb,
        target,
        "" if name == ANY else name,
        namespace=None if everywhere else given["namespace"],
        subresource="" if given["subresource"] == ANY else given["subresource"],
        catalogue=ResourceCatalogue(engine.policy),
        force=given["force"],
    )
    pattern = Pattern.of(phrase.request)
    opened: dict[str, None] = {"verb": None} if verb == ANY else {}
    if pattern.is_resource:
        opened |= {"name": None} if name == ANY else {}
        opened |= {"subresource": None} if given["subresource"] == ANY else {}
        # A cluster-scoped resource has no namespace to leave open: a real request on it never has one.
        opened |= {"namespace": None} if everywhere and pattern.namespace == DEFAULT_NAMESPACE else {}
    about_words = () if everywhere or verb == ANY else tuple(note for note in phrase.notes if note != GET_WITHOUT_NAME)
    return msgspec.structs.replace(pattern, **opened), about_words


def _closed(word: str) -> str | None:
    return None if word == ANY else word
