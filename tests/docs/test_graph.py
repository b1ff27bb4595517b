"""docs/graph.md declares what the program declares, and the picture shows the sample policies of today."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

from click.testing import CliRunner

from rbaclens.cli.graph import command

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = [part for name in ("shop.yaml", "oncall.yaml", "bob.jsonl") for part in ("-f", f"policies/{name}")]


def test_tables_are_of_today(monkeypatch):
    """The tables of kinds and formats are what `make docs` would write."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import generate_graph

    page = (ROOT / "docs" / "graph.md").read_text()
    assert generate_graph.renewed(page) == page
    del sys.modules["generate_graph"]


def test_the_picture_is_of_today(monkeypatch):
    """Every node and edge of the samples, and nothing else, is in the picture (`make picture` draws it again)."""
    monkeypatch.chdir(ROOT)
    graph = json.loads(CliRunner().invoke(command, [*SAMPLES, "-q", "--format", "json"]).stdout)
    drawn = {"node": [], "edge": []}
    for one in ElementTree.parse(ROOT / "docs" / "images" / "graph.svg").getroot().iter("{http://www.w3.org/2000/svg}g"):  # noqa: S314
        if one.get("class") in drawn:
            drawn[one.get("class")].append(one.findtext("{http://www.w3.org/2000/svg}title"))
    assert sorted(drawn["node"]) == sorted(node["id"] for node in graph["nodes"])
    assert sorted(drawn["edge"]) == sorted(f"{edge['source']}->{edge['target']}" for edge in graph["edges"])
