"""``rbaclens explore``: a page to look at all of it."""

from __future__ import annotations

import contextlib
import datetime
import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import options as shared
from rbaclens.errors import UsageError

if TYPE_CHECKING:
    from rbaclens.explorer.data import Shown
    from rbaclens.index.engine import Engine

DEFAULT_OUTPUT = "explorer.html"

HELP = """A page to look at all of it: search a subject, role or resource, and see who can, what they can, and why.

Writes one self-contained HTML file, which asks nothing of the network and may be sent to whoever is allowed to see the policy;
--serve shows the same page on 127.0.0.1 instead, until Ctrl-C. Answers in the page are the engine's own; what a webhook or the
node authorizer would say is unknown there, never no. Findings are those of rbaclens audit, with its settings and waivers.

\b
Examples:
  rbaclens explore
  rbaclens explore -f policies/ -o /tmp/policies.html
  rbaclens explore --context prod --serve --port 8080
"""


@click.command("explore", help=HELP, short_help="A page to look at all of it, in a browser.")
@click.option("-o", "--output", metavar="FILE", help=f"The file to write (default: {DEFAULT_OUTPUT}); - is stdout.")
@click.option("--serve", is_flag=True, help="Show the page on 127.0.0.1 instead of writing it.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to serve on (default: any that is free).")
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option("--no-audit", is_flag=True, help="Leave out the findings.")
@click.option("--config", "config_file", metavar="FILE", help="The audit's settings: TOML or YAML, instead of those that are found.")
@shared.identities_option
@shared.policy_options
@shared.authorizer_options
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    if given["serve"] and given["output"]:
        raise UsageError("--serve shows the page, -o writes it", "give one of them")
    if given["port"] and not given["serve"]:
        raise UsageError("--port is for --serve", "add --serve, or leave it out")
    output = given["output"] or DEFAULT_OUTPUT
    if output != "-" and not given["serve"] and not Path(output).absolute().parent.is_dir():
        raise UsageError(f"{output}: there is no such folder")
    authorizers = shared.take_authorizer_options(given)
    engine = shared.make_engine(shared.load_policy_from(given, authorizers), authorizers)
    shown = _shown(engine, given, authorizers.policy_file)
    page = _page(engine, shown)
    if given["serve"]:
        _serve(page, given)
    else:
        _write(page, output, given)
    ctx.exit(3 if engine.policy.gaps else 0)


def _shown(engine: Engine, given: dict[str, Any], abac_file: str | None) -> Shown:
    from rbaclens import __version__
    from rbaclens.explorer.data import Shown
    from rbaclens.explorer.paths import attack_paths
    from rbaclens.requests.resources import ResourceCatalogue
    from rbaclens.sources import Objects, assemble

    bootstrap = assemble(Objects())
    identities = shared.load_identities(given).groups_by_user
    verdict = None
    version = (1, 36)
    if given["no_audit"]:
        from rbaclens.analysis.shipped import Shipped
        from rbaclens.graph.attack.build import AttackBuilder
        from rbaclens.graph.attack.paths import PathFinder

        finder = PathFinder(AttackBuilder(engine, Shipped(bootstrap), version, identities))
    else:
        from rbaclens.audit.judging import judge
        from rbaclens.audit.run import audit
        from rbaclens.audit.settings import parse_version
        from rbaclens.cli.audit import DEFAULT_TIER
        from rbaclens.cli.audit_settings import load_settings

        settings, catalogue = load_settings(given["config_file"], given["files"])
        off = {rule for rule, own in settings.rules.items() if not own.enabled}
        rules = tuple(rule for rule in catalogue if rule.tier <= DEFAULT_TIER and rule.id not in off)
        version = parse_version(settings.kube_version or "1.36") or version
        found = audit(engine, bootstrap, rules, version=version, identities=identities)
        finder = found.context.paths
        verdict = judge(found, settings, engine.policy, datetime.datetime.now(tz=datetime.UTC).date(), known=catalogue.ids)
    return Shown(
        title=_title(given, abac_file),
        program=__version__,
        bootstrap=bootstrap,
        resources=ResourceCatalogue(engine.policy).resources,
        verdict=verdict,
        paths=attack_paths(finder, engine.policy.locate),
        identities=identities,
    )


def _title(given: dict[str, Any], abac_file: str | None) -> str:
    """What to call the policy: its files, or the cluster's context."""
    if given["context"]:
        return str(given["context"])
    paths, which = (None, "") if given["kubeconfig"] else shared.local_paths(given["files"], abac_file)
    return which if paths is not None else "the current cluster"


def _page(engine: Engine, shown: Shown) -> bytes:
    from rbaclens.explorer.data import explorer_data
    from rbaclens.explorer.page import page_text

    return page_text(explorer_data(engine, shown)).encode("utf-8")


def _write(page: bytes, output: str, given: dict[str, Any]) -> None:
    if output == "-":
        sys.stdout.buffer.write(page)
        sys.stdout.buffer.flush()
        return
    try:
        Path(output).write_bytes(page)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {os.strerror(error.errno or 0)}") from None
    if not given["quiet"]:
        click.echo(f"{output}: {len(page) / 1024:,.0f} KiB; open it in a browser", err=True)
    if not given["no_open"] and sys.stdout.isatty():
        webbrowser.open(Path(output).absolute().as_uri())


def _serve(page: bytes, given: dict[str, Any]) -> None:
    from rbaclens.explorer.serve import PageServer

    try:
        server = PageServer(page, given["port"] or 0)
    except OSError as error:
        raise UsageError(
            f"port {given['port']} cannot be used: {os.strerror(error.errno or 0)}", "leave --port out for a free one"
        ) from None
    with server, contextlib.suppress(KeyboardInterrupt):
        click.echo(f"serving {server.url} (Ctrl-C ends it)", err=True)
        if not given["no_open"] and sys.stdout.isatty():
            webbrowser.open(server.url)
        server.serve_forever()
