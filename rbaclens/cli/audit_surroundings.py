"""What the audit is told beside the policy: identities, anonymous requests, an audit log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rbaclens.errors import PolicyFileError, UsageError

if TYPE_CHECKING:
    from rbaclens.analysis.usage import Usage
    from rbaclens.audit.surroundings import Surroundings
    from rbaclens.index.engine import Engine
    from rbaclens.model.identities import Identities

SHOWN_BAD_LINES = 5


def surroundings_of(engine: Engine, identities: Identities, given: dict[str, Any]) -> Surroundings:
    """What ``--identities``, the API server's authentication options and ``--audit-log`` say. Raises UsageError and LoadError."""
    from rbaclens.audit.surroundings import Surroundings
    from rbaclens.model.anonymous import AnonymousAccess
    from rbaclens.sources.authentication_config import load_anonymous_access

    flag, file = given["anonymous_auth"], given["authentication_config"]
    anonymous = load_anonymous_access(file) if file is not None else None
    if anonymous is not None and flag is not None:
        raise UsageError("--anonymous-auth and the file's anonymous are two answers", "the API server takes one of them alone")
    if anonymous is None and flag is not None:
        anonymous = AnonymousAccess(flag)
    usage = _usage(engine, given["audit_log"], given["quiet"]) if given["audit_log"] is not None else None
    return Surroundings(identities if given["identities_file"] else None, anonymous, usage)


def _usage(engine: Engine, file: str, quiet: bool) -> Usage:
    """What the requests of an audit log needed. Lines that cannot be read are told, and left out."""
    from rbaclens.analysis.usage import Usage
    from rbaclens.sources.audit_log import BadLine, Decided, read_audit_log

    usage, decided, bad = Usage(engine.rbac), Decided(), 0
    for event in read_audit_log(file, sys.stdin.buffer):
        if isinstance(event, BadLine):
            bad += 1
            if not quiet and bad <= SHOWN_BAD_LINES:
                click.echo(f"warning: {file}:{event.line}: {event.message}", err=True)
            continue
        answer = event.answer()
        if answer is not None and answer.allowed and decided.first(event):
            usage.add(event.request(), event.request_received_timestamp)
    if bad and not usage.requests:
        raise PolicyFileError("holds no audit event that could be read", "give the log of an API server's audit", file=file)
    if not quiet:
        click.echo(f"audit log: {usage.requests} allowed requests{f', lines left out: {bad}' if bad else ''}", err=True)
    return usage
