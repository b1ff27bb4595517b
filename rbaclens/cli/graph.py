"""``rbaclens graph``: who can what, or the bindings, as a picture or as data."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.cli.attack import version_option
from rbaclens.cli.completion import complete_namespace
from rbaclens.errors import RbaclensError, UnknownNameError, UsageError
from rbaclens.graph.formats import FORMATS

if TYPE_CHECKING:
    from rbaclens.graph.model import Graph
    from rbaclens.graph.view import View
    from rbaclens.index.engine import Engine
    from rbaclens.model.pattern import Pattern
    from rbaclens.requests.resources import ResourceCatalogue

VIEWS = ("who-can-what", "bindings", "attack")
LEVELS = ("namespace", "role", "rule")

HELP = """Who can what, the bindings as they are written, or attack paths, as a graph: a picture, a page, or data.

Grants that every cluster has are left out (--all shows them), subjects with equal rights are drawn as one (--no-merge), and
pictures show so many nodes as can be looked at (--max-nodes); stderr says what is not shown. --level says how fine: namespaces,
roles where they are held, or each resource of each rule. --focus shows what is near a subject, a role or a resource.

\b
Formats:
{formats}

\b
Examples:
  rbaclens graph --format svg -o who-can-what.svg
  rbaclens graph --focus sa:shop/deployer --level rule --format mermaid
  rbaclens graph --verb get --resource secrets --format html -o secrets.html
  rbaclens graph --view bindings --format cypher | cypher-shell
  rbaclens graph --view attack --format svg -o paths.svg
""".format(formats="\n".join(f"  {one.name:<10} {one.meaning}" for one in FORMATS.values()))


@click.command("graph", help=HELP, short_help="Who can what as a graph: a picture, a page, or data.")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), default="dot", show_default=True, help="What to write.")
@click.option("-o", "--output", metavar="FILE", help="Write there instead of stdout; with csv a folder for nodes.csv and edges.csv.")
@click.option("--view", "kind", type=click.Choice(VIEWS), default="who-can-what", show_default=True, help="What the graph is about.")
@click.option("--level", type=click.Choice(LEVELS), help="How fine (default: role; with the focus on a resource: rule).")
@click.option("--focus", metavar="SUBJECT|ROLE|RESOURCE", help="Only what is near it.")
@click.option("--hops", type=click.IntRange(0), default=2, show_default=True, metavar="N", help="How near: so many edges away.")
@click.option("--verb", metavar="VERB", help="Only what allows this verb.")
@click.option("--resource", metavar="RESOURCE", help="Only what allows something on this resource (such as pods/log), or this /path.")
@click.option("-n", "--namespace", metavar="NAMESPACE", shell_complete=complete_namespace, help="What counts in this namespace only.")
@click.option("--all", "everything", is_flag=True, help="Also the grants that every cluster has.")
@click.option("--no-merge", is_flag=True, help="One node for each subject, whatever they hold.")
@click.option(
    "--max-nodes",
    type=click.IntRange(1),
    metavar="N",
    help="Fold what is more (default: 60 to 300 in pictures, all in data).",
)
@click.option("--force", is_flag=True, help="Take a resource or verb that nothing knows as it is written.")
@version_option
@shared.identities_option
@shared.policy_options
@shared.authorizer_options
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    authorizers = shared.take_authorizer_options(given)
    _check_options(given)
    engine = shared.make_engine(shared.load_policy_from(given, authorizers), authorizers)
    graph = _smaller(*_graph(engine, given), given)
    _write(graph, given)
    for note in () if given["quiet"] else graph.notes:
        click.echo(f"note: {note}", err=True)
    webhooks = any(entry.type == "Webhook" for entry in engine.config.authorizers)
    ctx.exit(3 if engine.policy.gaps or webhooks else 0)


def _check_options(given: dict[str, Any]) -> None:
    target = given["output"]
    if given["form"] == "csv" and target and Path(target).is_file():
        raise UsageError(f"{target} is a file; csv is written as two tables", "give a folder, or leave out -o for the edges alone")
    if target and given["form"] != "csv" and Path(target).is_dir():
        raise UsageError(f"{target} is a folder", f"give a file, such as -o {target.rstrip('/')}/graph.{given['form']}")
    filters = [f"--{name}" for name in ("level", "verb", "resource", "namespace") if given[name]]
    if given["kind"] == "attack" and filters:
        raise UsageError(f"{filters[0]} says nothing about attack paths", "--focus takes a part of them, rbaclens paths asks about one")
    if FORMATS[given["form"]].is_binary and not target and sys.stdout.isatty():
        raise UsageError(f"{given['form']} is not for a terminal", f"write it to a file: -o graph.{given['form']}")


def _graph(engine: Engine, given: dict[str, Any]) -> tuple[Graph, frozenset[str]]:
    """The graph, or the part of it around the focus, and the nodes that are the focus."""
    from rbaclens.graph.view import View
    from rbaclens.requests.resources import ResourceCatalogue

    catalogue = ResourceCatalogue(engine.policy)
    shipped = None
    if not given["everything"]:
        from rbaclens.cli.attack import shipped_policy

        shipped = shipped_policy()
    identities = shared.load_identities(given).groups_by_user
    view = View(given["level"] or "role", _pattern(catalogue, given), given["namespace"] or "", shipped, identities)
    graph = _attack(engine, identities, given) if given["kind"] == "attack" else _built(engine, view, given["kind"])
    return (graph, frozenset()) if given["focus"] is None else _focused(engine, view, graph, catalogue, given)


def _attack(engine: Engine, identities: Mapping[str, tuple[str, ...]], given: dict[str, Any]) -> Graph:
    """The cheapest paths of everybody to what is worth having; with --all every step that anybody could take."""
    from rbaclens.cli.attack import kube_version, shipped_policy
    from rbaclens.graph.attack.build import AttackBuilder
    from rbaclens.graph.attack.drawing import attack_graph, worst_graph
    from rbaclens.graph.attack.paths import PathFinder

    finder = PathFinder(AttackBuilder(engine, shipped_policy(), kube_version(given["kube_version"]), identities))
    return attack_graph(finder) if given["everything"] else worst_graph(finder)


def _built(engine: Engine, view: View, kind: str) -> Graph:
    if kind == "bindings":
        from rbaclens.graph.bindings import bindings_graph

        return bindings_graph(engine, view)
    from rbaclens.graph.who_can_what import who_can_what

    return who_can_what(engine, view)


def _focused(engine: Engine, view: View, graph: Graph, catalogue: ResourceCatalogue, given: dict[str, Any]) -> tuple[Graph, frozenset[str]]:
    """What is near the focus: a name in the graph, or else a resource, which only the level rule has."""
    import msgspec

    from rbaclens.graph.select import focus, named, nearest, touching
    from rbaclens.model.pattern import Pattern

    word = given["focus"]
    start = named(graph, word)
    if not start:
        if given["level"] is None and given["kind"] != "attack":
            graph = _built(engine, msgspec.structs.replace(view, level="rule"), given["kind"])
        if word.startswith("/"):
            start = touching(graph, Pattern(None, path=word))
        else:
            try:
                resolved = catalogue.resolve(word)
                start = touching(graph, Pattern(None, resolved.resource, resolved.group, resolved.subresource or None, None, None))
            except UsageError:
                start = named(graph, word)
    if not start:
        near = nearest(graph, word)
        hint = "name a subject (sa:shop/web), a role (clusterrole:view) or a resource (secrets)"
        if near:
            hint = f"nearest: {', '.join(near)}"
        elif given["level"] in ("role", "namespace"):
            hint = f"{hint}; only --level rule has resources"
        raise UnknownNameError(f'nothing in this graph is called "{word}"', hint, near)
    return focus(graph, start, given["hops"], word), frozenset(start)


def _pattern(catalogue: ResourceCatalogue, given: dict[str, Any]) -> Pattern | None:
    """What --verb and --resource name, wherever."""
    from rbaclens.authorizers.matching import ALL
    from rbaclens.model.pattern import Pattern
    from rbaclens.requests.resources import Resolved
    from rbaclens.requests.verbs import PATH_VERBS

    verb, text, force = given["verb"], given["resource"], given["force"]
    if verb is None and text is None:
        return None
    is_path = text is not None and text.startswith("/")
    resolved = Resolved("", ALL, ALL) if text is None or is_path else catalogue.resolve(text, force=force)
    if verb is not None and (text is not None or verb not in PATH_VERBS):
        for note in catalogue.check_verb(verb, None if is_path else resolved, force=force):
            click.echo(f"note: {note}", err=True)
    if is_path:
        return Pattern(verb, path=text)
    if text is None:
        return Pattern(verb, None, None, None, None, None)
    return Pattern(verb, resolved.resource, resolved.group, resolved.subresource, None, None)


def _smaller(graph: Graph, keep: frozenset[str], given: dict[str, Any]) -> Graph:
    from rbaclens.graph.fold import limit, merge_equals

    if not given["no_merge"]:
        graph = merge_equals(graph, keep)
    most = given["max_nodes"] or FORMATS[given["form"]].most
    if most:
        graph = limit(graph, most, keep)
    if given["form"] == "mermaid":
        from rbaclens.graph.formats.mermaid import fitting

        graph = fitting(graph)
    return graph


def _write(graph: Graph, given: dict[str, Any]) -> None:
    from rbaclens.graph.formats import render

    form, target = given["form"], given["output"]
    written = render(graph, form)
    if not target:
        click.echo(written, nl=False)
        return
    try:
        if form == "csv":
            from rbaclens.graph.formats.csv import nodes

            Path(target).mkdir(parents=True, exist_ok=True)
            (Path(target) / "edges.csv").write_bytes(written)
            (Path(target) / "nodes.csv").write_bytes(nodes(graph).encode())
        else:
            Path(target).write_bytes(written)
    except OSError as error:
        raise RbaclensError(f"cannot write {target}: {error.strerror}") from error
