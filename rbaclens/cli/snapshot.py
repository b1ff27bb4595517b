"""``rbaclens snapshot``: a cluster's policy in one file."""

from __future__ import annotations

import datetime
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rbaclens.cli import cluster as shared
from rbaclens.errors import UsageError

if TYPE_CHECKING:
    from rbaclens.live.collect import Collected
    from rbaclens.live.connection import ClusterConnection

HELP = """Write everything that the analysis needs of a cluster into one compressed file, which every command reads with -f.

Roles, bindings, service accounts, namespaces, nodes, what nodes may reach (pods, volumes), API resources, the server's version,
and what could not be read. Never among it: what Secrets and ConfigMaps hold, values of environment variables, managed fields.
OUT is a file such as prod.rbac.json.gz; - is stdout. Exit code 3 when some policy could not be read: answers from the snapshot
are unknown where answers from the cluster are.

\b
Examples:
  rbaclens snapshot prod.rbac.json.gz --context prod
  rbaclens snapshot - -n shop -n web > mine.rbac.json.gz
  rbaclens check bob get pods -n shop -f prod.rbac.json.gz
"""


@click.command("snapshot", help=HELP, short_help="Write a cluster's policy into one file.")
@click.argument("out", type=click.Path(dir_okay=False, allow_dash=True))
@shared.cluster_options
@click.option(
    "-n", "--namespace", "namespaces", multiple=True, metavar="NAMESPACE", help="Look here where not all may be read. Repeatable."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """The command; see HELP."""
    out, quiet = given["out"], given["quiet"]
    if out == "-" and sys.stdout.isatty():
        raise UsageError("a snapshot is compressed: no sight for a terminal", "name a file, or send stdout into one")
    if out != "-" and not Path(out).parent.is_dir():
        raise UsageError(f"{out}: there is no such folder")
    with shared.open_connection(given["context"], given["kubeconfig"], quiet=quiet) as connection:
        found = shared.collect_from(connection, namespaces=given["namespaces"], quiet=quiet)
        data = _snapshot(connection, found)
    if out == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        _write(Path(out), data)
    if not quiet:
        for text in (*found.gaps, *found.notices):
            click.echo(f"warning: {text}", err=True)
        number = sum(len(objects) for objects in found.objects.values())
        click.echo(f"{'stdout' if out == '-' else out}: {number} objects of {connection.context}, {len(data)} bytes", err=True)
    ctx.exit(3 if found.gaps else 0)


def _snapshot(connection: ClusterConnection, found: Collected) -> bytes:
    from rbaclens.sources.snapshot import Head, write_snapshot

    head = Head(
        time=datetime.datetime.now(tz=datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        context=connection.context,
        server=connection.server,
        server_version=found.server_version,
        refused=tuple(found.gaps),
        notices=tuple(found.notices),
        discovery=found.resources,
    )
    return write_snapshot(head, found.objects)


def _write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {(error.strerror or str(error)).lower()}") from None
