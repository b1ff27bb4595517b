"""``rbaclens verify``: the model's answers beside a server's, live or out of its audit log."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import cluster
from rbaclens.cli import options as shared
from rbaclens.errors import ClusterError, UsageError

if TYPE_CHECKING:
    from rbaclens.analysis.replay import Replay
    from rbaclens.cli.cross_check import CrossCheck, Progress
    from rbaclens.index.engine import Engine
    from rbaclens.live.connection import ClusterConnection
    from rbaclens.reports.verify import LogCounts

SHOWN_ERRORS = 20

HELP = """Compare the model with the API server: do both answer the same?

It plans access reviews at the edges of the policy's own rules (just inside, and one step outside), asks the server, and says
where and why it answers differently: an authorizer that rbaclens was not told of, policy that is not the one in force,
policy that changed meanwhile, or a defect. The policy is the cluster's own; with -f it is files, and this is a drift check.

It asks about others where you may create subjectaccessreviews, or else impersonate; otherwise about yourself alone. Where you
may impersonate, the server's own rule lists show it where to look. Nothing is ever written to the cluster.

--audit-log needs no cluster: it replays the decisions that a server recorded (JSON lines, .gz, EventList, CloudWatch).

Exit codes: 0 no difference, 1 differences, 2 lines that cannot be read, 3 too little could be asked, 4 no connection.

\b
Examples:
  rbaclens verify --context prod
  rbaclens verify -f manifests/ --context prod -o json
  rbaclens verify --audit-log audit.log -f policies/
"""


@click.command("verify", help=HELP, short_help="Compare the model with the API server, or with its audit log.")
@click.option("--audit-log", metavar="FILE", help="Replay a recorded audit log (- is stdin) instead of asking a server.")
@click.option("--budget", type=click.IntRange(1), default=300, show_default=True, help="How many reviews to send at most.")
@click.option("--qps", type=click.FloatRange(0), default=20.0, show_default=True, help="Reviews a second; 0: no limit.")
@click.option("--concurrency", type=click.IntRange(1, 64), default=8, show_default=True, help="Reviews under way at once.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed chooses other requests.")
@click.option("--self", "own", is_flag=True, help="Ask only what you yourself may do.")
@shared.policy_options
@shared.authorizer_options
@click.option("-o", "--output", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    authorizers = shared.take_authorizer_options(given)
    if given["audit_log"] is not None:
        if given["context"] or given["kubeconfig"] or given["own"]:
            raise UsageError("--audit-log asks no cluster", "leave out --context, --kubeconfig and --self")
        ctx.exit(_replay(shared.make_engine(shared.load_policy_from(given, authorizers), authorizers), given))
    with cluster.open_connection(given["context"], given["kubeconfig"], quiet=given["quiet"]) as connection:
        ctx.exit(_verify(connection, authorizers, given))


def _verify(connection: ClusterConnection, authorizers: shared.AuthorizerOptions, given: dict[str, Any]) -> int:
    from rbaclens.cli.cross_check import Settings, cross_check
    from rbaclens.live.ask import Asker

    live = not given["files"]
    if live:
        engine, reference = _engine_of_cluster(connection, authorizers, given["quiet"]), _default_policy(authorizers)
    else:
        files = {**given, "context": None, "kubeconfig": None}
        engine, reference = shared.make_engine(shared.load_policy_from(files, authorizers), authorizers), None

    def fresh() -> Engine | None:
        try:
            return _engine_of_cluster(connection, authorizers, quiet=True)
        except ClusterError:
            return None

    asker = Asker(connection, qps=given["qps"], concurrency=given["concurrency"])
    settings = Settings(given["budget"], given["seed"], given["own"], live)
    found = cross_check(engine, asker, connection.server, settings, reference=reference, fresh=fresh, progress=_progress(given["quiet"]))
    _print(found, engine, given["output"])
    return found.exit_code


def _engine_of_cluster(connection: ClusterConnection, authorizers: shared.AuthorizerOptions, quiet: bool) -> Engine:
    """An engine on the cluster's policy as it is now. What runs on nodes is left out: no request is planned about it."""
    from rbaclens.live.collect import to_policy

    policy = to_policy(cluster.collect_from(connection, quiet=quiet, node_graph=False), cluster.source_name(connection))
    if not quiet:
        click.echo(f"policy: {cluster.source_name(connection)}", err=True)
        for gap in policy.gaps:
            click.echo(f"warning: {gap}", err=True)
    return shared.make_engine(policy, authorizers)


def _default_policy(authorizers: shared.AuthorizerOptions) -> Engine:
    """What an API server holds by itself: a cluster's copy should not lack it."""
    from rbaclens import sources

    return shared.make_engine(sources.load([]), authorizers)


def _print(found: CrossCheck, engine: Engine, output: str) -> None:
    from rbaclens.reports.data import render
    from rbaclens.reports.verify import Run, comparison_data, verify_data, verify_text

    locate = engine.policy.locate
    run = Run(found.server, found.caller.user, found.caller.groups, found.way.value, found.lists, found.lists_refused)
    if output == "jsonl":
        for one in found.comparisons:
            click.echo(render(comparison_data(one, locate), "jsonl"))
    elif output == "json":
        click.echo(render(verify_data(run, found.comparisons, locate), "json"))
    else:
        click.echo("\n".join(verify_text(run, found.comparisons)))


def _progress(quiet: bool) -> Progress:
    """A line on a terminal's stderr; it is gone at the end."""
    if quiet or not sys.stderr.isatty():
        return lambda *_: None

    def show(what: str, done: int, total: int) -> None:
        click.echo(f"\r\x1b[K{what}: {done} of {total}" if done < total else "\r\x1b[K", err=True, nl=False)

    return show


def _replay(engine: Engine, given: dict[str, Any]) -> int:
    from rbaclens.analysis.replay import Replay
    from rbaclens.reports.data import render
    from rbaclens.reports.verify import replay_data, replay_text

    # A log may be endless, and what is left behind has to be collected.
    gc.enable()
    replay = Replay(engine)
    name = given["audit_log"]
    counts = _read_log(replay, name, given["quiet"])
    log = "stdin" if name == "-" else name
    if given["output"] == "text":
        click.echo("\n".join(replay_text(replay, counts, log)))
    else:
        click.echo(render(replay_data(replay, counts, log, engine.policy.locate), given["output"]))
    if counts.bad_lines or replay.disagreed:
        return 2 if counts.bad_lines else 1
    return 0 if replay.agreed > replay.unknown else 3


def _read_log(replay: Replay, name: str, quiet: bool) -> LogCounts:
    from rbaclens.reports.verify import LogCounts
    from rbaclens.sources.audit_log import BadLine, Decided, read_audit_log

    counts, decided, show = LogCounts(), Decided(), _progress(quiet)
    add, first = replay.add, decided.first
    for number, event in enumerate(read_audit_log(name, sys.stdin.buffer), 1):
        if isinstance(event, BadLine):
            counts.bad_lines += 1
            if counts.bad_lines <= SHOWN_ERRORS:
                click.echo(f"error: {'stdin' if name == '-' else name}:{event.line}: {event.message}", err=True)
            continue
        counts.events += 1
        answer = event.answer()
        if answer is None:
            counts.without_decision += 1
        elif first(event):
            add(event.request(), answer, event.request_received_timestamp, event.audit_id)
        else:
            counts.repeated += 1
        if number % 50_000 == 0:
            show("events", number, number + 1)
    show("events", 1, 1)
    if counts.bad_lines > SHOWN_ERRORS:
        click.echo(f"error: and {counts.bad_lines - SHOWN_ERRORS} more lines that cannot be read", err=True)
    return counts
