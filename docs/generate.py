"""Writes again what README.md and docs/*.md show of the program, by running it; ``--check`` only compares.

Every ``console`` block is a list of commands (lines that begin with ``$ ``) and what each printed. The commands are run
in the project's root, in order, and their output replaces what stands there. In a ``console cluster`` block they have the
kubeconfig of a cluster (``docs/cluster.py``).
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

import generate_graph
import generate_rules
import generate_techniques

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(```console( cluster)?\n)(.*?)(```)", re.DOTALL)


def run(command: str, kubeconfig: str = os.devnull) -> str:
    """What a person sees who types ``command``: output and errors, no colours, 100 columns."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        "PATH": path,
        "HOME": os.environ.get("HOME", "/"),
        "PYTHONPATH": str(ROOT),  # this tree, whatever else is installed
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        "KUBECONFIG": kubeconfig,
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())


def renew(block: re.Match[str]) -> str:
    """The block with the output of today."""
    commands: list[str] = []
    for line in block[3].splitlines():
        if line.startswith("$ "):
            commands.append(line[2:])
        elif commands and commands[-1].endswith("\\"):
            commands[-1] += "\n" + line
    if not block[2]:
        return block[1] + "".join(f"$ {command}\n{run(command)}" for command in commands) + block[4]
    from cluster import cluster

    with cluster() as (kubeconfig, url):
        outputs = [f"$ {command}\n{run(command, kubeconfig).replace(url, 'https://prod.example:6443')}" for command in commands]
    return block[1] + "".join(outputs) + block[4]


def main() -> int:
    """Renew or compare every page."""
    check = "--check" in sys.argv[1:]
    stale = generate_rules.renew(check) + generate_techniques.renew(check)
    for page in sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")]):
        old = page.read_text()
        new = BLOCK.sub(renew, generate_graph.renewed(old) if page == generate_graph.PAGE else old)
        if new == old:
            continue
        stale += 1
        if check:
            sys.stdout.writelines(
                difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"{page.name} (written)", f"{page.name} (real)")
            )
        else:
            page.write_text(new)
            print(f"renewed {page.relative_to(ROOT)}")
    if check and stale:
        print(f"{stale} page(s) do not show what the program prints: run `make docs`")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
