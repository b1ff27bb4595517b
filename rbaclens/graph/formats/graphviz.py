"""Pictures by Graphviz's program ``dot``."""

from __future__ import annotations

import shutil
import subprocess
from typing import Literal

from rbaclens.errors import RbaclensError
from rbaclens.graph.formats.dot import write as dot_text
from rbaclens.graph.model import Graph

SECONDS = 60
_CROWDED = 600
"""Beyond so many edges, lines are drawn straight and the search for a better order ends early: quick, and no less readable."""
_SMALL = 60


def picture(graph: Graph, form: Literal["svg", "png"]) -> bytes:
    """The graph, drawn; raises RbaclensError where Graphviz is missing, fails or takes too long."""
    program = shutil.which("dot")
    if program is None:
        raise RbaclensError(
            f"{form} is drawn by Graphviz, whose program dot is not here",
            "apt-get install graphviz (or brew install graphviz); --format html needs nothing",
        )
    quick = ("-Gsplines=line", "-Gmclimit=0.2", "-Gnslimit=4", "-Gnslimit1=4") if len(graph.edges) > _CROWDED else ()
    # Pixels cost time: small pictures are made sharp, large ones are made.
    sharp = ("-Gdpi=120",) if form == "png" and len(graph.nodes) <= _SMALL else ()
    try:
        done = subprocess.run(  # noqa: S603
            [program, f"-T{form}", *quick, *sharp],
            input=dot_text(graph).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RbaclensError(
            f"Graphviz did not find places for {len(graph.nodes)} nodes and {len(graph.edges)} edges within {SECONDS} s",
            "show less: --max-nodes N, --focus, --namespace, --level namespace",
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise RbaclensError(
            f"Graphviz could not draw it: {said[-1] if said else f'exit code {done.returncode}'}", "show less, or --format dot"
        )
    return done.stdout
