"""Percent-escapes and query strings as Go's URL package reads them (RI-03, RI-30)."""

from __future__ import annotations

import re

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_NOT_UTF8 = dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd")
_PATH_BYTES = re.compile(rb"[-A-Za-z0-9_.~$&+,/:;=@!'()*\[\]%]*")
_ESCAPED_IN_PATH = re.compile(rb"[^-A-Za-z0-9_.~$&+,/:;=@]")


def bad_escape(text: bytes) -> bytes | None:
    """The first ``%`` (and what stands in its place of two digits) that is no percent-escape."""
    found = _BAD_ESCAPE.search(text)
    return found[0] if found else None


def unescape(text: bytes) -> bytes:
    """``text`` with its percent-escapes decoded; there must be no bad one."""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), text)


def as_text(raw: bytes) -> str:
    """Decoded bytes as text. A byte that is not UTF-8 becomes U+FFFD, as in the server's own JSON: no policy could hold it."""
    return raw.decode("utf-8", "surrogateescape").translate(_NOT_UTF8)


def path_as_printed(raw: bytes) -> bytes:
    """An escaped path as Go prints it back: as sent when every byte may stand there, else escaped anew."""
    if _PATH_BYTES.fullmatch(raw):
        return raw
    return _ESCAPED_IN_PATH.sub(lambda found: b"%%%02X" % found[0][0], unescape(raw))


def first_values(query: bytes) -> dict[str, str]:
    """The first value of every parameter; a pair with a bad escape or a semicolon is dropped silently (RI-23, RI-30)."""
    values: dict[str, str] = {}
    for pair in query.split(b"&"):
        if pair and b";" not in pair and bad_escape(pair) is None:
            key, _, value = pair.replace(b"+", b" ").partition(b"=")
            values.setdefault(as_text(unescape(key)), as_text(unescape(value)))
    return values
