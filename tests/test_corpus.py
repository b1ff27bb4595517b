"""Inputs that once broke something, and hostile ones that must never: each gives our own error or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.targets import TARGETS, run

CORPUS = Path(__file__).parent / "corpus"
HOSTILE = {
    "empty": b"",
    "nul": b"\0" * 100,
    "deep flow": b"[" * 100_000,
    "deep braces": b"{a: " * 20_000,
    "deep json": b'{"a":' * 100_000,
    "bomb": b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\n"
    + b"".join(
        b"l%d: &l%d [*%s,*%s]\n" % (n, n, b"d" if n == 0 else b"l%d" % (n - 1), b"d" if n == 0 else b"l%d" % (n - 1)) for n in range(60)
    ),
    "self reference": b"a: &a [*a]",
    "surrogate": b'{"kind": "\\ud800"}',
    "latin-1": "naïve: café".encode("latin-1"),
    "helm": b"kind: {{ .Values.kind }}\n",
    "long line": b"x" * 200_000,
    "huge number": b"kind: " + b"9" * 10_000,
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input(target, name):
    """No input breaks any reader."""
    run(target, HOSTILE[name])


@pytest.mark.parametrize(
    "file", sorted(path for path in CORPUS.rglob("*") if path.is_file()), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_kept_failures(file):
    """What once broke something stays a test for ever; the folder names the target."""
    run(file.parent.name, file.read_bytes())
