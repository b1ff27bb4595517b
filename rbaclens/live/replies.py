"""What an answer means when it is not the one that was hoped for: one line that says what, one that says what to do."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from rbaclens.errors import ClusterError
from rbaclens.live.interface import Reply

_SECRETS = re.compile(r"(?i)(bearer|basic)\s+[\w.~+/=-]{8,}|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")
_LONGEST = 300
LOG_IN_AGAIN = "log in again (kubectl get namespaces must work), or choose another context with --context"


class RefusedError(ClusterError):
    """The server answered, but not with what was asked for; ``reply`` is its answer."""

    def __init__(self, message: str, help: str, reply: Reply) -> None:
        super().__init__(message, help)
        self.reply = reply


class BrokenConnectionError(ClusterError):
    """The connection ended before the answer was whole: the same request may do better at another time."""


class UnreachableError(BrokenConnectionError):
    """Nobody is there, or answers in time: asking again at once would only make the wait longer."""


class Status(msgspec.Struct):
    """The part of a Kubernetes ``Status`` that says what went wrong; ``continue_`` goes with an expired list (410)."""

    message: str = ""
    reason: str = ""
    code: int = 0
    metadata: StatusMetadata | None = None


class StatusMetadata(msgspec.Struct, rename={"continue_": "continue"}):
    """Of a ``Status``: where an expired list can go on."""

    continue_: str = ""


_decode_status = msgspec.json.Decoder(Status).decode


def redact(text: str) -> str:
    """``text`` on one line, not too long, without anything that looks like a token."""
    line = " ".join(_SECRETS.sub("[hidden]", text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."


def read_status(reply: Reply) -> Status:
    """The ``Status`` that ``reply`` carries; an empty one when it carries none."""
    try:
        return _decode_status(reply.body)
    except (msgspec.DecodeError, RecursionError):
        return Status()


def is_page(reply: Reply) -> bool:
    """Whether the answer is a web page: it came from something that is no API server."""
    return "html" in reply.headers.get("content-type", "").lower() or reply.body.lstrip()[:9].lower() in (b"<!doctype", b"<html>")


def refusal(reply: Reply, server: str, what: str) -> RefusedError:
    """The error for an answer that does not fit; ``what`` was asked for, such as "listing roles"."""
    status = reply.status
    if is_page(reply):
        return RefusedError(
            f"{server} answered with a web page (HTTP {status}): something in between is not the API server",
            "look at the proxy (HTTPS_PROXY, NO_PROXY, proxy-url in the kubeconfig) and at the server's address",
            reply,
        )
    if 300 <= status < 400:
        return RefusedError(
            f"{server} answered with a redirect (HTTP {status}): something in between is not the API server",
            "look at the server's address in the kubeconfig; a login page or a proxy may stand before it",
            reply,
        )
    said = redact(read_status(reply).message)
    if status == 401:
        return RefusedError(f"{server} does not accept the credentials (HTTP 401): they are missing or expired", LOG_IN_AGAIN, reply)
    words = f"{what}: {server} answered HTTP {status}" + (f": {said}" if said else "")
    if status == 403:
        return RefusedError(words, "docs/live.md lists the smallest ClusterRole for each command", reply)
    if status == 429 or status >= 500:
        return RefusedError(words, "the server is in trouble or busy: try again later", reply)
    return RefusedError(words, "is this the address of a Kubernetes API server?", reply)


def decode_reply(reply: Reply, server: str, what: str, decode: Any) -> Any:
    """What ``decode`` makes of the body of a successful reply. Raises ``RefusedError`` for any other one."""
    if not 200 <= reply.status < 300 or is_page(reply):
        raise refusal(reply, server, what)
    try:
        return decode(reply.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedError(
            f"{what}: {server} answered with something else than expected: {redact(str(error))}",
            "is this the address of a Kubernetes API server?",
            reply,
        ) from None
