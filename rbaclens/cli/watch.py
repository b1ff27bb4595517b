"""``rbaclens watch``: who gains or loses what in a cluster, as it happens."""

from __future__ import annotations

import contextlib
import gc
import signal
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from rbaclens.cli import cluster as shared
from rbaclens.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rbaclens.analysis.effective_changes import EffectiveChange
    from rbaclens.index.incremental import LivePolicy
    from rbaclens.live.watch import Changes, ClusterWatch, Happening
    from rbaclens.model.pattern import Pattern

DIRECTIONS = ("gained", "lost", "any")
ANY = "any"

HELP = """Follow a cluster's RBAC objects and say, as it happens, who gained or lost what, by which binding, applied by whom.

A change that makes no difference, because other grants cover it, is not told. It goes on until SIGINT or SIGTERM (exit 0),
for --for SECONDS (exit 0), or until something matches --fail-on (exit 1): gained, lost or any, then if wanted a verb and a
resource, each of which may be the word any. When the cluster cannot be reached later on, it is tried again until it can.

--exec runs a command for each change, one after another and without a shell, with the change as JSON on its standard input.

\b
Examples:
  rbaclens watch --for 60 -o jsonl
  rbaclens watch -n shop --fail-on 'gained get secrets'
  rbaclens watch --fail-on 'gained create pods/exec' --exec './page-oncall --team platform'
"""


class Trigger(NamedTuple):
    """What --fail-on waits for. No patterns: any rule."""

    direction: str
    patterns: tuple[Pattern, ...] = ()

    def matches(self, change: EffectiveChange) -> bool:
        """Whether ``change`` is what is waited for, or holds it."""
        from rbaclens.authorizers.matching import rule_touches

        if self.direction not in (ANY, "gained" if change.gained else "lost"):
            return False
        return not self.patterns or any(rule_touches(change.rule, pattern) for pattern in self.patterns)


@click.command("watch", help=HELP, short_help="Who gains or loses what, as it happens.")
@shared.cluster_options
@click.option("-n", "--namespace", metavar="NAMESPACE", help="Only this namespace, and what holds everywhere.")
@click.option("--exec", "command_line", metavar="CMD", help="A command to run for each change, the JSON on its stdin.")
@click.option("--fail-on", metavar="EXPR", help="End with exit 1 at the first such change: gained|lost|any [VERB [RESOURCE]].")
@click.option("--for", "seconds", type=click.FloatRange(min=0), metavar="SECONDS", help="End with exit 0 after so long.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.option("-o", "--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    trigger = parse_trigger(given["fail_on"]) if given["fail_on"] is not None else None
    arguments = _arguments(given["command_line"]) if given["command_line"] is not None else None
    # Nothing short-lived here: what is left behind has to be collected.
    gc.enable()
    try:
        with _ended_by_sigterm():
            code = _follow(given, trigger, arguments)
    except KeyboardInterrupt:
        code = 0
    ctx.exit(code)


def parse_trigger(text: str) -> Trigger:
    """The meaning of a ``--fail-on`` expression; raises UsageError."""
    from rbaclens.model.pattern import Pattern
    from rbaclens.model.policy import PolicySet
    from rbaclens.requests.resources import Resolved, ResourceCatalogue
    from rbaclens.requests.verbs import PATH_VERBS

    words = text.split()
    if not 1 <= len(words) <= 3 or words[0] not in DIRECTIONS:
        raise UsageError(
            f'--fail-on does not understand "{text}"', "write gained, lost or any, then a verb and a resource: 'gained get secrets'"
        )
    direction, verb, target = (*words, ANY, ANY)[:3]
    wanted = None if verb == ANY else verb
    if target == ANY:
        if wanted and wanted not in PATH_VERBS:
            ResourceCatalogue(PolicySet()).check_verb(wanted, Resolved("", "*", "*"))
        open_places = Pattern(wanted, None, None, None, None, None), Pattern(wanted, any_path=True)
        return Trigger(direction, open_places if wanted else ())
    if target.startswith("/"):
        return Trigger(direction, (Pattern(wanted, path=target),))
    # A name with its group is taken as written: what is not built in cannot be known before the cluster was asked.
    catalogue, force = ResourceCatalogue(PolicySet()), "." in target
    found = catalogue.resolve(target, force=force)
    if wanted:
        catalogue.check_verb(wanted, found, force=force)
    return Trigger(direction, (Pattern(wanted, found.resource, found.group, found.subresource, None, None),))


def _arguments(command_line: str) -> list[str]:
    """The words of a command; no shell ever sees them."""
    import shlex
    import shutil

    try:
        words = shlex.split(command_line)
    except ValueError as error:
        raise UsageError(f"--exec: {str(error).lower()}", "quote the command as for a shell") from None
    if not words or shutil.which(words[0]) is None:
        raise UsageError(f'--exec: there is no command "{words[0] if words else ""}"', "it is run without a shell: name a program")
    return words


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends what stands below as SIGINT does: by a KeyboardInterrupt."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _follow(given: dict[str, Any], trigger: Trigger | None, arguments: list[str] | None) -> int:
    from rbaclens.index.incremental import LivePolicy
    from rbaclens.live.retry import Retrying
    from rbaclens.live.watch import ClusterWatch

    deadline = None if given["seconds"] is None else time.monotonic() + given["seconds"]
    connection = shared.open_connection(given["context"], given["kubeconfig"], quiet=given["quiet"])
    watch = ClusterWatch(Retrying(connection), given["namespace"] or "")
    try:
        policy = watch.start()
        live = LivePolicy(policy)
        _say(f"watching {connection.server}: {len(policy.roles)} roles, {len(policy.bindings)} bindings", given)
        for text in (*policy.gaps, *(notice.message for notice in policy.notices)):
            _say(f"warning: {text}", given)
        for happening in _happenings(watch, deadline):
            if not isinstance(happening, tuple):
                _say(f"warning: {happening.text}", given)
            elif _tell(live, happening, given, trigger, arguments):
                return 1
        return 0
    finally:
        watch.stop()


def _happenings(watch: ClusterWatch, deadline: float | None) -> Iterator[Happening]:
    while deadline is None or deadline > time.monotonic():
        happening = watch.next(None if deadline is None else max(0.0, deadline - time.monotonic()))
        if happening is not None:
            yield happening


def _tell(live: LivePolicy, changes: Changes, given: dict[str, Any], trigger: Trigger | None, arguments: list[str] | None) -> bool:
    """Report what ``changes`` mean; whether something that ``trigger`` waits for is among it."""
    from datetime import UTC, datetime

    from rbaclens.analysis.effective_changes import effective_changes
    from rbaclens.reports.changes import change_data, change_text
    from rbaclens.reports.data import render

    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for change in effective_changes(live, changes):
        line = render(change_data(change, now), "jsonl") if given["output"] == "jsonl" or arguments else ""
        click.echo(line if given["output"] == "jsonl" else f"{now} {change_text(change)}")
        if arguments:
            _run(arguments, line, given)
        if trigger is not None and trigger.matches(change):
            return True
    return False


def _run(arguments: list[str], line: str, given: dict[str, Any]) -> None:
    """Run the command with the change on its standard input; what it prints goes to stderr, as it is no report of ours."""
    import subprocess

    try:
        done = subprocess.run(arguments, input=line.encode() + b"\n", stdout=2, check=False)  # noqa: S603 - that is what --exec is for
    except OSError as error:
        _say(f"warning: {arguments[0]} cannot be run: {error.strerror}", given)
        return
    if done.returncode:
        _say(f"warning: {arguments[0]} ended with {done.returncode}", given)


def _say(text: str, given: dict[str, Any]) -> None:
    if not given["quiet"]:
        click.echo(text, err=True)
