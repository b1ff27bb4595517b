"""Durations as Go reads and writes them: ``2s``, ``1m30s``, ``500ms``."""

from __future__ import annotations

import re

from rbaclens.model.decision import quote

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_TERM = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]*)")
_LIMIT = 2**63


def parse_duration(text: str) -> int:
    """The nanoseconds of ``text``, which is a signed sequence of decimal numbers with units.

    Raises ``ValueError`` with the words of Go's ``time.ParseDuration``.
    """
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    if not rest:
        raise ValueError(f"time: invalid duration {quote(text)}")
    total = 0
    while rest:
        term = _TERM.match(rest)
        whole, fraction, unit = (term[1], term[2] or "", term[3]) if term else ("", "", "")
        if not whole and not fraction:
            raise ValueError(f"time: invalid duration {quote(text)}")
        if not unit:
            raise ValueError(f"time: missing unit in duration {quote(text)}")
        if unit not in _UNITS:
            raise ValueError(f"time: unknown unit {quote(unit)} in duration {quote(text)}")
        total += int(whole or "0") * _UNITS[unit]
        if fraction:
            total += int(fraction) * _UNITS[unit] // 10 ** len(fraction)
        if total >= _LIMIT:
            raise ValueError(f"time: invalid duration {quote(text)}")
        rest = rest[term.end() :] if term else ""
    return -total if text.startswith("-") else total


def format_duration(nanoseconds: int) -> str:
    """``nanoseconds`` as Go prints a duration: ``1m30s``, ``500ms``, ``0s``."""
    sign = "-" if nanoseconds < 0 else ""
    value = abs(nanoseconds)
    if value == 0:
        return "0s"
    if value < 10**9:
        unit = "ns" if value < 10**3 else "µs" if value < 10**6 else "ms"
        return f"{sign}{_decimal(value, _UNITS[unit])}{unit}"
    minutes, rest = divmod(value, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{text}{_decimal(rest, 10**9)}s"


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    if not rest:
        return str(whole)
    return f"{whole}." + str(rest).rjust(len(str(unit)) - 1, "0").rstrip("0")
