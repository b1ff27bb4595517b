"""``rbaclens attributes``: what the API server makes of an HTTP request."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rbaclens.errors import RequestError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

HELP = """What the API server makes of an HTTP request: the attributes that its authorizers see.

The request is one argument ('GET /api/v1/pods?watch=true') or two. With --requests, FILE (- is stdin) holds a
{"method": ..., "path": ...} object a line, and a line of attributes is written for each.

\b
Examples:
  rbaclens attributes 'DELETE /apis/apps/v1/namespaces/shop/deployments'
  rbaclens attributes GET '/api/v1/namespaces/shop/pods/web-0/log?follow=true'
"""


@click.command("attributes", help=HELP, short_help="What the API server makes of an HTTP request.")
@click.argument("request", nargs=-1, metavar="['METHOD URL']")
@click.option("--requests", "requests_file", metavar="FILE", help="Lines of method and path to map, in bulk.")
@click.option("-o", "--output", type=click.Choice(["yaml", "json", "jsonl"]), default=None, help="Default: yaml; jsonl with --requests.")
@click.pass_context
def command(ctx: click.Context, /, request: tuple[str, ...], requests_file: str | None, output: str | None) -> None:
    """The command; see HELP."""
    if requests_file is not None:
        if request or output not in {None, "jsonl"}:
            raise UsageError("--requests reads every request from FILE and writes jsonl", "leave out the request and other formats")
        ctx.exit(_bulk(requests_file))
    if not request:
        raise UsageError("say which request", "for example: rbaclens attributes 'GET /api/v1/pods'")
    from rbaclens.reports.data import render
    from rbaclens.requests.attributes import attributes_object
    from rbaclens.requests.http import attributes_from_http, parse_http_line

    try:
        data = attributes_object(attributes_from_http(*parse_http_line(" ".join(request))))
    except RequestError as error:
        click.echo(render(attributes_object(error), output or "yaml"))
        raise
    click.echo(render(data, output or "yaml"))


def _bulk(file: str) -> int:
    from rbaclens.requests.attributes import attributes_line

    bad = 0
    out = sys.stdout.buffer
    for number, line in _lines(file):
        try:
            out.write(attributes_line(line) + b"\n")
        except RequestError as error:
            bad += 1
            out.write(b"%b\n" % _error_line(error))
            click.echo(f"error: {file}:{number}: {error}", err=True)
    return 2 if bad else 0


def _lines(file: str) -> Iterator[tuple[int, bytes]]:
    from rbaclens.cli.bulk import read_input

    for number, line in enumerate(read_input(file).splitlines(), 1):
        if line.strip():
            yield number, line


def _error_line(error: RequestError) -> bytes:
    import msgspec

    return msgspec.json.encode({"error": str(error)})
