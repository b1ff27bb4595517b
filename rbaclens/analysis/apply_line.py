"""Bulk answers to "may this user apply this object?": one JSON line in, one out."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rbaclens.analysis.escalation import EscalationChecker
from rbaclens.errors import RequestError
from rbaclens.model.identity import ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED, parse_service_account
from rbaclens.model.validation import Submission


def authenticated_groups(user: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    """``groups`` as they reach the server's handlers (ATTR-15, ESC-43): with the one group that authentication or impersonation
    always adds, and with a service account's own two where none are given. Nothing else is implied."""
    account = parse_service_account(user)
    if account and not groups:
        groups = (SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{account[0]}")
    if user == ANONYMOUS:
        return groups if UNAUTHENTICATED in groups else (*groups, UNAUTHENTICATED)
    return groups if AUTHENTICATED in groups or UNAUTHENTICATED in groups else (*groups, AUTHENTICATED)


class _Line(msgspec.Struct):
    user: str
    object: msgspec.Raw
    groups: tuple[str, ...] | None = None


_LINES = msgspec.json.Decoder(_Line)


def apply_line(raw: bytes, checker: EscalationChecker, decode: Callable[[bytes], Submission]) -> bytes:
    """Answer one line ``{"user", "groups", "object"}`` with ``{"code", "message", "causes"}``.

    The object is created, with the groups given and the one that the server itself adds. ``unknown`` is there when the answer
    is a refusal that is not certain, and says why. ``decode`` turns the object's JSON into a submission. Raises
    :class:`RequestError` for a line that no request can be made of.
    """
    try:
        line = _LINES.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"not a line with user, groups and object: {error}") from error
    verdict = checker.check_submission(line.user, authenticated_groups(line.user, line.groups or ()), decode(bytes(line.object)))
    answer: dict[str, object] = {"code": verdict.code, "message": verdict.message, "causes": verdict.causes}
    if verdict.doubts:
        answer["unknown"] = verdict.doubts
    return msgspec.json.encode(answer)
