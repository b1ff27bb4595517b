"""``rbaclens check SUBJECT -- kubectl …``: would this command work?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rbaclens.errors import UsageError

if TYPE_CHECKING:
    from rbaclens.index.engine import Engine
    from rbaclens.requests.subjects import Identity


def check_kubectl(engine: Engine, identity: Identity, given: dict[str, Any]) -> int:
    """Answer for a whole kubectl command; the exit code is the command's answer."""
    if any(given[option] for option in ("namespace", "all_namespaces", "subresource", "explain", "why", "suggest", "verify")):
        raise UsageError("a kubectl command says itself what it asks for", "give its options behind kubectl, and none of check's own")
    from rbaclens.analysis.commands import judge, overall
    from rbaclens.analysis.impersonation import Target
    from rbaclens.model.request import Request
    from rbaclens.reports.commands import command_data, command_text, exit_code
    from rbaclens.reports.data import render
    from rbaclens.requests.kubectl import requests_of_kubectl
    from rbaclens.requests.resources import ResourceCatalogue

    words = given["words"]
    plan = requests_of_kubectl(words[1:], ResourceCatalogue(engine.policy), _read)
    target = Target(plan.as_user, plan.as_groups, plan.as_uid) if plan.as_user else None
    judged = judge(engine, plan.requests, Request("", user=identity.user, groups=identity.groups, uid=given["uid"]), target)
    command = " ".join(words)
    if given["output"] == "name":
        click.echo(overall(judged).value)
    elif given["output"] == "text":
        who = f"{identity.user or '(no user name)'}, groups: {', '.join(identity.groups) or '(none)'}"
        click.echo("\n".join(command_text(command, who, judged, plan.notes)))
    else:
        click.echo(render(command_data(command, judged, plan.notes, engine.policy.locate), given["output"]))
    return exit_code(judged)


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}", "the file that kubectl is to read must be there") from error
