"""``python -m fuzz TARGET [libFuzzer options]``: fuzz one target, or each in turn for a while (``all``, the default).

Seeds are the samples and recordings. An input that breaks something is written as ``crash-*``: move it to
``tests/corpus/TARGET/`` and it stays a test for ever. Needs ``pip install atheris``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from fuzz.targets import TARGETS, run

ROOT = Path(__file__).resolve().parent.parent
SECONDS_EACH = 20
SEEDS = (
    "policies/*.*",
    "docs/custom-rules/*.yaml",
    "tests/data/**/*.*",
    "tests/corpus/**/*",
    "tests/conformance/abac-bob/*.jsonl",
    "tests/conformance/config-102/*.yaml",
)


def fuzz(name: str, options: list[str]) -> None:
    """Fuzz one target until something breaks or the options end it."""
    import atheris

    with atheris.instrument_imports(include=["rbaclens"]):
        run(name, b"")
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(sorted(path for pattern in SEEDS for path in ROOT.glob(pattern) if path.is_file())):
            (Path(corpus) / f"seed-{number}").write_bytes(seed.read_bytes()[:4096])
        atheris.Setup([sys.argv[0], corpus, *options], lambda data: run(name, data))
        atheris.Fuzz()


def main() -> int:
    """Fuzz what the arguments name."""
    name, options = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("all", [])
    if name != "all":
        fuzz(name, options)
        return 0
    broken = []
    for target in TARGETS:
        print(f"== {target}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "fuzz", target, f"-max_total_time={SECONDS_EACH}", "-verbosity=0", *options], check=False
        )
        if done.returncode:
            broken.append(target)
    print("broken: " + ", ".join(broken) if broken else "nothing broke")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
