"""A baseline: the findings that were there when somebody began to look, so that only new ones fail."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rbaclens.audit.finding import Finding
from rbaclens.errors import PolicyFileError

SCHEMA = "rbaclens.audit-baseline/v1"


class Known(msgspec.Struct, frozen=True):
    """A finding of the baseline; a scope that comes to it later is new."""

    fingerprint: str
    rule: str
    principal: str = ""
    scopes: tuple[str, ...] = ()


class Baseline(msgspec.Struct, frozen=True):
    """The findings that are known, by fingerprint."""

    known: dict[str, Known] = {}

    def knows(self, finding: Finding) -> bool:
        """Whether the finding was there already, in all of its scopes."""
        found = self.known.get(finding.fingerprint)
        return found is not None and set(finding.scopes) <= set(found.scopes)


class _File(msgspec.Struct):
    schema: str
    findings: tuple[Known, ...]


def read_baseline(data: bytes, file: str) -> Baseline:
    """The baseline in a file's bytes. Raises ``PolicyFileError``."""
    try:
        found = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PolicyFileError(f"is no baseline: {error}", "write one with --write-baseline", file=file) from None
    if found.schema != SCHEMA:
        raise PolicyFileError(f'has the schema "{found.schema}", not {SCHEMA}', "write it again with --write-baseline", file=file)
    return Baseline({one.fingerprint: one for one in found.findings})


def write_baseline(findings: Iterable[Finding]) -> bytes:
    """A baseline of these findings, one a line, in an order that makes for small differences."""
    known = [Known(one.fingerprint, one.rule, str(one.principal or ""), tuple(sorted(one.scopes))) for one in findings]
    known.sort(key=lambda one: (one.rule, one.principal, one.fingerprint))
    lines = ",\n".join("    " + msgspec.json.encode(one).decode() for one in known)
    return f'{{\n  "schema": "{SCHEMA}",\n  "findings": [\n{lines}\n  ]\n}}\n'.encode()
