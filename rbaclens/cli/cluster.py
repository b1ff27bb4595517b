"""Policy from a live cluster, and the connection to it."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rbaclens import __version__
from rbaclens.cli.options import cluster_options

if TYPE_CHECKING:
    from rbaclens.live.collect import Collected
    from rbaclens.live.connection import ClusterConnection
    from rbaclens.model.policy import PolicySet

__all__ = ["cluster_options", "collect_from", "has_cluster", "load_from_cluster", "open_connection", "source_name"]

_DEFAULT = "~/.kube/config"
_EVERY = 0.1


def has_cluster() -> bool:
    """Whether there is a kubeconfig, or a pod's service account: whether a cluster is worth a try when nothing was said."""
    paths = _kubeconfig(None).split(os.pathsep)
    in_cluster = "KUBERNETES_SERVICE_HOST" in os.environ
    return in_cluster or any(Path(path).expanduser().is_file() for path in paths if path)


def open_connection(context: str | None, kubeconfig: str | None, *, quiet: bool = False) -> ClusterConnection:
    """A connection to the cluster that the options name. Raises ``ClusterError``."""
    from rbaclens.live.connection import connect

    connection = connect(_kubeconfig(kubeconfig), context, in_cluster=kubeconfig is None, agent=f"rbaclens/{__version__}")
    if not quiet:
        for warning in connection.warnings:
            click.echo(f"warning: {warning}", err=True)
    return connection


def load_from_cluster(
    context: str | None, kubeconfig: str | None, *, namespaces: Sequence[str] = (), quiet: bool = False, node_graph: bool = True
) -> tuple[PolicySet, str]:
    """The policy of a live cluster and what to call it; without ``node_graph`` answers about nodes are not to be asked of it.

    ``namespaces`` are looked into where not all may be read. Raises ``ClusterError``.
    """
    from rbaclens.live.collect import to_policy

    with open_connection(context, kubeconfig, quiet=quiet) as connection:
        found = collect_from(connection, namespaces=namespaces, quiet=quiet, node_graph=node_graph)
        return to_policy(found, source_name(connection)), source_name(connection)


def collect_from(
    connection: ClusterConnection, *, namespaces: Sequence[str] = (), quiet: bool = False, node_graph: bool = True
) -> Collected:
    """Everything of the connection's cluster that may be read, with progress on a terminal."""
    from rbaclens.live.collect import collect

    with _progress(connection.context, quiet) as progress:
        return collect(
            connection,
            namespaces=namespaces,
            own_namespace=connection.namespace,
            node_graph=node_graph,
            progress=progress,
            name=source_name(connection),
        )


def source_name(connection: ClusterConnection) -> str:
    """How messages name a cluster as the source of policy."""
    return f"cluster:{connection.context}"


def _kubeconfig(given: str | None) -> str:
    return given or os.environ.get("KUBECONFIG") or _DEFAULT


@contextmanager
def _progress(context: str, quiet: bool) -> Iterator[Callable[[str, int], None]]:
    """A line on a terminal's stderr that says how many objects have come, and is gone at the end."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    lock, count, shown = threading.Lock(), 0, 0.0

    def progress(resource: str, number: int) -> None:
        nonlocal count, shown
        with lock:
            count += number
            now = time.monotonic()
            if now - shown >= _EVERY:
                shown = now
                click.echo(f"\r\x1b[Kreading {context}: {count} objects ({resource})", err=True, nl=False, color=True)

    try:
        yield progress
    finally:
        click.echo("\r\x1b[K", err=True, nl=False, color=True)
